"""docs/transfer.md and its figure, from benchmarks/results/transfer alone."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from longstride.files import write_text
from pages.figures import SETTINGS
from pages.load import Piece, Results
from pages.text import table
from pages.transfer_text import HEAD, SECTION, TAIL

FIGURE = "transfer.png"

KINDS = {"ridge": "ridge", "scratch": "from scratch", "start": "start", "parent": "fine-tuned"}
"""Curves: the closed-form solution, a training from scratch, the start and the end of the other."""


def write(results: Path, docs: Path) -> list[Path]:
    """Write the page and its figure; returns the files written."""
    found = Results.read(results)
    pieces = found.of("transfer")
    _draw(pieces, docs / "figures" / FIGURE)
    first = pieces[0]
    parts = [
        HEAD.format(parent=first["parent"], minutes=first["minutes"], windows=first["windows"])
    ]
    for target in _targets(pieces):
        own = [piece for piece in pieces if piece["target"] == target]
        header = [
            "segments",
            *(f"{name}, d / w %" for name in KINDS.values()),
            "w over that from scratch",
        ]
        parts += [SECTION.format(title=own[0]["title"]), table(header, _rows(own))]
    parts += [f"![Learning curves](figures/{FIGURE})", *found.provenance("transfer")]
    parts.append(TAIL.format(parent=first["parent"]))
    page = docs / "transfer.md"
    write_text(page, "\n\n".join(part.strip("\n") for part in parts) + "\n")
    return [page, docs / "figures" / FIGURE]


def curves(pieces: list[Piece]) -> dict[str, dict[int, tuple[float, float]]]:
    """For each kind the errors (d, w), root mean squares over the temperatures, by segments."""
    found: dict[str, dict[int, tuple[float, float]]] = {kind: {} for kind in KINDS}
    for piece in pieces:
        count, result = piece["segments"], piece["result"]
        found[piece["kind"]][count] = _mean(result["model"])
        if piece["kind"] == "scratch":
            found["ridge"][count] = _mean(result["ridge"])
        else:
            found["start"][count] = _mean(result["start"])
    return found


def _mean(errors: dict[str, dict[str, float]]) -> tuple[float, float]:
    d, w = (np.sqrt(np.mean([e[kind] ** 2 for e in errors.values()])) for kind in ("d", "w"))
    return float(d), float(w)


def _targets(pieces: list[Piece]) -> list[str]:
    return sorted({piece["target"] for piece in pieces})


def _rows(pieces: list[Piece]) -> list[list[str]]:
    found = curves(pieces)
    rows = []
    for count in sorted({piece["segments"] for piece in pieces}):
        pairs = [found[kind].get(count) for kind in KINDS]
        cells = ["–" if p is None else f"{100 * p[0]:.2f} / {100 * p[1]:.2f}" for p in pairs]
        scratch, tuned = (found[kind].get(count) for kind in ("scratch", "parent"))
        ratio = "–" if scratch is None or tuned is None else f"{tuned[1] / scratch[1]:.2f}"
        rows.append([str(count), *cells, ratio])
    return rows


def _draw(pieces: list[dict[str, Any]], path: Path) -> None:
    """w against segments, one panel a target."""
    targets = _targets(pieces)
    styles = {"ridge": "k^:", "scratch": "o-", "start": "kv--", "parent": "s-"}
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(3.6 * len(targets), 3.1), layout="constrained")
        axes = figure.subplots(1, len(targets), squeeze=False)[0]
        for ax, target in zip(axes, targets, strict=True):
            own = [piece for piece in pieces if piece["target"] == target]
            for kind, points in curves(own).items():
                counts = sorted(points)
                values = [100 * points[count][1] for count in counts]
                ax.semilogx(counts, values, styles[kind], label=KINDS[kind], base=2)
            ax.set_ylim(bottom=0.0)
            ax.set(title=own[0]["title"], xlabel="reference segments")
            ax.title.set_fontsize(8)
        axes[0].set_ylabel("error of w after one stride (%)")
        axes[0].legend(fontsize=7)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110, metadata={"Software": None})
