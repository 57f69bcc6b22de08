"""The figures of a report as inline SVG with captions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure

from longstride.report import plots
from longstride.report.style import drawing, to_svg
from longstride.units import PS
from longstride.validation import Curve, Speed


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the page.

    Attributes:
        title: heading.
        caption: what is seen, one or two sentences.
        svg: the drawing.
    """

    title: str
    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class _Kind:
    title: str
    plot: Callable[..., Axes]
    caption: str
    difference_scale: float | None


_KINDS: Final = {
    "rdf": _Kind(
        "Radial distribution",
        plots.plot_rdf,
        "Density around an atom relative to the bulk; below, surrogate minus reference.",
        1.0,
    ),
    "vdos": _Kind(
        "Vibrational density of states",
        plots.plot_vdos,
        "Spectrum of the mass-weighted velocities, unit area.",
        None,
    ),
    "temperature": _Kind(
        "Temperature over time",
        plots.plot_temperature,
        "Kinetic temperature of the whole cell; dashed: the bath.",
        None,
    ),
    "msd": _Kind(
        "Mean square displacement",
        plots.plot_msd,
        "All time origins, drift of the center of mass removed.",
        1.0 / PS,
    ),
    "equipartition": _Kind(
        "Temperature of each wavevector",
        plots.plot_equipartition,
        "A global thermostat fixes only the mean; in equilibrium the line is flat.",
        None,
    ),
}
"""How each quantity is shown, in the order of the page."""


def curve_figures(curves: Sequence[Curve]) -> tuple[Figure, ...]:
    """Figures of all curves whose quantity has a plot, in the order of the page."""
    order = list(_KINDS)
    shown = [c for c in curves if c.quantity in _KINDS]
    shown.sort(key=lambda c: order.index(c.quantity))
    return tuple(_curve_figure(k, curve) for k, curve in enumerate(shown))


def _curve_figure(index: int, curve: Curve) -> Figure:
    kind = _KINDS[curve.quantity]
    with drawing():
        figure = MplFigure(figsize=(5.2, 3.5), layout="constrained")
        if kind.difference_scale is None:
            main = figure.add_subplot()
            kind.plot(curve, main)
        else:
            main, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1.0))
            kind.plot(curve, main)
            plots.plot_difference(curve, lower, kind.difference_scale)
            lower.set_xlabel(main.get_xlabel())
            main.set_xlabel("")
        figure.align_ylabels()
        condition = curve.condition.replace("K", " K")
        title = f"{kind.title}, {condition}" if condition else kind.title
        svg = to_svg(figure, f"f{index}", title)
    caption = kind.caption
    if curve.quantity == "vdos":
        caption += f" Frames resolve up to {curve.x[-1]:.3g} THz."
    return Figure(title, caption, svg)


def speed_figure(speeds: Sequence[Speed]) -> Figure | None:
    """The bars of speed, or None where no speed was measured."""
    if not speeds:
        return None
    with drawing():
        figure = MplFigure(figsize=(5.2, 0.7 + 0.75 * len(speeds)), layout="constrained")
        plots.plot_speed(speeds, figure.add_subplot())
        svg = to_svg(figure, "speed", "Speed of the programs")
    first = speeds[0]
    cores = "core" if first.cores == 1 else "cores"
    caption = (
        f"{first.n_atoms} atoms on {first.cores} {cores}, timed in turns; bars are medians,"
        " dark lines the extremes of the repeats."
    )
    return Figure("Speed", caption, svg)
