"""The figures of a report as inline SVG with captions, one group for each condition."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure as MplFigure

from longstride.report import plots
from longstride.report.conditions import group_by_condition
from longstride.report.style import drawing, to_svg
from longstride.units import PS
from longstride.validation import Curve, Speed

Plot = Callable[[Curve, Axes], Axes]


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
class FigureGroup:
    """Figures under one heading.

    Attributes:
        title: the condition in words, or nothing.
        figures: in the order of the page.
    """

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A figure: its plots by quantity, drawn on the same axes, and a lower panel of the first."""

    title: str
    plots: Mapping[str, Plot]
    caption: str
    lower: Plot | None = None


_PARITY_CAPTION: Final = (
    "Components at the stride’s end, predicted against true; below, predicted minus true."
    " A random selection."
)

_KINDS: Final = (
    _Kind(
        "Error at every stage of a stride",
        {
            "stage_error_d": plots.plot_stage_error_d,
            "stage_error_w": plots.plot_stage_error_w,
        },
        "RMS error over RMS of d, the displacement that free flight does not explain, and of w,"
        " the change of velocity.",
    ),
    _Kind(
        "Parity of the displacement d",
        {"parity_d": plots.plot_parity_d},
        _PARITY_CAPTION,
        plots.plot_residual,
    ),
    _Kind(
        "Parity of the velocity change w",
        {"parity_w": plots.plot_parity_w},
        _PARITY_CAPTION,
        plots.plot_residual,
    ),
    _Kind(
        "Horizon",
        {"horizon": plots.plot_horizon, "horizon_limit": plots.plot_horizon_limit},
        "Distance from the reference’s trajectory. The reference’s line is the bound that chaos"
        " sets: two of its own runs with different time steps.",
    ),
    _Kind(
        "Total energy, nothing corrected",
        {"nve_total": plots.plot_nve_total},
        "Kinetic energy plus the reference’s potential energy of the same frames, since the start.",
    ),
    _Kind(
        "Kinetic energy, nothing corrected",
        {"nve_kinetic": plots.plot_nve_kinetic},
        "Change since the start at constant energy; it swings, but must not drift.",
    ),
    _Kind(
        "Temperature over time",
        {"temperature": plots.plot_temperature},
        "Kinetic temperature of the whole cell; dashed: the bath.",
    ),
    _Kind(
        "Temperature of each wavevector",
        {"equipartition": plots.plot_equipartition},
        "A global thermostat fixes only the mean; in equilibrium the line is flat.",
    ),
    _Kind(
        "Radial distribution",
        {"rdf": plots.plot_rdf},
        "Density around an atom relative to the bulk; below, surrogate minus reference.",
        plots.plot_difference,
    ),
    _Kind(
        "Angular distribution",
        {"adf": plots.plot_adf},
        "Angles between the bonds to nearest neighbours; below, surrogate minus reference.",
        plots.plot_difference,
    ),
    _Kind(
        "Structure factor",
        {"structure_factor": plots.plot_structure_factor},
        "On the wavevectors that fit the cell.",
    ),
    _Kind(
        "Local structure",
        {"cna": plots.plot_cna},
        "Neighbourhoods by common-neighbour analysis, bars the reference; below, surrogate minus"
        " reference.",
        plots.plot_cna_difference,
    ),
    _Kind(
        "Mean square displacement",
        {"msd": plots.plot_msd},
        "All time origins, drift of the center of mass removed.",
        partial(plots.plot_difference, scale=1.0 / PS),
    ),
    _Kind(
        "Velocity autocorrelation",
        {"vacf": plots.plot_vacf},
        "Mass-weighted, one at the start; below, surrogate minus reference.",
        partial(plots.plot_difference, scale=1.0 / PS),
    ),
    _Kind(
        "Vibrational density of states",
        {"vdos": plots.plot_vdos},
        "Spectrum of the mass-weighted velocities, unit area.",
    ),
    _Kind(
        "Phonon dispersion",
        {"dispersion": plots.plot_dispersion},
        "Peaks of the spectral energy density on the wavevectors of the cell.",
    ),
)
"""How each quantity is shown, in the order of the page."""


def curve_groups(curves: Sequence[Curve]) -> tuple[FigureGroup, ...]:
    """Figures of all curves whose quantity has a plot, by condition, in the order of the page."""
    groups = []
    for k, (title, members) in enumerate(group_by_condition(curves, lambda c: c.condition)):
        figures = []
        for j, kind in enumerate(_KINDS):
            shown = [c for name in kind.plots for c in members if c.quantity == name]
            if shown:
                figures.append(_curve_figure(f"f{k}-{j}", title, kind, shown))
        if figures:
            groups.append(FigureGroup(title, tuple(figures)))
    return tuple(groups)


def _curve_figure(name: str, condition: str, kind: _Kind, curves: Sequence[Curve]) -> Figure:
    first = curves[0]
    with drawing():
        figure = MplFigure(figsize=(5.2, 3.5), layout="constrained")
        if kind.lower is None or len(first.references) == 0:
            main = figure.add_subplot()
        else:
            main, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1.0))
            kind.lower(first, lower)
        for curve in curves:
            kind.plots[curve.quantity](curve, main)
        if len(figure.axes) > 1:
            lower.set_xlabel(main.get_xlabel())
            main.set_xlabel("")
        figure.align_ylabels()
        svg = to_svg(figure, name, f"{kind.title}, {condition}" if condition else kind.title)
    caption = kind.caption
    if first.quantity == "vdos":
        caption += f" Frames resolve up to {first.x[-1]:.3g} THz."
    return Figure(kind.title, caption, svg)


def speed_figure(speeds: Sequence[Speed], instructions: str | None) -> Figure | None:
    """The bars of speed, or None where no speed was measured.

    Args:
        speeds: of the programs.
        instructions: instruction set of the surrogate's kernel, where it is known.
    """
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
    if instructions is not None:
        caption += f" The surrogate’s kernel runs by the instruction set {instructions}."
    return Figure("Speed", caption, svg)
