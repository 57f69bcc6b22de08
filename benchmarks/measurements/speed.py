"""Speed of several maps and of the reference, timed in turns in one run."""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.dynamics import Ensemble, draw_velocities, langevin, repeated, rollout
from longstride.errors import RolloutError
from longstride.reference import Langevin, nanoseconds_per_day
from longstride.reference import run as run_engine
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from measurements.record import make_piece, rounded, say
from measurements.subject import Subject
from measurements.system import TIME_STEP, Systems

Clock = Callable[[], float]
"""Seconds since some moment."""


class SpeedSettings(BaseModel):
    """How speeds are measured.

    Attributes:
        temperature: K.
        repeat: copies of the data's cell along each axis.
        rounds: in each of which everything runs once.
        strides: timed in a round, after one that is not.
        steps: of the reference in a round.
        cores: threads of the maps, ranks of the reference.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: PositiveFloat = 600.0
    repeat: PositiveInt = 2
    rounds: PositiveInt = 5
    strides: PositiveInt = 4
    steps: PositiveInt = 500
    cores: PositiveInt = 2


def measure(
    subjects: list[Subject], systems: Systems, results: Path, settings: SpeedSettings
) -> None:
    """Write ``speed.json``."""
    engine = systems.engine(settings.temperature, settings.cores)
    determined_by = {
        "part": "speed",
        "models": [subject.describe() for subject in subjects],
        "data": {"file": systems.path.name, "sha256": systems.sha256},
        "settings": settings.model_dump(mode="json"),
        "reference": engine.describe(),
    }
    make_piece(
        results / "speed.json", determined_by, lambda: _rounds(subjects, systems, engine, settings)
    )


def _rounds(
    subjects: list[Subject], systems: Systems, engine: Engine, settings: SpeedSettings
) -> dict[str, Any]:
    torch.set_num_threads(settings.cores)
    maps = {subject.name: subject.propagator() for subject in subjects}
    cell = systems.start(settings.temperature, next(iter(maps.values())).regime)
    rng = np.random.default_rng(settings.rounds)
    start = repeated(cell, (settings.repeat,) * 3)
    start = draw_velocities(start, settings.temperature, rng)
    ensembles = {name: langevin(m, settings.temperature, 1.0 * PS) for name, m in maps.items()}
    seconds: dict[str, list[float]] = {name: [] for name in maps}
    reference: list[float] = []
    for index in range(settings.rounds):
        for name, ensemble in ensembles.items():
            seconds[name].append(seconds_per_stride(ensemble, start, settings.strides))
        bath = Langevin(settings.temperature, 1.0 * PS, index + 1)
        outcome = run_engine(engine, start, settings.steps, time_step=TIME_STEP, langevin=bath)
        reference.append(outcome.loop_seconds[0] / settings.steps)
        say(f"speed: round {index + 1} of {settings.rounds}")
    rows = {name: row_of(values, start, maps[name].stride) for name, values in seconds.items()}
    return rounded(
        {"n_atoms": start.n_atoms, "maps": rows, "reference": row_of(reference, start, TIME_STEP)}
    )


def seconds_per_stride(
    ensemble: Ensemble, start: State, strides: int, clock: Clock = time.perf_counter
) -> float:
    """Of the strides after the first; a map that breaks down is timed as far as it goes."""
    steps = rollout(ensemble, start, np.random.default_rng(1), strides + 1)
    next(steps)
    begin, seconds, done = clock(), 0.0, 0
    try:
        for _ in steps:
            seconds, done = clock() - begin, done + 1
    except RolloutError:
        if not done:
            raise
    return seconds / done


def row_of(seconds: list[float], state: State, length: float) -> dict[str, float]:
    """Median and range over the rounds; ``length`` in fs is what a step or stride covers."""
    per_atom = 1e6 / state.n_atoms
    return {
        "length": length,
        "microseconds": median(seconds) * per_atom,
        "lowest": min(seconds) * per_atom,
        "highest": max(seconds) * per_atom,
        "ns_per_day": nanoseconds_per_day(1, length, median(seconds)),
    }
