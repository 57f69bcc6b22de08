"""Speed of the programs, as bars."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from longstride.report.plots.marks import axes
from longstride.report.style import INK, REFERENCE, SURROGATE
from longstride.validation import Speed


def plot_speed(speeds: Sequence[Speed], ax: Axes | None = None) -> Axes:
    """Bars of ns/day; the whiskers are the extremes of the repeats."""
    ax = axes(ax)
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
            parse_math=False,
        )
        ax.annotate(
            speed.program,
            (0, row + 0.36),
            xytext=(1, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            parse_math=False,
        )
    ax.set_yticks([])
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.set_xlim(0, 1.3 * max(speed.highest for speed in speeds))
    ax.set_ylim(-0.5, len(speeds) - 0.4)
    ax.set_xlabel("simulated time a day (ns)")
    return ax
