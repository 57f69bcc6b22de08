"""The files of a whole study: ``sweep.csv``, a line a run, and ``sweep.json`` with everything."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Final

from longstride import __version__
from longstride.files import write_text
from longstride.study.measure import Quantities
from longstride.study.merge import ConditionMeans, Fit, by_condition, fits
from longstride.study.points import Point

TABLE_NAME: Final = "sweep.csv"
RECORD_NAME: Final = "sweep.json"

AXES: Final = ("model", "structure", "strain", "pressure_GPa", "temperature_K_set", "seed")
"""Columns that say where a run stands; numbers and their errors follow."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Everything a study came to.

    Attributes:
        title: name of the study.
        kind: of its command.
        numbers: of finished runs.
        failed: why others failed, by their names.
        unmeasured: why finished runs have no numbers, by their names.
        conditions: means over seeds.
        fits: laws.
    """

    title: str
    kind: str
    numbers: Mapping[Point, Quantities]
    failed: Mapping[str, str]
    unmeasured: Mapping[str, str]
    conditions: tuple[ConditionMeans, ...]
    fits: tuple[Fit, ...]


def merge(
    title: str,
    kind: str,
    numbers: Mapping[Point, Quantities],
    failed: Mapping[str, str],
    unmeasured: Mapping[str, str],
) -> Merged:
    """Means and fits from the numbers of runs."""
    conditions = by_condition(numbers)
    return Merged(title, kind, numbers, failed, unmeasured, conditions, fits(conditions))


def quantities(numbers: Sequence[Quantities]) -> tuple[str, ...]:
    """Names of all quantities, in the order they come."""
    return tuple(dict.fromkeys(name for one in numbers for name in one))


def write_results(merged: Merged, folder: Path) -> tuple[Path, Path]:
    """Write table and record; returns their paths."""
    table, record = folder / TABLE_NAME, folder / RECORD_NAME
    write_text(table, _table(merged))
    write_text(record, json.dumps(plain(merged), indent=1, allow_nan=False) + "\n")
    return table, record


def _table(merged: Merged) -> str:
    names = quantities(list(merged.numbers.values()))
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    header = ["run", *AXES]
    for name in names:
        header += [name, f"{name}_error"]
    out.writerow(header)
    for point, numbers in merged.numbers.items():
        row = [point.name, point.model_name, point.structure or "", point.strain_text]
        row += ["" if point.pressure is None else f"{point.pressure:g}"]
        row += [f"{point.temperature:g}", str(point.seed)]
        for name in names:
            pair = numbers.get(name, (float("nan"), float("nan")))
            row += [repr(value) if isfinite(value) else "" for value in pair]
        out.writerow(row)
    return text.getvalue()


def plain(merged: Merged) -> dict[str, Any]:
    """As plain data; numbers that are not known are null."""
    return {
        "schema": 1,
        "made_by": f"longstride sweep {__version__}",
        "study": merged.title,
        "kind": merged.kind,
        "runs": [
            {
                "name": point.name,
                **_point(point),
                "seed": point.seed,
                "numbers": {
                    name: {"value": _known(value), "error": _known(error)}
                    for name, (value, error) in numbers.items()
                },
            }
            for point, numbers in merged.numbers.items()
        ],
        "failed": dict(merged.failed),
        "unmeasured": dict(merged.unmeasured),
        "conditions": [
            {
                **_point(one.condition),
                "means": {
                    name: {key: _known(value) for key, value in asdict(mean).items()}
                    for name, mean in one.means.items()
                },
            }
            for one in merged.conditions
        ],
        "fits": [_fit(fit) for fit in merged.fits],
    }


def _point(point: Point) -> dict[str, Any]:
    content = point.plain()
    del content["seed"]
    content["model"] = point.model_name
    return content


def _fit(fit: Fit) -> dict[str, Any]:
    content: dict[str, Any] = {"quantity": fit.quantity, "label": fit.curve.label}
    if fit.arrhenius is not None:
        law = fit.arrhenius
        line = law.line
        content["activation_energy_eV"] = _pair(law.energy.value, law.energy.error)
        content["log_prefactor"] = _pair(law.log_prefactor.value, law.log_prefactor.error)
    elif fit.line is not None:
        line = fit.line
        content["temperature_K"] = line.centre
        content["at_temperature"] = _pair(line.value.value, line.value.error)
        content["slope_per_K"] = _pair(line.slope.value, line.slope.error)
        expansion = (line.slope.value / line.value.value, line.slope.error / line.value.value)
        content["linear_expansion_per_K"] = _pair(*expansion)
    else:
        return content | {"why_not": fit.why_not}
    return content | {
        "chi_squared": line.chi_squared,
        "degrees_of_freedom": line.degrees_of_freedom,
    }


def _pair(value: float, error: float) -> dict[str, float]:
    return {"value": value, "error": error}


def _known(number: float) -> float | None:
    return number if isfinite(number) else None
