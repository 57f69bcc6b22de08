"""Speed against size, beside the reference on the same cores: what ``longstride bench`` does."""

import cProfile
import pstats
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveFloat, PositiveInt

from longstride.dynamics import Ensemble, langevin, rollout
from longstride.propagator import Propagator
from longstride.reference import Engine, Langevin
from longstride.reference.structure import thermal_velocities
from longstride.state import State
from longstride.units import NS, PS
from longstride.validation.experiment import Listener, Subject
from longstride.validation.timing import WARM_UP, Rounds, time_rounds

SPLIT_STRIDES = 3
"""Strides of the one round in which the parts of a stride are told apart."""

MICROSECONDS_A_DAY = 86400e6

NEIGHBOURS = (("pair_list.py", "at"), ("neighbors.py", "find_pairs"))
COMPILED = (("native_kick.py", "at"), ("fused_kick.py", "__call__"))
THERMOSTAT = ("ensemble.py", "_half")
STEP = ("propagator.py", "step")
"""Functions, by file and name, whose time the parts of a stride take."""


class BenchSettings(BaseModel):
    """How speeds are measured.

    Attributes:
        temperature: of the bath, K.
        rounds: in each of which both programs run.
        length: fs that each simulates in a round, if that takes no more than some seconds.
        time_step: of the reference, fs.
        cores: threads of the map, ranks of the reference.
        seed: of velocities and baths.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: PositiveFloat
    rounds: PositiveInt = 5
    length: PositiveFloat = 0.6 * PS
    time_step: PositiveFloat = 2.0
    cores: PositiveInt = 2
    seed: NonNegativeInt = 1


class BenchRun(BaseModel):
    """One system. Ranges are the lowest and the highest round.

    Attributes:
        atoms: how many.
        ns_per_day, ns_per_day_range: of the surrogate, median and range.
        us_per_atom_stride: median, µs.
        reference_ns_per_day, reference_ns_per_day_range: of the reference; None without one.
        reference_us_per_atom_step: median, µs.
        ratio, ratio_range: surrogate over reference, round by round.
        split: parts of a stride's time: ``neighbours``, ``network``, ``thermostat`` and ``other``
            (composing the kicks, checks).
        gflops: arithmetic of the compiled kicks, 10⁹ operations a second; None where nobody counts.
        share_of_peak: the same over the processor's measured peak.
        peak_rss_mb: most memory of this process so far, MB.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    atoms: PositiveInt
    ns_per_day: PositiveFloat
    ns_per_day_range: tuple[float, float]
    us_per_atom_stride: PositiveFloat
    reference_ns_per_day: PositiveFloat | None
    reference_ns_per_day_range: tuple[float, float] | None
    reference_us_per_atom_step: PositiveFloat | None
    ratio: PositiveFloat | None
    ratio_range: tuple[float, float] | None
    split: dict[str, float]
    gflops: PositiveFloat | None = None
    share_of_peak: PositiveFloat | None = None
    peak_rss_mb: PositiveFloat


class Arithmetic(BaseModel):
    """What a stride computes, and what the processor could.

    Attributes:
        operations: of a stride and atom.
        peak_gflops: of the cores in use, measured, 10⁹ operations a second.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    operations: PositiveFloat
    peak_gflops: PositiveFloat


class Bench(BaseModel):
    """The content of the JSON file.

    Attributes:
        model, reference: what was timed; the reference is empty where there was none.
        arithmetic: of the model on this machine; None where it has no compiled form that counts.
        stride: of the model, fs.
        settings: as they were.
        software, machine: versions, processor, cores.
        created: date and time, UTC.
        runs: from the smallest system to the largest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    model: dict[str, Any]
    reference: dict[str, Any]
    arithmetic: Arithmetic | None = None
    stride: PositiveFloat
    settings: BenchSettings
    software: dict[str, str]
    machine: dict[str, Any]
    created: str
    runs: tuple[BenchRun, ...]


