"""Energies and temperatures over time, and how the kinetic energy is shared."""

from matplotlib.axes import Axes

from longstride.report.plots.marks import DASHED, axes, band, draw_points, draw_runs, shade
from longstride.report.style import INK, REFERENCE
from longstride.units import PS
from longstride.validation import Curve


def plot_nve_total(curve: Curve, ax: Axes | None = None) -> Axes:
    """Change of kinetic plus true potential energy at constant energy."""
    return _change(curve, axes(ax))


def plot_nve_kinetic(curve: Curve, ax: Axes | None = None) -> Axes:
    """Change of the kinetic energy at constant energy."""
    return _change(curve, axes(ax))


def _change(curve: Curve, ax: Axes) -> Axes:
    ax.axhline(0.0, color=INK, linewidth=0.8, linestyle=DASHED)
    draw_runs(ax, curve, scale=1.0 / PS)
    ax.set(xlabel="time (ps)", ylabel="change (meV/atom)")
    return ax


def plot_temperature(curve: Curve, ax: Axes | None = None) -> Axes:
    """Kinetic temperature over time; every reference run is a line of its own."""
    ax = draw_runs(axes(ax), curve, scale=1.0 / PS)
    target = curve.condition.removesuffix("K")
    if target.replace(".", "", 1).isdigit():
        ax.axhline(float(target), color=INK, linewidth=0.8, linestyle=DASHED)
    ax.set(xlabel="time (ps)", ylabel="temperature (K)")
    return ax


def plot_equipartition(curve: Curve, ax: Axes | None = None) -> Axes:
    """Kinetic temperature of each wavevector: flat where energy is shared evenly."""
    ax = axes(ax)
    if len(curve.references):
        mean, width = curve.reference, band(curve)
        shade(ax, curve.x, mean - width, mean + width)
        ax.plot(curve.x, mean, color=REFERENCE, linewidth=2.2, alpha=0.75, label="reference")
    draw_points(ax, curve.x, curve.surrogate, curve.surrogate_error)
    ax.set(xlabel="wavevector (1/Å)", ylabel="temperature (K)")
    return ax
