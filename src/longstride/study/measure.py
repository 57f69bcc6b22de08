"""What a finished run says, in numbers with errors."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from longstride.analysis import diffusion_coefficient, kinetic_temperature, mean_with_error
from longstride.analysis.streaming import streaming_mean_square_displacement
from longstride.documents import read_json
from longstride.dynamics import ENERGY_COLUMNS, Thermo, read_thermo
from longstride.errors import FileFormatError, LongstrideError
from longstride.files import write_text
from longstride.reference.structure import StructureSettings
from longstride.study.job import Job
from longstride.study.settings import AnalysisSettings
from longstride.trajectory import Segment, TrajectoryFile
from longstride.units import PS
from longstride.validation import RESULTS_NAME, read_results

MEASURED: Final = "measured.json"
"""What was measured of a run, in its folder, so that it is measured once."""

ATOMS_PER_CELL: Final = {"fcc": 4, "bcc": 2, "sc": 1, "diamond": 8}
"""Of cubic lattices, whose constant a volume tells."""

LEAST_FRAMES: Final = 20
"""Of a trajectory that a diffusion coefficient is read from."""

Quantities = dict[str, tuple[float, float]]
"""Value and standard error by the name of the quantity, which ends in its unit; an error that is
not known is NaN."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A finished run.

    Attributes:
        folder: of the run.
        job: of the run.
        lattice: of the structure it started from, where that is a perfect cubic lattice.
    """

    folder: Path
    job: Job
    lattice: str | None


def lattice_of(settings: StructureSettings | None) -> str | None:
    """The cubic lattice of a structure without vacancies; None where it is none."""
    if settings is None or settings.vacancies:
        return None
    return settings.lattice if settings.lattice in ATOMS_PER_CELL else None


def measured(subject: Subject, settings: AnalysisSettings) -> Quantities:
    """The numbers of a run; those of an earlier call, where nothing has changed since.

    Raises:
        LongstrideError: an output cannot be read.
    """
    path = subject.folder / MEASURED
    mark = _mark(subject, settings)
    try:
        known = read_json(path, "the numbers of a run")
        if known["mark"] == mark:
            return {str(k): (_number(v), _number(e)) for k, (v, e) in known["numbers"].items()}
    except (FileFormatError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        pass
    numbers = _MEASURES[subject.job.kind](subject, settings)
    plain = {name: [_plain(number) for number in pair] for name, pair in numbers.items()}
    write_text(path, json.dumps({"mark": mark, "numbers": plain}, indent=1) + "\n")
    return numbers


def _mark(subject: Subject, settings: AnalysisSettings) -> dict[str, Any]:
    files = [subject.folder / name for name in ("out.h5", "data.h5", RESULTS_NAME)]
    return {
        "fingerprint": subject.job.fingerprint,
        "analysis": settings.model_dump(mode="json"),
        "lattice": subject.lattice,
        "files": [[one.name, one.stat().st_mtime_ns] for one in files if one.exists()],
    }


def _plain(number: float) -> float | None:
    return number if np.isfinite(number) else None


def _number(content: Any) -> float:
    return float("nan") if content is None else float(content)


def _of_run(subject: Subject, settings: AnalysisSettings) -> Quantities:
    thermo = read_thermo(subject.folder / "out.thermo.csv")
    first = int(settings.skip * len(thermo.time))
    numbers: Quantities = {}
    _add_series(numbers, "temperature_K", thermo.temperature[first:])
    for name in ENERGY_COLUMNS:
        series = thermo.observed.get(name)
        if series is not None:
            known = series[first:]
            _add_series(numbers, name, known[np.isfinite(known)])
    with TrajectoryFile(subject.folder / "out.h5") as file:
        segment = file[file.segments[0]]
        _add_volume(numbers, thermo, first, segment.n_atoms, subject.lattice)
        _add_diffusion(numbers, [segment], settings)
    return numbers


def _add_volume(
    numbers: Quantities, thermo: Thermo, first: int, n_atoms: int, lattice: str | None
) -> None:
    """Of a run at constant pressure."""
    if thermo.volume is None:
        return
    volume = thermo.volume[first:] / n_atoms
    _add_series(numbers, "volume_A3_per_atom", volume)
    if lattice is not None:
        _add_series(numbers, "lattice_constant_A", np.cbrt(volume * ATOMS_PER_CELL[lattice]))


def _of_generate(subject: Subject, settings: AnalysisSettings) -> Quantities:
    """Segments are independent, or nearly so: a bath lies between them."""
    numbers: Quantities = {}
    with TrajectoryFile(subject.folder / "data.h5") as file:
        segments = list(file)
        parts: dict[str, list[tuple[float, float]]] = {}
        for segment in segments:
            for name, pair in _of_segment(segment).items():
                parts.setdefault(name, []).append(pair)
        for name, pairs in parts.items():
            numbers[name] = _mean(pairs)
        volume = segments[0].state(0).volume / segments[0].n_atoms
        numbers["volume_A3_per_atom"] = (volume, float("nan"))
        if subject.lattice is not None:
            constant = float(np.cbrt(volume * ATOMS_PER_CELL[subject.lattice]))
            numbers["lattice_constant_A"] = (constant, float("nan"))
        _add_diffusion(numbers, segments, settings)
    return numbers


def _of_segment(segment: Segment) -> Quantities:
    numbers: Quantities = {}
    kinetic = kinetic_temperature(segment.velocities(), segment.masses)
    _add_series(numbers, "temperature_K", kinetic.series)
    potential = segment.potential_energy()
    if potential is not None:
        _add_series(numbers, ENERGY_COLUMNS[0], potential / segment.n_atoms)
    return numbers


def _of_validation(subject: Subject, settings: AnalysisSettings) -> Quantities:
    """How many checks failed, and the largest value over its threshold."""
    checks = read_results(subject.folder / RESULTS_NAME).checks
    ratios = [abs(check.value) / check.threshold for check in checks if check.threshold > 0]
    nan = float("nan")
    return {
        "checks": (float(len(checks)), nan),
        "failed_checks": (float(sum(not check.passed for check in checks)), nan),
        "largest_value_over_threshold": (max(ratios, default=0.0), nan),
    }


_MEASURES: Final[dict[str, Callable[[Subject, AnalysisSettings], Quantities]]] = {
    "run": _of_run,
    "generate": _of_generate,
    "validate": _of_validation,
}


def _add_series(numbers: Quantities, name: str, series: Any) -> None:
    """Mean of a series, with the error that its own correlation time gives."""
    if len(series) >= 2:
        estimate = mean_with_error(series)
        numbers[name] = (estimate.value, estimate.error)


def _add_diffusion(
    numbers: Quantities, segments: list[Segment], settings: AnalysisSettings
) -> None:
    """Diffusion coefficient by the Einstein relation, the mean over the segments."""
    found = []
    for segment in segments:
        first = int(settings.skip * segment.n_frames) if len(segments) == 1 else 0
        n_frames = segment.n_frames - first
        if n_frames < LEAST_FRAMES:
            return
        length = (n_frames - 1) * segment.interval
        start, stop = (share * length for share in settings.diffusion)
        try:
            msd = streaming_mean_square_displacement(
                (segment.positions(k) for k in range(first, segment.n_frames)),
                segment.interval,
                masses=segment.masses,
                max_lag=int(np.ceil(stop / segment.interval)),
            )
            estimate = diffusion_coefficient(msd, start, stop)
        except LongstrideError:
            return  # too few lags between start and stop
        found.append((PS * estimate.value, PS * estimate.error))
    numbers["diffusion_A2_per_ps"] = _mean(found)


def _mean(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Mean of independent values, with the error that their own errors give."""
    values, errors = np.array(pairs).T
    return float(values.mean()), float(np.sqrt(np.sum(errors**2)) / len(errors))
