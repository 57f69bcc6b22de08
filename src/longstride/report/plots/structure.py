"""Structure: distances, angles, scattering, and the neighbourhoods of atoms."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from longstride.report.plots.marks import axes, band, draw_both, draw_points
from longstride.report.style import REFERENCE
from longstride.validation import Curve

NEIGHBOURHOODS = ("fcc", "hcp", "bcc", "icosahedral", "other")
"""What the common-neighbour analysis tells apart, in the order of its curve."""

WIDE_RANGE = 100.0
"""A structure factor whose peaks are so many times higher than its median needs a log scale."""


def plot_rdf(curve: Curve, ax: Axes | None = None) -> Axes:
    """Radial distribution function."""
    ax = draw_both(axes(ax), curve)
    ax.set(xlabel="distance (Å)", ylabel="g(r)")
    ax.set_xlim(left=max(0.0, _first_nonzero(curve, 0.02) - 0.5))
    ax.set_ylim(bottom=0)
    return ax


def _first_nonzero(curve: Curve, level: float) -> float:
    lines = np.concatenate((curve.surrogate[None], curve.references))
    occupied = np.flatnonzero(lines.max(axis=0) > level)
    return float(curve.x[occupied[0]]) if len(occupied) else 0.0


def plot_adf(curve: Curve, ax: Axes | None = None) -> Axes:
    """Distribution of the angles between neighbours."""
    ax = draw_both(axes(ax), curve)
    ax.set(xlabel="angle (degree)", ylabel="density (1/degree)")
    ax.set_xlim(max(0.0, _first_nonzero(curve, 0.0) - 10.0), 180.0)
    ax.set_xticks([angle for angle in range(0, 181, 30) if angle >= ax.get_xlim()[0]])
    ax.set_ylim(bottom=0)
    return ax


def plot_structure_factor(curve: Curve, ax: Axes | None = None) -> Axes:
    """Static structure factor on the wavevectors of the cell; logarithmic for a crystal."""
    ax = draw_both(axes(ax), curve)
    ax.set(xlabel="wavevector (1/Å)", ylabel="S(k)")
    values = curve.surrogate[curve.surrogate > 0.0]
    if len(values) and values.max() > WIDE_RANGE * np.median(values):
        ax.set_yscale("log")
        ax.set_ylim(0.5 * values.min(), 2.0 * values.max())
    else:
        ax.set_ylim(bottom=0)
    return ax


def plot_cna(curve: Curve, ax: Axes | None = None) -> Axes:
    """Fractions of atoms in fcc, hcp, bcc, icosahedral and other neighbourhoods."""
    ax = axes(ax)
    if len(curve.references):
        ax.bar(curve.x, curve.reference, width=0.56, color=REFERENCE, alpha=0.5, linewidth=0)
    _fractions(ax, curve, curve.surrogate)
    ax.set(xlabel="neighbourhood", ylabel="part of the atoms")
    ax.set_ylim(bottom=0)
    return ax


def plot_cna_difference(curve: Curve, ax: Axes | None = None) -> Axes:
    """Surrogate minus reference of the fractions, each in the reference's band."""
    ax, width = axes(ax), band(curve)
    ax.bar(curve.x, 2 * width, bottom=-width, width=0.56, color=REFERENCE, alpha=0.28, linewidth=0)
    ax.axhline(0.0, color=REFERENCE, linewidth=1.0)
    _fractions(ax, curve, curve.surrogate - curve.reference)
    ax.set_ylabel("difference")
    return ax


def _fractions(ax: Axes, curve: Curve, y: np.ndarray) -> None:
    draw_points(ax, curve.x, y, curve.surrogate_error, linestyle="none")
    ax.set_xticks(curve.x, NEIGHBOURHOODS[: len(curve.x)])
    ax.tick_params(axis="x", length=0)
    ax.grid(axis="x", visible=False)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
