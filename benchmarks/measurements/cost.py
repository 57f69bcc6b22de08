"""Cost of all points of a study, timed in turns in one run, beside the operations they count."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.dynamics import draw_velocities, langevin, repeated
from longstride.graph import find_pairs
from longstride.kernels import ModelPropagator, NativeKick, multiply_adds
from longstride.model import KickDriftMap
from longstride.state import State
from longstride.units import PS
from measurements.record import rounded, say, write_piece
from measurements.speed import row_of, seconds_per_stride
from measurements.study import Study, finished
from measurements.subject import Subject
from measurements.system import Systems


class CostSettings(BaseModel):
    """How costs are measured.

    Attributes:
        temperature: K.
        repeat: copies of the data's cell along each axis.
        rounds: in each of which every point runs once.
        length: fs that are timed in a round, after one stride that is not.
        threads: of the processor; the time of one is processor time, that of more is wall time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: PositiveFloat = 600.0
    repeat: PositiveInt = 2
    rounds: PositiveInt = 7
    length: PositiveFloat = 360.0
    threads: PositiveInt = 1


def measure_cost(
    study: Study, systems: Systems, runs: Path, results: Path, settings: CostSettings
) -> None:
    """Write ``cost.json``, over an older one: the kernel it was measured with has no name."""
    subjects = [
        Subject(point.name, runs / point.name / "model", "comparison")
        for point in study.points
        if finished(runs / point.name)
    ]
    determined_by = {
        "part": "cost",
        "models": [subject.describe() for subject in subjects],
        "data": {"file": systems.path.name, "sha256": systems.sha256},
        "settings": settings.model_dump(mode="json"),
    }
    path = results / "cost.json"
    write_piece(path, determined_by, lambda: _rounds(subjects, systems, settings))


def _rounds(subjects: list[Subject], systems: Systems, settings: CostSettings) -> dict[str, Any]:
    torch.set_num_threads(settings.threads)
    maps = {subject.name: subject.propagator() for subject in subjects}
    cell = systems.start(settings.temperature, next(iter(maps.values())).regime)
    state = repeated(cell, (settings.repeat,) * 3)
    start = draw_velocities(state, settings.temperature, np.random.default_rng(1))
    # Processor time of one thread is free of what else the machine does.
    clock = time.process_time if settings.threads == 1 else time.perf_counter
    seconds: dict[str, list[float]] = {name: [] for name in maps}
    for index in range(settings.rounds):
        for name, propagator in maps.items():
            ensemble = langevin(propagator, settings.temperature, PS)
            strides = max(1, round(settings.length / propagator.stride))
            seconds[name].append(seconds_per_stride(ensemble, start, strides, clock))
        say(f"cost: round {index + 1} of {settings.rounds}")
    rows = {name: _row(maps[name], start, values) for name, values in seconds.items()}
    return rounded({"n_atoms": start.n_atoms, "maps": rows})


def _row(propagator: ModelPropagator, start: State, seconds: list[float]) -> dict[str, Any]:
    """Per atom and ps: microseconds with their range, evaluations and kFLOP."""
    model = propagator.model
    assert isinstance(model, KickDriftMap)
    config, per_ps = model.config, PS / propagator.stride
    timed = row_of(seconds, start, propagator.stride)
    neighbours = float(
        find_pairs(start.positions, start.cell, start.pbc, config.cutoff).filled.sum(1).mean()
    )
    counted = 2.0 * multiply_adds(model, neighbours) if NativeKick.has_form(model) else None
    return {
        **{key: timed[key] * per_ps for key in ("microseconds", "lowest", "highest")},
        "evaluations": config.substeps * config.kicks * per_ps,
        "neighbours": neighbours,
        "kflop": None if counted is None else 1e-3 * counted * per_ps,
    }
