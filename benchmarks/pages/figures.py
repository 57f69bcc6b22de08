"""Small figures of the pages: error against temperature, energy against time."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from pages.load import Results
from pages.targets import NVE_TEMPERATURES, ONESTEP_TEMPERATURES, d_target, w_target

STYLES = {
    "kicks": ("tab:blue", "o"),
    "staged": ("tab:orange", "s"),
    "one-stage": ("tab:red", "^"),
    "kicks-no-attention": ("tab:cyan", "v"),
    "reference": ("0.55", ""),
}
SHIPPED = ("black", "o")

SETTINGS: dict[Any, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "font.size": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.3,
    "lines.markersize": 4,
}


def draw(results: Results, folder: Path) -> dict[str, Path]:
    """Figures that have data, by key."""
    drawn = {}
    with mpl.rc_context(SETTINGS):
        for key, figure in (("onestep", _onestep(results)), ("nve", _nve(results))):
            if figure is None:
                continue
            folder.mkdir(parents=True, exist_ok=True)
            drawn[key] = folder / f"{key}.png"
            figure.savefig(drawn[key], dpi=110, metadata={"Software": None})
    return drawn


def _style(results: Results, name: str) -> tuple[str, str]:
    return SHIPPED if name == results.shipped else STYLES.get(name, ("tab:brown", "x"))


def _onestep(results: Results) -> Figure | None:
    names = [piece["model"]["name"] for piece in results.of("onestep")]
    if not names:
        return None
    figure = Figure(figsize=(8.0, 3.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, symbol, key, target in zip(
        axes, "wd", ("velocity", "displacement"), (w_target, d_target), strict=True
    ):
        for name in dict.fromkeys(names):
            colour, marker = _style(results, name)
            found = [(t, results.find("onestep", name, t)) for t in ONESTEP_TEMPERATURES]
            points = [(t, 100 * p["model"][key][-1]) for t, p in found if p]
            if points:
                ax.plot(*zip(*points, strict=True), marker + "-", color=colour, label=name)
        limits = [100 * target(t) for t in ONESTEP_TEMPERATURES]
        ax.step(ONESTEP_TEMPERATURES, limits, "k:", where="post", label="target")
        ax.set(xlabel="temperature (K)", title=f"error of {symbol} after the stride", yscale="log")
    axes[0].set_ylabel("relative error (%)")
    axes[1].legend(fontsize=7)
    return figure


def _nve(results: Results) -> Figure | None:
    known = [t for t in NVE_TEMPERATURES if any(p["temperature"] == t for p in results.of("nve"))]
    if not known:
        return None
    figure = Figure(figsize=(2.9 * len(known), 3.1), layout="constrained")
    axes = figure.subplots(1, len(known), squeeze=False)[0]
    for ax, t in zip(axes, known, strict=True):
        for piece in results.of("nve"):
            if piece["temperature"] != t or "series" not in piece["result"]:
                continue
            name, series = piece["model"]["name"], piece["result"]["series"]
            colour, _ = _style(results, name)
            ax.plot(series["time"], series["total_energy_change"], color=colour, label=name)
        ax.set(xlabel="time (ps)", title=f"NVE, {t:g} K")
    axes[0].set_ylabel("change of total energy (meV/atom)")
    axes[0].legend(fontsize=7)
    return figure
