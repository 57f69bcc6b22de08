"""Dynamics: displacements, correlations of velocities, spectra, phonons."""

import numpy as np
from matplotlib.axes import Axes

from longstride.report.plots.marks import DASHED, axes, band, draw_both, draw_points, shade
from longstride.report.style import INK, REFERENCE
from longstride.units import PS
from longstride.validation import Curve


def plot_msd(curve: Curve, ax: Axes | None = None) -> Axes:
    """Mean square displacement."""
    ax = draw_both(axes(ax), curve, scale=1.0 / PS)
    ax.set(xlabel="lag (ps)", ylabel="MSD (Å²)")
    ax.set_ylim(bottom=0)
    return ax


def plot_vacf(curve: Curve, ax: Axes | None = None) -> Axes:
    """Velocity autocorrelation, one at the start."""
    ax = axes(ax)
    ax.axhline(0.0, color=INK, linewidth=0.8, linestyle=DASHED)
    draw_both(ax, curve, scale=1.0 / PS)
    ax.set(xlabel="lag (ps)", ylabel="autocorrelation")
    return ax


def plot_vdos(curve: Curve, ax: Axes | None = None) -> Axes:
    """Vibrational density of states; its grid ends at the frames' Nyquist frequency."""
    ax = draw_both(axes(ax), curve)
    known = curve.reference if len(curve.references) else curve.surrogate
    weight = np.cumsum(known) / np.sum(known)
    # All but a hundredth of the band, then some empty axis.
    top = 1.25 * float(curve.x[min(int(np.searchsorted(weight, 0.99)), len(curve.x) - 1)])
    ax.set(xlabel="frequency (THz)", ylabel="density (1/THz)")
    ax.set_xlim(0, min(top, float(curve.x[-1])))
    ax.set_ylim(bottom=0)
    return ax


def plot_dispersion(curve: Curve, ax: Axes | None = None) -> Axes:
    """One phonon branch: Γ in the middle, the path to L on the left, any other on the right."""
    ax = axes(ax)
    path, _, polarisation = curve.condition.rpartition(", ")[2].rpartition(" ")
    side = -1.0 if path.endswith("L") else 1.0
    x = side * curve.x
    if len(curve.references):
        mean, width = curve.reference, band(curve)
        shade(ax, x, mean - width, mean + width)
        ax.plot(x, mean, color=REFERENCE, linewidth=2.2, alpha=0.75)
    across = polarisation == "transverse"
    draw_points(
        ax,
        x,
        curve.surrogate,
        curve.surrogate_error,
        linestyle="none",
        marker="^" if across else "o",
        markersize=4.5,
        label=polarisation,
    )
    ax.axvline(0.0, color=INK, linewidth=0.7)
    ax.set_xticks([-1.0, 0.0, 1.0], ["L", "Γ", "X"])
    # Each polarisation once, however many paths were drawn before.
    handles, labels = ax.get_legend_handles_labels()
    kinds = dict(zip(labels, handles, strict=True))
    ax.legend(kinds.values(), kinds.keys(), loc="lower right")
    ax.set(xlabel="wavevector along the path", ylabel="frequency (THz)")
    ax.set_ylim(bottom=0)
    return ax
