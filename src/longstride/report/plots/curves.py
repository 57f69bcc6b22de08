"""Plots of one curve each: ``plot_*(curve, ax=None)`` draws on the axes and returns them.

The references are drawn as one line, their mean, in a band of two standard errors or of the spread
between them, whichever is wider; the surrogate as a thin line on top.
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from longstride.report.style import INK, REFERENCE, SURROGATE
from longstride.units import PS
from longstride.validation import Curve, Speed

Array = NDArray[np.floating]


def band(curve: Curve) -> Array:
    """(B,) half width of the reference's band: two standard errors, or the spread of the runs."""
    error = 2.0 * np.sqrt(np.mean(curve.references_error**2, axis=0))
    spread = 0.5 * np.ptp(curve.references, axis=0)
    return np.maximum(error, spread)


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots(figsize=(5.2, 3.2), layout="constrained")[1] if ax is None else ax


def _both(curve: Curve, ax: Axes, scale: float = 1.0) -> Axes:
    x, mean, width = curve.x * scale, curve.reference, band(curve)
    ax.fill_between(x, mean - width, mean + width, color=REFERENCE, alpha=0.28, linewidth=0)
    ax.plot(x, mean, color=REFERENCE, linewidth=3.4, alpha=0.55, label="reference")
    ax.plot(x, curve.surrogate, color=SURROGATE, linewidth=1.1, label="surrogate")
    ax.margins(x=0.01)
    return ax


def plot_rdf(curve: Curve, ax: Axes | None = None) -> Axes:
    """Radial distribution function."""
    ax = _both(curve, _axes(ax))
    ax.set(xlabel="distance (Å)", ylabel="g(r)")
    ax.set_xlim(left=_first_nonzero(curve))
    ax.set_ylim(bottom=0)
    return ax


def _first_nonzero(curve: Curve) -> float:
    occupied = np.flatnonzero(np.maximum(curve.reference, curve.surrogate) > 0.02)
    return float(max(0.0, curve.x[occupied[0]] - 0.5)) if len(occupied) else 0.0


def plot_difference(curve: Curve, ax: Axes | None = None, scale: float = 1.0) -> Axes:
    """Surrogate minus reference, in the reference's band around zero."""
    ax, width = _axes(ax), band(curve)
    x = curve.x * scale
    ax.fill_between(x, -width, width, color=REFERENCE, alpha=0.28, linewidth=0)
    ax.axhline(0.0, color=REFERENCE, linewidth=1.0)
    ax.plot(x, curve.surrogate - curve.reference, color=SURROGATE, linewidth=1.0)
    ax.margins(x=0.01)
    ax.set_ylabel("difference")
    return ax


def plot_msd(curve: Curve, ax: Axes | None = None) -> Axes:
    """Mean square displacement."""
    ax = _both(curve, _axes(ax), scale=1.0 / PS)
    ax.set(xlabel="lag (ps)", ylabel="MSD (Å²)")
    ax.set_ylim(bottom=0)
    return ax


def plot_temperature(curve: Curve, ax: Axes | None = None) -> Axes:
    """Kinetic temperature over time; every reference run is a line of its own."""
    ax = _axes(ax)
    for k, series in enumerate(curve.references):
        label = "reference" if k == 0 else None
        ax.plot(curve.x / PS, series, color=REFERENCE, linewidth=1.1, alpha=0.7, label=label)
    ax.plot(curve.x / PS, curve.surrogate, color=SURROGATE, linewidth=1.1, label="surrogate")
    target = curve.condition.removesuffix("K")
    if target.replace(".", "", 1).isdigit():
        ax.axhline(float(target), color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
    ax.margins(x=0.01)
    ax.set(xlabel="time (ps)", ylabel="temperature (K)")
    return ax


def plot_vdos(curve: Curve, ax: Axes | None = None) -> Axes:
    """Vibrational density of states; its grid ends at the frames' Nyquist frequency."""
    ax = _both(curve, _axes(ax))
    weight = np.cumsum(curve.reference) / np.sum(curve.reference)
    # All but a hundredth of the band, then some empty axis.
    top = 1.25 * float(curve.x[min(int(np.searchsorted(weight, 0.99)), len(curve.x) - 1)])
    ax.set(xlabel="frequency (THz)", ylabel="density (1/THz)")
    ax.set_xlim(0, min(top, float(curve.x[-1])))
    ax.set_ylim(bottom=0)
    return ax


def plot_equipartition(curve: Curve, ax: Axes | None = None) -> Axes:
    """Kinetic temperature of each wavevector: flat where energy is shared evenly."""
    ax = _axes(ax)
    mean, width = curve.reference, band(curve)
    ax.fill_between(curve.x, mean - width, mean + width, color=REFERENCE, alpha=0.28, linewidth=0)
    ax.plot(curve.x, mean, color=REFERENCE, linewidth=2.2, alpha=0.75, label="reference")
    ax.errorbar(
        curve.x,
        curve.surrogate,
        yerr=2.0 * curve.surrogate_error,
        color=SURROGATE,
        marker="o",
        markersize=3.5,
        linewidth=1.1,
        elinewidth=0.9,
        capsize=2,
        label="surrogate",
    )
    ax.set(xlabel="wavevector (1/Å)", ylabel="temperature (K)")
    return ax


def plot_speed(speeds: Sequence[Speed], ax: Axes | None = None) -> Axes:
    """Bars of ns/day; the whiskers are the extremes of the repeats."""
    ax = _axes(ax)
    rows = np.arange(len(speeds))[::-1]
    for row, speed in zip(rows, speeds, strict=True):
        colour = SURROGATE if speed.role == "surrogate" else REFERENCE
        ax.barh(row, speed.ns_per_day, height=0.5, color=colour, alpha=0.85)
        ax.plot([speed.lowest, speed.highest], [row, row], color=INK, linewidth=1.2)
        ax.annotate(
            f"{speed.ns_per_day:.3g} ns/day",
            (speed.highest, row),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
        ax.annotate(
            speed.program,
            (0, row + 0.36),
            xytext=(1, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    ax.set_yticks([])
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, 1.3 * max(speed.highest for speed in speeds))
    ax.set_ylim(-0.5, len(speeds) - 0.4)
    ax.set_xlabel("simulated time a day (ns)")
    return ax
