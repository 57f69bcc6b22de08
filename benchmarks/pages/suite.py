"""The verdicts of ``longstride validate`` on the shipped model, from the example report."""

from pathlib import Path

from longstride.validation import Check, Results, read_results
from pages.text import NOT_MEASURED, measured, table

FOLDER = "validation"
"""Of the example report, in docs."""

TEXT = """The whole suite on 500 atoms: `{command}`. A cell holds the value and, in brackets, the
threshold: so many noise floors, or what is good enough, whichever is larger
([validate.md](validate.md)). {passed} of {count} checks pass. The report with its figures and
noise floors: [report.html]({folder}/report.html), from
[results.json]({folder}/results.json).
"""


def read(docs: Path) -> Results | None:
    """The results of the example, where there are any."""
    path = docs / FOLDER / "results.json"
    return read_results(path) if path.exists() else None


def section(judged: Results | None) -> list[str]:
    """A line for each check, a column for each temperature."""
    if judged is None:
        return [NOT_MEASURED + "."]
    split = [(*_parts(check.name), check) for check in judged.checks]
    conditions = list(dict.fromkeys(condition for _, condition, _ in split))
    cells = {(stem, condition): _cell(check) for stem, condition, check in split}
    stems = dict.fromkeys(stem for stem, _, _ in split)
    rows = [[f"`{stem}`", *(cells.get((stem, c), "") for c in conditions)] for stem in stems]
    text = TEXT.format(
        command=judged.provenance.command,
        passed=sum(check.passed for check in judged.checks),
        count=len(judged.checks),
        folder=FOLDER,
    )
    return [text, table(["", *(c.replace("K", " K") for c in conditions)], rows)]


def failed(judged: Results | None) -> list[str]:
    """A line for each check that failed."""
    if judged is None:
        return []
    checks = [check for check in judged.checks if not check.passed]
    return [
        f"- `{c.name}`: {_number(c.value, c)}, asked for {_number(c.threshold, c)}." for c in checks
    ]


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
