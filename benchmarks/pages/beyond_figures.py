"""Figures of docs/beyond.md: g(r) of liquids, melting, error against temperature."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from pages.beyond_pairs import pairs
from pages.figures import SETTINGS
from pages.load import Results

TITLES = {
    "liquid": "g(r) of liquids",
    "melting": "Crystalline atoms against time, of crystal and melt side by side",
    "temperature": "Error of one stride and distance to the data, against temperature",
}

Curve = Callable[[dict[str, Any]], tuple[list[float], list[float]]]

COLOURS = {"al": "tab:orange", "al-broad": "tab:blue", "al-cold": "tab:green"}


def draw(found: Results, folder: Path) -> dict[str, Path]:
    """Figures that have data, by key."""
    drawn = {}
    with mpl.rc_context(SETTINGS):
        figures = {
            "liquid": _panels(found, "liquid", _pair_distribution, "r, Å", "g(r)"),
            "melting": _panels(found, "coexistence", _front, "ps", "crystalline atoms"),
            "temperature": _temperature(found),
        }
        for key, figure in figures.items():
            if figure is None:
                continue
            folder.mkdir(parents=True, exist_ok=True)
            drawn[key] = folder / f"beyond-{key}.png"
            figure.savefig(drawn[key], dpi=110, metadata={"Software": None})
    return drawn


def _colour(model: str) -> str:
    return COLOURS.get(model, "tab:purple")


def _panels(found: Results, kind: str, drawn: Curve, across: str, up: str) -> Figure | None:
    """One panel a case: the reference's two runs in grey, every model in its colour.

    Args:
        found: the pieces.
        kind: what the names of the cases begin with.
        drawn: the curve of one run.
        across: label of its first numbers.
        up: label of its second.
    """
    chosen = pairs(found, lambda case: case.startswith(kind))
    titles = list(dict.fromkeys(pair.title for pair in chosen))
    if not titles:
        return None
    figure = Figure(figsize=(3.4 * len(titles), 2.8), layout="constrained")
    axes = figure.subplots(1, len(titles), squeeze=False)[0]
    for axis, title in zip(axes, titles, strict=True):
        own = [pair for pair in chosen if pair.title == title]
        for number, run in enumerate(own[0].runs):
            axis.plot(*drawn(run), color="0.6", label="" if number else "LAMMPS")
        for pair in own:
            for number, rollout in enumerate(pair.whole):
                label = "" if number else pair.model
                axis.plot(*drawn(rollout), "--", color=_colour(pair.model), label=label)
        axis.set(title=title, xlabel=across, ylabel=up)
        axis.legend()
    return figure


def _pair_distribution(run: dict[str, Any]) -> tuple[list[float], list[float]]:
    return run["r"], run["g"]


def _front(run: dict[str, Any]) -> tuple[list[float], list[float]]:
    return run["time"], run["crystalline"]


def _temperature(found: Results) -> Figure | None:
    pieces = sorted(found.of("temperature"), key=lambda piece: float(piece["temperature"]))
    if not pieces:
        return None
    figure = Figure(figsize=(6.8, 2.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for model in dict.fromkeys(piece["model"]["name"] for piece in pieces):
        own = [piece for piece in pieces if piece["model"]["name"] == model]
        kelvin = [piece["temperature"] for piece in own]
        style = {"color": _colour(model), "marker": "o", "label": model}
        left.plot(kelvin, [100.0 * piece["result"]["w"] for piece in own], **style)
        right.plot(kelvin, [piece["result"]["share"] for piece in own], **style)
    left.set(xlabel="K", ylabel="w, %", yscale="log")
    right.set(xlabel="K", ylabel="largest signal over its limit")
    right.axhline(1.0, color="0.5", linestyle="--")
    left.legend()
    return figure
