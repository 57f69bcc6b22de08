"""The figure of error rate against cost."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter
from matplotlib.transforms import Bbox

from pages.figures import SETTINGS
from pages.front import SHOWN, Front, Mark

STYLES = {
    "base": ("black", "o"),
    "several": ("tab:red", "D"),
    "cutoff": ("tab:blue", "s"),
    "radial": ("tab:green", "^"),
    "width": ("tab:orange", "v"),
    "kicks": ("tab:purple", "P"),
    "stride": ("tab:brown", "h"),
    "attention": ("0.5", "*"),
}
WORDS = {
    "base": "base",
    "several": "several at once",
    "cutoff": "cutoff (Å)",
    "radial": "radial functions",
    "width": "width",
    "kicks": "substeps × kicks",
    "stride": "stride (fs)",
    "attention": "attention heads",
}
PLACES = [(dx, dy) for d in (7, 13, 20) for dx, dy in
          ((d, 0), (0, d), (-d, 0), (0, -d), (d, d), (d, -d), (-d, d), (-d, -d))]  # fmt: skip
"""Offsets in points that are tried for a label, in this order."""


def draw(front: Front, path: Path) -> None:
    """Write the figure."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(8.0, 5.2), layout="constrained")
        ax = figure.subplots()
        ax.set(xscale="log", yscale="log", xlabel="µs per atom and ps")
        ax.set_ylabel(f"error rate at {SHOWN} K (%)")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())
        best = front.best
        line = [[mark.microseconds for mark in best], [mark.rate() for mark in best]]
        ax.plot(*line, color="0.6", linewidth=5, alpha=0.35, zorder=1, label="front")
        for mark in front.marks:
            _plot(ax, mark)
        _legend(ax, front)
        _ticks(ax, front)
        figure.draw_without_rendering()
        _label(ax, front.marks)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110, metadata={"Software": None})


def _plot(ax: Axes, mark: Mark) -> None:
    colour, marker = STYLES[mark.varies]
    x, y = mark.microseconds, mark.rate()
    low, high = mark.cost["lowest"], mark.cost["highest"]
    ax.plot([low, high], [y, y], color=colour, linewidth=0.8, alpha=0.6)
    face = colour if mark.steady else "white"
    ax.plot(x, y, marker, color=colour, markerfacecolor=face, markersize=7, zorder=3)
    if mark.broke is not None:
        ax.plot(x, y, "x", color="black", markersize=11, zorder=4)
    if mark.ships:
        ax.plot(x, y, "o", color="black", markerfacecolor="none", markersize=14, zorder=4)


def _legend(ax: Axes, front: Front) -> None:
    """What the marks mean: those that occur."""
    for varies, (colour, marker) in STYLES.items():
        if any(mark.varies == varies for mark in front.marks):
            ax.plot([], [], marker, color=colour, label=WORDS[varies])
    others = {
        "shipped": ("o", 10, any(mark.ships for mark in front.marks)),
        "energy drifts": ("s", 6, any(not mark.steady for mark in front.marks)),
        "broke down": ("x", 8, any(mark.broke is not None for mark in front.marks)),
    }
    for label, (marker, size, occurs) in others.items():
        if occurs:
            style = {"color": "black", "markerfacecolor": "none", "markersize": size}
            ax.plot([], [], marker, label=label, **style)
    ax.legend(fontsize=7.5, loc="upper left", bbox_to_anchor=(1.01, 1.0))


def _ticks(ax: Axes, front: Front) -> None:
    """Numbers on axes that may span less than a decade."""
    rates = [mark.rate() for mark in front.marks]
    costs = [mark.microseconds for mark in front.marks]
    ax.set(xlim=(0.88 * min(costs), 1.25 * max(costs)), ylim=(0.93 * min(rates), 1.1 * max(rates)))
    if max(rates) < 8.0 * min(rates):
        ax.set_yticks([t for t in MaxNLocator(8).tick_values(min(rates), max(rates)) if t > 0.0])
    if max(costs) < 8.0 * min(costs):
        ax.set_xticks([t for t in MaxNLocator(8).tick_values(min(costs), max(costs)) if t > 0.0])


def _label(ax: Axes, marks: Sequence[Mark]) -> None:
    """A name beside every point, where it covers least."""
    to_pixels, dots = ax.transData.transform, ax.figure.dpi / 72.0
    taken = []
    for mark in marks:
        x, y = to_pixels((mark.microseconds, mark.rate()))
        half = (10.0 if mark.ships else 4.0) * dots
        taken.append(Bbox([[x - half, y - half], [x + half, y + half]]))
    for mark in marks:
        trials: list[tuple[float, Annotation, Bbox]] = []
        for number, (dx, dy) in enumerate(PLACES):
            text = ax.annotate(
                mark.label,
                (mark.microseconds, mark.rate()),
                (dx, dy),
                textcoords="offset points",
                ha="left" if dx > 0 else "right" if dx < 0 else "center",
                va="bottom" if dy > 0 else "top" if dy < 0 else "center",
                fontsize=7.5,
                weight="bold" if mark.ships else "normal",
            )
            box = text.get_window_extent()
            covered = sum(_overlap(box, other) for other in taken)
            inside = _overlap(box, ax.bbox) / (box.width * box.height)
            trials.append((covered + 1e4 * (1.0 - inside) + number, text, box))
        _, chosen, box = min(trials, key=lambda trial: trial[0])
        for _, text, _ in trials:
            if text is not chosen:
                text.remove()
        taken.append(box)


def _overlap(one: Bbox, other: Bbox) -> float:
    """Common area."""
    common = Bbox.intersection(one, other)
    return 0.0 if common is None else float(common.width * common.height)
