"""One self-contained HTML page of a validation."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from longstride.files import write_text
from longstride.report.checks_table import table_of
from longstride.report.figures import Figure, FigureGroup, curve_groups, speed_figure
from longstride.report.three_d import View, read_view
from longstride.validation import ARRAYS_NAME, Provenance, Results, read_curves, read_results
from longstride.validation.snapshots import SNAPSHOTS_NAME

REPORT_NAME: Final = "report.html"
"""Name of the page in a validation's folder."""


def write_report(results: Path) -> Path:
    """Write ``report.html`` beside a ``results.json``, from it and the arrays there.

    Returns:
        the page's path.

    Raises:
        FileFormatError: one of the files is missing or damaged.
    """
    record = read_results(results)
    curves = read_curves(results.with_name(ARRAYS_NAME))
    view = read_view(results.with_name(SNAPSHOTS_NAME))
    page = render(record, curve_groups(curves), view)
    path = results.with_name(REPORT_NAME)
    write_text(path, page)
    return path


def render(results: Results, curves: Sequence[FigureGroup], view: View | None) -> str:
    """The page as text."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    folder = files("longstride.report")
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    source = results.provenance
    table = table_of(results.checks)
    rows = [row for condition in table for family in condition.families for row in family.rows]
    return template.render(
        source=source,
        passed=results.passed,
        n_passed=sum(row.passed for row in rows),
        n_checks=len(rows),
        failed=[row for row in rows if not row.passed],
        groups=_with_speed(curves, speed_figure(source.speed, source.instructions)),
        table=table,
        view=view,
        policy=_policy(view),
        style=(folder / "report.css").read_text(encoding="utf-8"),
        headline=_headline(source),
        model=_flat(source.model),
        sections=[
            ("Settings", _flat(source.settings)),
            ("Reference", _flat(source.reference)),
            ("Software", _flat(source.software)),
            ("Machine", _flat(source.machine)),
        ],
    )


def _with_speed(groups: Sequence[FigureGroup], speed: Figure | None) -> list[FigureGroup]:
    """The speed beside the curves of a single condition, else under a heading of its own."""
    if speed is None:
        return list(groups)
    if len(groups) == 1:
        return [FigureGroup(groups[0].title, (*groups[0].figures, speed))]
    return [*groups, FigureGroup("", (speed,))]


def _policy(view: View | None) -> str:
    """What the browser lets the page do: its own scripts alone, and no word with any server."""
    scripts = () if view is None else view.scripts
    hashes = (b64encode(sha256(text.encode()).digest()).decode() for text in scripts)
    allowed = " ".join(f"'sha256-{value}'" for value in hashes) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )


def _headline(source: Provenance) -> dict[str, str] | None:
    """Speed of the surrogate, how it compares and by what it was reached, or None."""
    own = next((s for s in source.speed if s.role == "surrogate"), None)
    other = next((s for s in source.speed if s.role == "reference"), None)
    if own is None or other is None:
        return None
    ratio = own.ns_per_day / other.ns_per_day
    verdict = f"{ratio:.2g}× the speed" if ratio < 10 else f"{ratio:.0f}× the speed"
    note = f"{verdict} of {other.program}, same cores"
    if source.instructions is not None:
        note += f", instruction set {source.instructions}"
    return {"value": f"{own.ns_per_day:.3g} ns/day", "note": note}


def _flat(content: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested JSON data as lines of a table."""
    lines: list[tuple[str, str]] = []
    for key, value in content.items():
        name = f"{prefix}{str(key).replace('_', ' ')}"
        if isinstance(value, Mapping):
            lines += _flat(value, f"{name} · ")
        elif isinstance(value, list | tuple):
            lines.append((name, ", ".join(_text(item) for item in value)))
        else:
            lines.append((name, _text(value)))
    return lines


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
