"""Speed of a surrogate and its reference on the same cores, timed in turns."""

import time
from dataclasses import dataclass
from statistics import median

import numpy as np

from longstride.dynamics import Ensemble, rollout
from longstride.reference import Engine, Langevin, nanoseconds_per_day, run
from longstride.state import State
from longstride.validation.results import Speed

WARM_UP = 2
"""Strides before the clock starts: the first ones fill caches and compile."""

LONGEST = 5.0
"""Seconds after which a surrogate's round ends, however much it has simulated."""

FEWEST = 3
"""Strides a round has in any case."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """How speeds are measured.

    Attributes:
        count: rounds; in each one both programs run.
        length: fs each program simulates in a round.
        time_step: the reference's time step in fs.
        cores: cores both use.
        matched_step: another time step of the reference in fs, timed in the same rounds, or None.
    """

    count: int
    length: float
    time_step: float
    cores: int
    matched_step: float | None = None


@dataclass(frozen=True, slots=True)
class Timed:
    """ns/day in every round; empty where nothing was timed.

    Attributes:
        own: of the surrogate.
        reference: of the reference.
        matched: of the reference at its other time step.
    """

    own: list[float]
    reference: list[float]
    matched: list[float]


def measure_speeds(
    ensemble: Ensemble, engine: Engine, start: State, bath: Langevin, rounds: Rounds
) -> tuple[Speed, Speed]:
    """Median speeds of the surrogate and of the reference, without writing frames."""
    timed = time_rounds(ensemble, engine, start, bath, rounds)
    name = str(engine.describe()["engine"])
    shown = {"lammps": "LAMMPS"}.get(name, name)
    potential = engine.describe()["potential"]
    return (
        _speed(
            "longstride", "surrogate", timed.own, start, rounds, f"{ensemble.stride:g} fs strides"
        ),
        _speed(
            shown,
            "reference",
            timed.reference,
            start,
            rounds,
            f"{potential}, {rounds.time_step:g} fs steps",
        ),
    )


def time_rounds(
    ensemble: Ensemble, engine: Engine | None, start: State, bath: Langevin, rounds: Rounds
) -> Timed:
    """Speeds of the surrogate and of the reference in every round; nothing of no reference.

    The surrogate's clock runs over the strides, with their checks; the reference's is the loop
    time it reports itself. Alternating rounds let a change of the machine's load hit all.
    """
    n_strides = max(FEWEST, round(rounds.length / ensemble.stride))
    timed = Timed([], [], [])
    for index in range(rounds.count):
        rng = np.random.default_rng([bath.seed, index])
        if engine is not None:
            timed.reference.append(_reference_round(engine, start, bath, rounds, rounds.time_step))
            if rounds.matched_step is not None:
                speed = _reference_round(engine, start, bath, rounds, rounds.matched_step)
                timed.matched.append(speed)
        timed.own.append(_surrogate_round(ensemble, start, rng, n_strides))
    return timed


def _reference_round(
    engine: Engine, start: State, bath: Langevin, rounds: Rounds, time_step: float
) -> float:
    """ns/day of one round."""
    steps = max(1, round(rounds.length / time_step))
    outcome = run(engine, start, steps, time_step=time_step, langevin=bath)
    return nanoseconds_per_day(steps, time_step, outcome.loop_seconds[0])


def _surrogate_round(
    ensemble: Ensemble, start: State, rng: np.random.Generator, n_strides: int
) -> float:
    """ns/day of one round of at most ``n_strides`` strides."""
    strides = rollout(ensemble, start, rng, n_strides + WARM_UP)
    for _ in range(WARM_UP):
        next(strides)
    done, seconds = 0, 0.0
    begin = time.perf_counter()
    for stride in strides:
        done = stride.index - WARM_UP
        seconds = time.perf_counter() - begin
        if seconds > LONGEST and done >= FEWEST:
            break
    return nanoseconds_per_day(done, ensemble.stride, seconds)


def _speed(
    program: str, role: str, values: list[float], state: State, rounds: Rounds, detail: str
) -> Speed:
    return Speed(
        program=program,
        role="surrogate" if role == "surrogate" else "reference",
        ns_per_day=median(values),
        lowest=min(values),
        highest=max(values),
        n_atoms=state.n_atoms,
        cores=rounds.cores,
        detail=detail,
    )
