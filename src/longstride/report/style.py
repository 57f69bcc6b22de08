"""Colours and the SVG that carries them: one drawing for light, dark and paper.

A figure is drawn with marker colours, each of which becomes a variable of the page's style sheet.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

INK: Final = "#010203"
"""Text and axes."""
FAINT: Final = "#020304"
"""Grid lines."""
SURROGATE: Final = "#030405"
REFERENCE: Final = "#040506"

VARIABLES: Final = {
    INK: "var(--ink-soft)",
    FAINT: "var(--line)",
    SURROGATE: "var(--surrogate)",
    REFERENCE: "var(--reference)",
}
"""What each marker colour becomes on the page."""

_SETTINGS: Final[dict[Any, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "figure.facecolor": "none",
    "font.size": 9.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "legend.facecolor": "none",
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.5,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.major.size": 3,
    "xtick.major.width": 0.7,
    "ytick.color": INK,
    "ytick.major.size": 3,
    "ytick.major.width": 0.7,
}


@contextmanager
def drawing() -> Iterator[None]:
    """Matplotlib's settings inside, the caller's own outside."""
    with mpl.rc_context(_SETTINGS):
        yield


def to_svg(figure: Figure, name: str, label: str) -> str:
    """The figure as an inline SVG element, without any address and with ids of its own.

    Args:
        figure: drawn inside :func:`drawing`.
        name: prefix of the ids, unique on the page.
        label: what a screen reader says.
    """
    stream = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        # Without a date and metadata the same numbers give the same bytes.
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (?:d|x|y|transform)="[^"]*"', _shorter, svg)
    svg = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", svg)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'id="', f'id="{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg)
    svg = re.sub(r"font: [^;\"]*?([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    head = f'<svg role="img" aria-label="{escape(label)}"'
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return svg.replace("<svg", head, 1).strip()


def _shorter(attribute: re.Match[str]) -> str:
    """Coordinates to a hundredth of a point: more is not seen, and makes the page heavy."""
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute[0])
