"""Speed against size, beside the reference on the same cores: what ``longstride bench`` does."""

import cProfile
import pstats
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import numpy as np

from longstride.dynamics import Ensemble, langevin, rollout
from longstride.propagator import Propagator
from longstride.reference import Engine, Langevin
from longstride.reference.structure import thermal_velocities
from longstride.state import State
from longstride.units import NS, PS
from longstride.validation.bench_record import Arithmetic, BenchRun, BenchSettings
from longstride.validation.experiment import Listener, Subject
from longstride.validation.timing import WARM_UP, Rounds, Timed, time_rounds

SPLIT_STRIDES = 3
"""Strides of the one round in which the parts of a stride are told apart."""

MICROSECONDS_A_DAY = 86400e6

NEIGHBOURS = ("neighbors.py", "find_pairs")
COMPILED = ("native_kick.py", "at")
THERMOSTAT = ("ensemble.py", "_half")
STEP = ("propagator.py", "step")
"""Functions, by file and name, whose time the parts of a stride take."""


def bench_runs(
    subject: Subject,
    engine: Engine | None,
    crystals: Sequence[Callable[[], State]],
    settings: BenchSettings,
    listener: Listener,
    arithmetic: Arithmetic | None = None,
    matched_step: float | None = None,
) -> Iterator[BenchRun]:
    """Time each system, the smallest first.

    Args:
        subject: the model.
        engine: the reference, if there is one.
        crystals: make the systems, at rest at their sites, in increasing size.
        settings: how.
        listener: hears of each system.
        arithmetic: of the subject on this machine, where it is known.
        matched_step: time step in fs at which the reference is timed, too.
    """
    ensemble = langevin(subject.propagator, settings.temperature, PS)
    bath = Langevin(settings.temperature, PS, settings.seed)
    rounds = Rounds(
        settings.rounds, settings.length, settings.time_step, settings.cores, matched_step
    )
    for make in crystals:
        rng = np.random.default_rng(settings.seed)
        # At rest at the sites: half of the kinetic energy becomes potential energy.
        start = thermal_velocities(make(), 2.0 * settings.temperature, rng)
        with listener.part(f"{start.n_atoms} atoms", None):
            timed = time_rounds(ensemble, engine, start, bath, rounds)
            split = stride_split(subject.propagator, ensemble, start, rng)
        run = _run(start.n_atoms, timed, split, ensemble.stride, rounds)
        yield run if arithmetic is None else _with_rate(run, arithmetic)


def _run(
    n_atoms: int, timed: Timed, split: dict[str, float], stride: float, rounds: Rounds
) -> BenchRun:
    own, other, matched = timed.own, timed.reference, timed.matched
    ratios, matched_ratios = _ratios(own, other), _ratios(own, matched)

    def microseconds(ns_per_day: list[float], length: float) -> float:
        return MICROSECONDS_A_DAY / (median(ns_per_day) * NS / length) / n_atoms

    return BenchRun(
        atoms=n_atoms,
        ns_per_day=median(own),
        ns_per_day_range=(min(own), max(own)),
        us_per_atom_stride=microseconds(own, stride),
        reference_ns_per_day=median(other) if other else None,
        reference_ns_per_day_range=_range(other),
        reference_us_per_atom_step=microseconds(other, rounds.time_step) if other else None,
        ratio=median(ratios) if ratios else None,
        ratio_range=_range(ratios),
        split=split,
        peak_rss_mb=peak_memory(),
        matched_us_per_atom_step=(
            microseconds(matched, rounds.matched_step) if rounds.matched_step and matched else None
        ),
        matched_ratio=median(matched_ratios) if matched_ratios else None,
        matched_ratio_range=_range(matched_ratios),
    )


def _ratios(own: list[float], other: list[float]) -> list[float]:
    """Round by round; none of no reference."""
    return [a / b for a, b in zip(own, other, strict=True)] if other else []


def _range(values: list[float]) -> tuple[float, float] | None:
    return (min(values), max(values)) if values else None


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
    kicks = times.get(COMPILED, 0.0)
    if before is not None:
        neighbours = getattr(propagator, "list_seconds", 0.0) - before
        network = kicks - neighbours
    else:
        neighbours = times.get(NEIGHBOURS, 0.0)
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
