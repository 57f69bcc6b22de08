"""A model beside trajectories of a file, without an engine: its runs are made as theirs were."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.testsystems import HarmonicCrystal
from longstride.trajectory import TrajectoryFile, TrajectoryWriter, segment_of
from longstride.validation.experiment import Subject
from longstride.validation.suite import (
    FileOfReference,
    Request,
    SuiteSettings,
    validate_model,
)
from longstride.validation.thresholds import packaged_thresholds

STRIDE, STAGES, KELVIN = 60.0, 3, 600.0


@pytest.fixture
def values(tmp_path: Path, make_notes, al_regime) -> Callable[[str | None], dict[str, float]]:
    """The checks of the exact map of a crystal beside a record of it at constant energy."""
    crystal = HarmonicCrystal.fcc(repeat=2)
    start = crystal.sample(KELVIN, np.random.default_rng(4))

    def judged(ensemble: str | None) -> dict[str, float]:
        path = tmp_path / f"{ensemble}.h5"
        metadata: dict[str, Any] = {"temperature": KELVIN}
        with TrajectoryWriter(path) as out:
            segment = segment_of(
                out,
                "run",
                start,
                interval=STRIDE / STAGES,
                metadata=metadata if ensemble is None else metadata | {"ensemble": ensemble},
            )
            for frame in range(451):
                now = crystal.evolve(start, frame * STRIDE / STAGES)
                segment.append(time=now.time, positions=now.positions, velocities=now.velocities)
        subject = Subject("exact", crystal.propagator(STRIDE, STAGES), al_regime, "exact", {})
        settings = SuiteSettings(temperatures=(KELVIN,), discard=0.0, speed_rounds=0)
        cache = tmp_path / "parts"
        request = Request(
            ("nvt", "dynamics"), True, settings, packaged_thresholds(), tmp_path, cache, "test"
        )
        with TrajectoryFile(path) as file:
            reference = FileOfReference.of(file, ())
            results = validate_model(
                subject, None, lambda kelvin: crystal.lattice, reference, request, make_notes()
            )
        return {check.name.split("[")[0]: check.value for check in results.checks}

    return judged


@pytest.mark.parametrize("ensemble", [None, "nve"])
def test_at_constant_energy_an_exact_map_repeats_the_record(
    values: Callable[[str | None], dict[str, float]], ensemble: str | None
):
    found = values(ensemble)
    assert abs(found["nvt.temperature.relative_error"]) < 1e-9
    assert found["nvt.vdos.mismatch"] < 1e-9
    assert found["nvt.msd.l1"] < 1e-9


def test_at_constant_temperature_only_the_spectrum_stays(
    values: Callable[[str | None], dict[str, float]],
):
    rescaled, rubbed = values("nvt"), values("langevin")
    assert abs(rescaled["nvt.temperature.relative_error"]) > 1e-4
    # Friction of 1 ps widens every line of a spectrum whose lines have no width of their own.
    assert rubbed["nvt.vdos.mismatch"] > 2.0 * rescaled["nvt.vdos.mismatch"]
