"""One self-contained HTML page of a validation."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, StrictUndefined

from longstride.report.figures import curve_figures, speed_figure
from longstride.validation import (
    ARRAYS_NAME,
    Check,
    Results,
    Speed,
    read_curves,
    read_results,
)

REPORT_NAME: Final = "report.html"
"""Name of the page in a validation's folder."""

_NAMES: Final = {
    "nvt.temperature.relative_error": "Temperature",
    "nvt.amplitude.relative_error": "Mean square amplitude",
    "nvt.rdf.l1": "Radial distribution",
    "nvt.msd.l1": "Mean square displacement",
    "nvt.vdos.mismatch": "Density of states",
    "nvt.equipartition.relative_error": "Equipartition over wavevectors",
    "nvt.potential_energy.error": "Potential energy",
}
"""Plain names of checks; others are shown by their dotted name alone."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table of checks."""

    title: str
    name: str
    passed: bool
    value: str
    floor: str
    threshold: str
    detail: str
    fill: float
    mark: float


def write_report(results: Path) -> Path:
    """Write ``report.html`` beside a ``results.json``, from it and the ``arrays.npz`` there.

    Returns:
        the page's path.

    Raises:
        FileFormatError: one of the two files is missing or damaged.
    """
    record = read_results(results)
    curves = read_curves(results.with_name(ARRAYS_NAME))
    page = render(
        record, [f for f in (*curve_figures(curves), speed_figure(record.provenance.speed)) if f]
    )
    path = results.with_name(REPORT_NAME)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(page, encoding="utf-8")
    os.replace(partial, path)
    return path


def render(results: Results, figures: list[Any]) -> str:
    """The page as text."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    folder = files("longstride.report")
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    source = results.provenance
    return template.render(
        source=source,
        passed=results.passed,
        n_passed=sum(check.passed for check in results.checks),
        rows=[_row(check) for check in results.checks],
        figures=figures,
        style=(folder / "report.css").read_text(encoding="utf-8"),
        headline=_headline(source.speed),
        model=_flat(source.model),
        sections=[
            ("Settings", _flat(source.settings)),
            ("Reference", _flat(source.reference)),
            ("Software", _flat(source.software)),
            ("Machine", _flat(source.machine)),
        ],
    )


def _row(check: Check) -> _Row:
    stem, _, condition = check.name.partition("[")
    title = _NAMES.get(stem, "")
    if title and condition:
        title += f", {condition.rstrip(']').replace('K', ' K')}"
    # The bar ends at one and a half thresholds; the threshold's mark is at two thirds of it.
    reach = 1.5 * check.threshold
    fill = 1.0 if reach == 0 else min(1.0, abs(check.value) / reach)
    return _Row(
        title=title or check.name,
        name=check.name,
        passed=check.passed,
        value=_number(check.value, check.unit),
        floor="–" if check.noise_floor is None else _number(check.noise_floor, check.unit),
        threshold=_number(check.threshold, check.unit),
        detail=check.detail,
        fill=100.0 * fill,
        mark=200.0 / 3.0,
    )


def _number(value: float, unit: str) -> str:
    """Three significant digits; numbers without a unit in percent."""
    if unit == "1":
        return f"{100.0 * value:.3g} %".replace("-", "−")
    return f"{value:.3g} {unit}".replace("-", "−")


def _headline(speeds: tuple[Speed, ...]) -> dict[str, str] | None:
    """Speed of the surrogate and how it compares, or None."""
    own = next((s for s in speeds if s.role == "surrogate"), None)
    other = next((s for s in speeds if s.role == "reference"), None)
    if own is None or other is None:
        return None
    ratio = own.ns_per_day / other.ns_per_day
    verdict = f"{ratio:.2g}× the speed" if ratio < 10 else f"{ratio:.0f}× the speed"
    return {"value": f"{own.ns_per_day:.3g} ns/day", "ratio": f"{verdict} of {other.program}"}


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
