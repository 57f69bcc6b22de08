"""The section on the quick suite of docs/performance.md: whether what is fast is right."""

from pathlib import Path

from longstride.validation import Results, read_results
from pages.text import listed, table

INTRODUCTION = """## What the speed is worth

The quick suite of `longstride validate` on the models that are timed above; each row's command
writes the report with all values, noise floors and thresholds.
"""

HEADER = ("model", "system", "checks passed", "failed", "command")


def quick_section(folder: Path) -> str:
    """The section; empty where nothing was judged.

    Args:
        folder: of quick-NAME.json, each the results.json of a suite.
    """
    paths = sorted(folder.glob("quick-*.json"))
    if not paths:
        return ""
    return INTRODUCTION + "\n" + table(HEADER, [_row(read_results(path)) for path in paths])


def _row(results: Results) -> list[str]:
    told = results.provenance
    system = next(item for item in told.summary if item.label == "System")
    failed = [f"`{check.name}`" for check in results.checks if not check.passed]
    return [
        str(told.model["name"]),
        f"{system.value} {system.note}",
        f"{len(results.checks) - len(failed)} of {len(results.checks)}",
        listed(failed) or "none",
        f"`{told.command}`",
    ]
