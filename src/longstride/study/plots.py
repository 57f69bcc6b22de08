"""The figures of a study: its numbers against temperature."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure

from longstride.report.style import INK, REFERENCE, SURROGATE, drawing, to_svg
from longstride.study.merge import DIFFUSION, LATTICE, ConditionMeans, Curve, Fit, curves

MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Of the curves of one figure, in turn."""

TWO_COLOURS: Final = (SURROGATE, REFERENCE)

LABELS: Final = {
    "temperature_K": "kinetic temperature − set temperature (K)",
    "potential_energy_eV_per_atom": "potential energy (eV/atom)",
    "pressure_GPa": "pressure (GPa)",
    LATTICE: "lattice constant (Å)",
    "volume_A3_per_atom": "volume (Å³/atom)",
    DIFFUSION: "diffusion coefficient (Å²/ps)",
    "failed_checks": "failed checks",
    "largest_value_over_threshold": "largest |value| over threshold",
}
"""Axes of the quantities that are drawn, in the order of the page."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure of the page."""

    title: str
    caption: str
    svg: str


def drawings(conditions: Sequence[ConditionMeans], fits: Sequence[Fit]) -> tuple[Drawing, ...]:
    """A figure for each quantity that was measured at two temperatures or more."""
    made = []
    for quantity, label in LABELS.items():
        found = [one for one in curves(conditions, quantity) if len(one.temperatures) > 1]
        if found:
            mine = [fit for fit in fits if fit.quantity == quantity]
            made.append(_drawing(quantity, label, found, mine))
    return tuple(made)


def _drawing(quantity: str, label: str, found: Sequence[Curve], fits: Sequence[Fit]) -> Drawing:
    law = quantity == DIFFUSION and any(fit.arrhenius is not None for fit in fits)
    place: Callable[[Sequence[float]], np.ndarray] = _inverse if law else np.asarray
    title = label.partition(" (")[0].capitalize()
    with drawing():
        figure = MplFigure(figsize=(5.2, 3.5), layout="constrained")
        ax = figure.add_subplot()
        for k, curve in enumerate(found):
            _points(ax, curve, quantity, place, k)
        for k, curve in enumerate(found):
            for fit in fits:
                if fit.curve == curve:
                    _line(ax, fit, place, k)
        ax.set_xlabel("1000 / temperature (1/K)" if law else "temperature (K)")
        ax.set_ylabel(label)
        if law:
            ax.set_yscale("log")
        if any(curve.label for curve in found):
            ax.legend(fontsize=8.5)
        svg = to_svg(figure, quantity.replace("_", "-"), title)
    caption = "Means over the seeds with one standard error."
    if fits:
        caption += " Lines are fits." if law or quantity == LATTICE else ""
    return Drawing(title, caption, svg)


def _points(
    ax: Axes,
    curve: Curve,
    quantity: str,
    place: Callable[[Sequence[float]], np.ndarray],
    k: int,
) -> None:
    values = np.array([mean.value for mean in curve.means])
    errors = np.array([mean.error for mean in curve.means])
    if quantity == "temperature_K":
        values = values - np.array(curve.temperatures)
        ax.axhline(0.0, color=INK, linewidth=0.8)
    ax.errorbar(
        place(curve.temperatures),
        values,
        yerr=np.where(np.isfinite(errors), errors, 0.0),
        color=TWO_COLOURS[k % 2],
        marker=MARKS[k % len(MARKS)],
        markersize=4.5,
        linestyle="none",
        elinewidth=1.0,
        capsize=2.5,
        label=curve.label or None,
    )


def _line(ax: Axes, fit: Fit, place: Callable[[Sequence[float]], np.ndarray], k: int) -> None:
    kelvin = np.linspace(min(fit.curve.temperatures), max(fit.curve.temperatures), 60)
    law = fit.arrhenius if fit.arrhenius is not None else fit.line
    if law is not None:
        values = [law.at(float(t)).value for t in kelvin]
        ax.plot(place(list(kelvin)), values, color=TWO_COLOURS[k % 2], linewidth=1.0, alpha=0.7)


def _inverse(temperatures: Sequence[float]) -> np.ndarray:
    return 1000.0 / np.asarray(temperatures)
