"""docs/accuracy.md, maps.md and paper.md: from benchmarks/results and docs/validation alone."""

import os
from pathlib import Path

from pages import accuracy, figures, maps, paper, suite
from pages.load import Results


def write_pages(results: Path, docs: Path) -> list[Path]:
    """Write the pages and their figures; returns the files written."""
    found = Results.read(results)
    example = suite.read(docs)
    drawn = figures.draw(found, example, docs / "figures")
    pages = {
        "accuracy.md": accuracy.page(found, drawn, example),
        "maps.md": maps.page(found, drawn),
        "paper.md": paper.page(found, drawn, example),
    }
    for name, text in pages.items():
        partial = docs / f"{name}.partial"
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, docs / name)
    return [*(docs / name for name in pages), *drawn.values()]
