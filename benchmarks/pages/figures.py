"""Small figures of the pages: error against temperature, energy against time."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from pages.load import Results
from pages.suite import Example
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


def draw(results: Results, example: Example | None, folder: Path) -> dict[str, Path]:
    """Figures that have data, by key."""
    drawn = {}
    with mpl.rc_context(SETTINGS):
        figures = {
            "onestep": _onestep(results),
            "nve": _nve(results),
            "structure": _structure(example),
            "speed": _speed(results),
        }
        for key, figure in figures.items():
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


def _structure(example: Example | None) -> Figure | None:
    """g(r) and MSD in the band of the reference's noise, a row for each temperature."""
    curves = {} if example is None else {curve.name: curve for curve in example.curves}
    conditions = [name[len("rdf") :] for name in curves if name.startswith("rdf[")]
    if not conditions:
        return None
    figure = Figure(figsize=(8.0, 2.6 * len(conditions)), layout="constrained")
    axes = figure.subplots(len(conditions), 2, squeeze=False)
    for row, condition in zip(axes, conditions, strict=True):
        for ax, quantity, scale in zip(row, ("rdf", "msd"), (1.0, 1e-3), strict=True):
            curve = curves[quantity + condition]
            x, mean = scale * curve.x, curve.reference
            error = 2.0 * np.sqrt(np.mean(curve.references_error**2, axis=0))
            ax.fill_between(x, mean - error, mean + error, color="0.7", label="LAMMPS, ± 2 errors")
            ax.plot(x, curve.surrogate, "k-", linewidth=0.9, label="model")
        temperature = condition.strip("[]").replace("K", " K")
        row[0].set(xlabel="distance (Å)", ylabel="g(r)", title=temperature)
        row[1].set(xlabel="lag (ps)", ylabel="MSD (Å²)", title=temperature)
    axes[0, 1].legend(fontsize=7)
    return figure


def _speed(results: Results) -> Figure | None:
    piece = results.speed
    if piece is None:
        return None
    rows = {**piece["result"]["maps"], "LAMMPS, 2 fs steps": piece["result"]["reference"]}
    figure = Figure(figsize=(6.0, 0.6 + 0.4 * len(rows)), layout="constrained")
    ax = figure.subplots()
    ax.barh(list(rows), [row["ns_per_day"] for row in rows.values()], color="tab:blue")
    ax.invert_yaxis()
    ax.set(xlabel=f"ns/day of {piece['result']['n_atoms']} atoms")
    return figure
