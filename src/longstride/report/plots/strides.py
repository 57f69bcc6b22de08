"""Single strides and the horizon: parity, errors by stage, growth of the displacement error."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from longstride.report.plots.marks import DASHED, axes, draw_both, draw_points, note
from longstride.report.style import INK, REFERENCE, SURROGATE
from longstride.units import PS
from longstride.validation import Curve

Array = NDArray[np.floating]

MOST_DOTS = 500
"""Dots of one panel: more would make the page heavy and show nothing else."""

LEVELS = (0.1, 0.5)
"""Errors in Å whose first time the checks judge."""


def plot_parity_d(curve: Curve, ax: Axes | None = None) -> Axes:
    """Predicted against true components of d."""
    return _parity(curve, axes(ax), "d", "Å")


def plot_parity_w(curve: Curve, ax: Axes | None = None) -> Axes:
    """Predicted against true components of w."""
    return _parity(curve, axes(ax), "w", "Å/fs")


def _parity(curve: Curve, ax: Axes, name: str, unit: str) -> Axes:
    ends = [float(curve.x.min()), float(curve.x.max())]
    ax.plot(ends, ends, color=REFERENCE, linewidth=1.0)
    _dots(ax, curve.x, curve.surrogate)
    ax.set(xlabel=f"true component of {name} ({unit})", ylabel=f"predicted ({unit})")
    return ax


def plot_residual(curve: Curve, ax: Axes | None = None) -> Axes:
    """Predicted minus true components."""
    ax = axes(ax)
    ax.axhline(0.0, color=REFERENCE, linewidth=1.0)
    _dots(ax, curve.x, curve.surrogate - curve.x)
    ax.set_ylabel("difference")
    return ax


def _dots(ax: Axes, x: Array, y: Array) -> None:
    """Dots as the round ends of strokes without length: one short path, not a shape for each."""
    every = max(1, -(-len(x) // MOST_DOTS))
    points = np.column_stack((x[::every], y[::every]))
    path = Path(np.repeat(points, 2, axis=0), np.tile([Path.MOVETO, Path.LINETO], len(points)))
    # Simplified, all these strokes would be left out.
    path.should_simplify = False
    dots = PathPatch(path, fill=False, edgecolor=SURROGATE, linewidth=2.2, capstyle="round")
    dots.set_zorder(3)
    ax.add_patch(dots)
    ax.update_datalim(points)
    ax.autoscale_view()


def plot_stage_error_d(curve: Curve, ax: Axes | None = None) -> Axes:
    """Relative error of d at every stage."""
    return _stage_error(curve, axes(ax), "d", "o")


def plot_stage_error_w(curve: Curve, ax: Axes | None = None) -> Axes:
    """Relative error of w at every stage."""
    return _stage_error(curve, axes(ax), "w", "^")


def _stage_error(curve: Curve, ax: Axes, name: str, marker: str) -> Axes:
    draw_points(ax, curve.x, curve.surrogate, curve.surrogate_error, marker=marker, markersize=5)
    ax.annotate(
        name,
        (curve.x[0], curve.surrogate[0]),
        xytext=(-14, 0),
        textcoords="offset points",
        va="center",
        color=INK,
    )
    ax.set(xlabel="time since the stride's start (fs)", ylabel="relative error")
    # A single stage has no range of its own.
    ax.set_xlim(0.0, 1.1 * float(curve.x[-1]))
    ax.set_ylim(bottom=0.0)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    return ax


def plot_horizon(curve: Curve, ax: Axes | None = None) -> Axes:
    """RMS displacement error over time, and the two errors that checks judge."""
    ax = draw_both(axes(ax), _after_start(curve), scale=1.0 / PS)
    lines = np.concatenate((curve.surrogate[None], curve.references))
    positive = lines[lines > 0.0]
    # An exact map has no error at all; the levels alone still say how large one would be.
    bottom = min(0.5 * LEVELS[0], 0.7 * float(positive.min())) if len(positive) else 1e-3
    top = max(2.0 * LEVELS[-1], 1.5 * float(positive.max())) if len(positive) else 1.0
    ax.set_ylim(max(bottom, 1e-7), top)
    ax.set_yscale("log")
    for level in LEVELS:
        ax.axhline(level, color=INK, linewidth=0.8, linestyle=DASHED)
        note(ax, f"{level:g} Å", (1.0, level), xytext=(-2, 3), ha="right")
    ax.set(xlabel="time (ps)", ylabel="RMS displacement error (Å)")
    return ax


def _after_start(curve: Curve) -> Curve:
    """Without the first point: no error yet has no place on a log scale."""
    return Curve(
        curve.name,
        curve.x[1:],
        curve.surrogate[1:],
        curve.surrogate_error[1:],
        curve.references[:, 1:],
        curve.references_error[:, 1:],
    )


def plot_horizon_limit(curve: Curve, ax: Axes | None = None) -> Axes:
    """Distance of unrelated states, above which an error cannot grow in a crystal."""
    ax = axes(ax)
    limit = float(curve.surrogate[-1])
    ax.axhline(limit, color=REFERENCE, linewidth=1.1, linestyle=(0, (1, 2)))
    note(ax, "unrelated states", (0.02, limit), xytext=(0, -3), ha="left", va="top")
    return ax
