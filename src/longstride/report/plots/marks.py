"""What all plots are drawn with: the reference in its band, the surrogate, their difference."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from longstride.report.style import INK, REFERENCE, SURROGATE
from longstride.validation import Curve

Array = NDArray[np.floating]

DASHED = (0, (4, 3))
"""Line style of what is neither surrogate nor reference."""


def axes(ax: Axes | None) -> Axes:
    """The axes, or new ones."""
    return plt.subplots(figsize=(5.2, 3.2), layout="constrained")[1] if ax is None else ax


def band(curve: Curve) -> Array:
    """(B,) half width of the reference's band: two standard errors, or the spread of the runs."""
    if len(curve.references) == 0:
        return np.zeros(len(curve.x))
    error = 2.0 * np.sqrt(np.mean(curve.references_error**2, axis=0))
    spread = 0.5 * np.ptp(curve.references, axis=0)
    return np.maximum(error, spread)


def shade(ax: Axes, x: Array, low: Array, high: Array) -> None:
    """The band between two lines."""
    ax.fill_between(x, low, high, color=REFERENCE, alpha=0.28, linewidth=0)


def draw_both(ax: Axes, curve: Curve, scale: float = 1.0) -> Axes:
    """Reference in its band, where there is one, and the surrogate as a thin line on top."""
    x = curve.x * scale
    if len(curve.references):
        mean, width = curve.reference, band(curve)
        shade(ax, x, mean - width, mean + width)
        ax.plot(x, mean, color=REFERENCE, linewidth=3.4, alpha=0.55, label="reference")
    ax.plot(x, curve.surrogate, color=SURROGATE, linewidth=1.1, label="surrogate")
    ax.margins(x=0.01)
    return ax


def draw_runs(ax: Axes, curve: Curve, scale: float = 1.0) -> Axes:
    """Every run as a line of its own, for series that a band of their spread would hide."""
    x = curve.x * scale
    for k, series in enumerate(curve.references):
        label = "reference" if k == 0 else None
        ax.plot(x, series, color=REFERENCE, linewidth=1.1, alpha=0.7, label=label)
    ax.plot(x, curve.surrogate, color=SURROGATE, linewidth=1.1, label="surrogate")
    ax.margins(x=0.01)
    return ax


def draw_points(ax: Axes, x: Array, y: Array, error: Array, **style: Any) -> None:
    """The surrogate as points with two standard errors."""
    look = {"marker": "o", "markersize": 3.5, "linewidth": 1.1, "label": "surrogate", **style}
    ax.errorbar(x, y, yerr=2.0 * error, color=SURROGATE, elinewidth=0.9, capsize=2, **look)


def plot_difference(curve: Curve, ax: Axes | None = None, scale: float = 1.0) -> Axes:
    """Surrogate minus reference, in the reference's band around zero."""
    ax, width = axes(ax), band(curve)
    x = curve.x * scale
    shade(ax, x, -width, width)
    ax.axhline(0.0, color=REFERENCE, linewidth=1.0)
    ax.plot(x, curve.surrogate - curve.reference, color=SURROGATE, linewidth=1.0)
    ax.margins(x=0.01)
    ax.set_ylabel("difference")
    return ax


def note(ax: Axes, text: str, where: tuple[float, float], **style: Any) -> None:
    """Words at a height of the data, at a part of the width of the axes."""
    ax.annotate(
        text,
        where,
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        color=INK,
        fontsize=8.5,
        parse_math=False,
        **style,
    )
