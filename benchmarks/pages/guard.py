"""docs/guard.md and its figure, from benchmarks/results/guard alone."""

import os
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from pages.figures import SETTINGS
from pages.guard_text import HEAD, RULES, TAIL
from pages.load import Piece, Results
from pages.text import NOT_MEASURED, listed, table

COLUMNS = (
    "case",
    "model",
    "fires",
    "by",
    "energy wrong",
    "g(r) wrong",
    "breaks down",
    "looks outside",
)

FIGURE, SHOWN = "guard.png", "al"
"""The picture, and the model that is in it."""


def write(results: Path, docs: Path) -> list[Path]:
    """Write the page and its figure; returns the files written."""
    found = Results.read(results)
    pieces = [piece for piece in found.of("guard") if piece["leaves"]]
    shipped = [piece for piece in pieces if piece["model"]["name"] == SHOWN]
    drawn = _draw(shipped, docs / "figures")
    parts = [HEAD, *_cost(found), *_left(found, pieces), *drawn[1], *_relay(found)]
    parts += [*_stays(found), *_species(found), TAIL]
    target = docs / "guard.md"
    partial = target.with_name(target.name + ".partial")
    partial.write_text("\n".join(parts), encoding="utf-8")
    os.replace(partial, target)
    return [target, *drawn[0]]


def _left(found: Results, pieces: list[Piece]) -> list[str]:
    if not pieces:
        return [f"## Out of the regime\n\n{NOT_MEASURED}\n"]
    rows = [_row(piece) for piece in pieces]
    late = [_named(piece) for piece in pieces if _too_late(piece["result"])]
    silent = [
        _named(piece)
        for piece in pieces
        if piece["result"]["fires_at"] is None and piece["result"]["wrong_at"] is None
    ]
    lines = [
        "## Out of the regime",
        "",
        RULES,
        "",
        table(
            COLUMNS,
            rows,
        ),
        "",
    ]
    if late:
        lines += [f"**The guard was late or silent in: {listed(late)}.**", ""]
    if silent:
        lines += [
            f"Neither did the guard fire nor the rollout go wrong in: {listed(silent)}.",
            "",
        ]
    return [*lines, *found.provenance("guard"), ""]


def _named(piece: Piece) -> str:
    return f"{piece['title']} (`{piece['model']['name']}`)"


def _too_late(result: dict[str, Any]) -> bool:
    wrong, fires = result["wrong_at"], result["fires_at"]
    return wrong is not None and (fires is None or fires > wrong)


def _row(piece: Piece) -> list[str]:
    result = piece["result"]
    times = [result[k] for k in ("energy_wrong_at", "rdf_wrong_at", "broke_at")]
    return [
        piece["title"],
        piece["model"]["name"],
        _time(result["fires_at"]),
        (result["by"] or "–").removesuffix("_eV"),
        *(_time(time) for time in times),
        f"{result['looks_outside']} of {result['looks']}",
    ]


def _time(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _cost(found: Results) -> list[str]:
    rows = [
        [
            piece["model"]["name"],
            f"{piece['result']['stride_us_per_atom']:.2f}",
            f"{piece['result']['look_us_per_atom']:.2f}",
            f"{100 * piece['result']['share']:.1f} %",
        ]
        for piece in found.of("cost")
    ]
    if not rows:
        return []
    header = ["model", "stride, µs/atom", "look, µs/atom", "share of a run, a look every ten"]
    return [
        "## Cost",
        "",
        "Processor time of one thread, 2,048 atoms, medians of seven rounds in turns.",
        "",
        table(header, rows),
        "",
        *found.provenance("cost"),
        "",
    ]


def _relay(found: Results) -> list[str]:
    lines = []
    for piece in found.of("relay"):
        result = piece["result"]
        back = result["handed_back_at"]
        end = (
            "had not handed back by its end"
            if result["on_reference_at_the_end"]
            else f"handed back at {back:.2f} ps"
        )
        lines += [
            "With `--on-leave reference`, two atoms pushed to 1.9 Å of each other: the reference"
            f" did {result['reference_strides']} of {result['strides']} strides and {end}.",
            "",
        ]
    return lines


def _stays(found: Results) -> list[str]:
    stays = [piece for piece in found.of("guard") if not piece["leaves"]]
    if not stays:
        return []
    stays.sort(key=lambda piece: float(piece["title"].split()[2]))
    rows = [
        [
            piece["title"],
            piece["model"]["name"],
            f"{piece['duration'] / 1000:g}",
            f"{piece['result']['looks'] * piece['result']['n_atoms']:,}",
            str(piece["result"]["atoms_outside"]),
            f"{piece['result']['largest_share']:.2f}",
        ]
        for piece in stays
    ]
    header = [
        "run",
        "model",
        "ps",
        "atoms × looks",
        "false alarms",
        "largest signal over its limit",
    ]
    return [
        "## Inside of the regime",
        "",
        "The same model, in a Langevin bath at the lattice constant of its temperature,",
        "looking every stride.",
        "",
        table(header, rows),
        "",
    ]


def _species(found: Results) -> list[str]:
    pieces = found.of("species")
    if not pieces:
        return []
    refused = pieces[0]["result"]["refused_with_force"]
    said = "A copper atom in the box is refused before a run begins, with `--force` too: "
    return [f"{said}“{refused}”.", ""]


def _draw(pieces: list[Piece], folder: Path) -> tuple[list[Path], list[str]]:
    """The largest signal and the error of the energy against time, a column for each case."""
    if not pieces:
        return [], []
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(2.7 * len(pieces), 4.6), layout="constrained")
        axes = figure.subplots(2, len(pieces), squeeze=False)
        for (top, bottom), piece in zip(axes.T, pieces, strict=True):
            result, series = piece["result"], piece["result"]["series"]
            top.plot(series["look_time"], series["share"], "k-", linewidth=0.8)
            top.axhline(1.0, color="tab:red", linestyle=":")
            top.set(title=f"{piece['model']['name']}: {piece['case']}", yscale="log")
            off = [
                1e3 * abs(a - b)
                for a, b in zip(series["energy"], series["reference_energy"], strict=True)
            ]
            bottom.plot(series["window_time"], off, "k-")
            limit = [1e3 * value for value in series["energy_limit"]]
            bottom.plot(series["window_time"], limit, color="0.6", linestyle="--")
            bottom.set(xlabel="time (ps)", yscale="log")
            for ax in (top, bottom):
                if result["fires_at"] is not None:
                    ax.axvline(result["fires_at"], color="tab:red", linewidth=1)
                if result["wrong_at"] is not None:
                    ax.axvline(result["wrong_at"], color="tab:blue", linestyle="--", linewidth=1)
        axes[0, 0].set_ylabel("largest signal over its limit")
        axes[1, 0].set_ylabel("error of the energy (meV/atom)")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FIGURE
        figure.savefig(path, dpi=100, metadata={"Software": None})
    caption = (
        "Red: the guard fires. Blue, dashed: the rollout goes wrong. Grey, dashed: three noise"
        " floors of the energy."
    )
    return [path], [f"![Signals and errors against time](figures/{FIGURE})", "", caption, ""]
