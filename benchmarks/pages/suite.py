"""The verdicts of ``longstride validate`` on the shipped model, from the example report."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from longstride.validation import (
    ARRAYS_NAME,
    RESULTS_NAME,
    Check,
    Curve,
    Results,
    read_curves,
    read_results,
)
from pages.text import NOT_MEASURED, measured, table

FOLDER = "validation"
"""Of the example report, in docs."""

TEXT = """The whole suite on 500 atoms: `{command}`. A cell holds the value and, in brackets, the
threshold: so many noise floors, or what is good enough, whichever is larger
([validate.md](validate.md)). {passed} of {count} checks pass. The report with its figures and
noise floors: [report.html]({folder}/report.html), from
[results.json]({folder}/results.json).
"""


class Example(NamedTuple):
    """What the validation left."""

    results: Results
    curves: tuple[Curve, ...]


def read(docs: Path) -> Example | None:
    """The example, where there is one."""
    path = docs / FOLDER / RESULTS_NAME
    if not path.exists():
        return None
    return Example(read_results(path), tuple(read_curves(path.with_name(ARRAYS_NAME))))


def section(example: Example | None) -> list[str]:
    """A line for each check, a column for each temperature."""
    if example is None:
        return [NOT_MEASURED + "."]
    judged = example.results
    text = TEXT.format(
        command=judged.provenance.command,
        passed=sum(check.passed for check in judged.checks),
        count=len(judged.checks),
        folder=FOLDER,
    )
    return [text, _table(judged.checks, _cell)]


def above_noise(example: Example | None, stems: dict[str, str]) -> list[str]:
    """Values over noise floors of some checks, named by their stems: 1 is the reference's own."""
    if example is None:
        return [NOT_MEASURED + "."]
    checks = [check for check in example.results.checks if _parts(check.name)[0] in stems]
    told = _table(checks, lambda check: measured(check.value / (check.noise_floor or 1.0)))
    for stem, name in stems.items():
        told = told.replace(f"`{stem}`", name)
    return [told]


def failed(example: Example | None) -> list[str]:
    """A line for each check that failed."""
    if example is None:
        return []
    return [
        f"- `{c.name}`: {_number(c.value, c)}, asked for {_number(c.threshold, c)}."
        for c in example.results.checks
        if not c.passed
    ]


def _table(checks: Sequence[Check], cell: Callable[[Check], str]) -> str:
    split = [(*_parts(check.name), check) for check in checks]
    conditions = list(dict.fromkeys(condition for _, condition, _ in split))
    cells = {(stem, condition): cell(check) for stem, condition, check in split}
    stems = dict.fromkeys(stem for stem, _, _ in split)
    rows = [[f"`{stem}`", *(cells.get((stem, c), "") for c in conditions)] for stem in stems]
    return table(["", *(c.replace("K", " K") for c in conditions)], rows)


def _parts(name: str) -> tuple[str, str]:
    """``onestep.d.relative_error[600K, 40 fs]``: the stem with the stage, and the temperature."""
    stem, _, inside = name.rstrip("]").partition("[")
    condition, _, detail = inside.partition(", ")
    return (f"{stem}, {detail}" if detail else stem), condition


def _cell(check: Check) -> str:
    value = f"{_number(check.value, check)} ({_number(check.threshold, check)})"
    return value if check.passed else f"**{value}**"


def _number(value: float, check: Check) -> str:
    if check.unit == "1":
        return f"{measured(100.0 * value)} %"
    return f"{measured(value)} {check.unit.removeprefix('1')}".rstrip()