def bench_runs(
    subject: Subject,
    engine: Engine | None,
    crystals: Sequence[Callable[[], State]],
    settings: BenchSettings,
    listener: Listener,
    arithmetic: Arithmetic | None = None,
) -> Iterator[BenchRun]:
    """Time each system, the smallest first.

    Args:
        subject: the model.
        engine: the reference, if there is one.
        crystals: make the systems, at rest at their sites, in increasing size.
        settings: how.
        listener: hears of each system.
        arithmetic: of the subject on this machine, where it is known.
    """
    ensemble = langevin(subject.propagator, settings.temperature, PS)
    bath = Langevin(settings.temperature, PS, settings.seed)
    rounds = Rounds(settings.rounds, settings.length, settings.time_step, settings.cores)
    for make in crystals:
        rng = np.random.default_rng(settings.seed)
        # At rest at the sites: half of the kinetic energy becomes potential energy.
        start = thermal_velocities(make(), 2.0 * settings.temperature, rng)
        with listener.part(f"{start.n_atoms} atoms", None):
            own, other = time_rounds(ensemble, engine, start, bath, rounds)
            split = stride_split(subject.propagator, ensemble, start, rng)
        run = _run(start.n_atoms, own, other, split, ensemble.stride, settings.time_step)
        yield run if arithmetic is None else _with_rate(run, arithmetic)


def _run(
    n_atoms: int,
    own: list[float],
    other: list[float],
    split: dict[str, float],
    stride: float,
    time_step: float,
) -> BenchRun:
    ratios = [a / b for a, b in zip(own, other, strict=True)] if other else []

    def microseconds(ns_per_day: float, length: float) -> float:
        return MICROSECONDS_A_DAY / (ns_per_day * NS / length) / n_atoms

    return BenchRun(
        atoms=n_atoms,
        ns_per_day=median(own),
        ns_per_day_range=(min(own), max(own)),
        us_per_atom_stride=microseconds(median(own), stride),
        reference_ns_per_day=median(other) if other else None,
        reference_ns_per_day_range=(min(other), max(other)) if other else None,
        reference_us_per_atom_step=microseconds(median(other), time_step) if other else None,
        ratio=median(ratios) if ratios else None,
        ratio_range=(min(ratios), max(ratios)) if ratios else None,
        split=split,
        peak_rss_mb=peak_memory(),
    )


def _with_rate(run: BenchRun, arithmetic: Arithmetic) -> BenchRun:
    """With the rate of the kicks alone: the time of lists, baths and checks is left out."""
    spent = run.us_per_atom_stride * run.split["network"]
    gflops = arithmetic.operations / spent * 1e-3
    return run.model_copy(
        update={"gflops": gflops, "share_of_peak": gflops / arithmetic.peak_gflops}
    )


def stride_split(
    propagator: Propagator, ensemble: Ensemble, start: State, rng: np.random.Generator
) -> dict[str, float]:
    """Shares of a stride's time, by a profile of some strides after the first ones."""
    strides = rollout(ensemble, start, rng, WARM_UP + SPLIT_STRIDES)
    for _ in range(WARM_UP):
        next(strides)
    # Compiled kicks make their lists themselves, and count the time.
    before = getattr(propagator, "list_seconds", None)
    profile = cProfile.Profile()
    profile.enable()
    for _ in strides:
        pass
    profile.disable()
    stats = pstats.Stats(profile)
    times: dict[tuple[str, str], float] = {}
    for (file, _, name), (_, _, _, cumulative, _) in stats.stats.items():  # type: ignore[attr-defined]
        key = (file.replace("\\", "/").rpartition("/")[2], name)
        times[key] = max(times.get(key, 0.0), cumulative)
    whole: float = stats.total_tt  # type: ignore[attr-defined]
    kicks = max(times.get(key, 0.0) for key in COMPILED)
    if before is not None:
        neighbours = getattr(propagator, "list_seconds", 0.0) - before
        network = kicks - neighbours
    else:
        neighbours = max(times.get(key, 0.0) for key in NEIGHBOURS)
        # What is not compiled is one call of torch after the other: all of the step but the list.
        network = kicks or times.get(STEP, 0.0) - neighbours
    spent = {
        "neighbours": neighbours,
        "network": network,
        "thermostat": times.get(THERMOSTAT, 0.0),
    }
    shares = {part: seconds / whole for part, seconds in spent.items()}
    return {**shares, "other": max(0.0, 1.0 - sum(shares.values()))}


def peak_memory() -> float:
    """Most memory this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6
