"""A rollout on LAMMPS, on all ranks, from its job to its files."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

import numpy as np

from longstride import __version__
from longstride.documents import read_text
from longstride.dynamics import Findings, RunFiles, RunPlan, Watch, run_metadata
from longstride.dynamics.restart import RestartPoint
from longstride.engines.lammps.bath import DomainBath, DomainLangevin, DomainRescaling
from longstride.engines.lammps.begin import Say, starting_point
from longstride.engines.lammps.energies import DomainEnergies
from longstride.engines.lammps.guard import DomainGauge, DomainGuard
from longstride.engines.lammps.host import HostedStrides
from longstride.engines.lammps.job import Job
from longstride.engines.lammps.library import open_lammps
from longstride.engines.lammps.model import Hosted, hosted_model
from longstride.engines.lammps.placement import Axes, make_box, place_atoms
from longstride.engines.lammps.ranks import Ranks, together
from longstride.engines.lammps.record import OpenFiles, Record, opened
from longstride.engines.lammps.schedule import Schedule
from longstride.engines.lammps.walk import DomainWalk
from longstride.errors import EngineError, LongstrideError
from longstride.kernels import EnergyPropagator
from longstride.state import State
from longstride.units import NS

_DAY = 86400.0


class Outcome(NamedTuple):
    """Of a run that is complete.

    Attributes:
        ns_per_day: simulated.
        findings: of the guard, on the first rank; None where nothing was watched.
    """

    ns_per_day: float
    findings: Findings | None


def run_job(job: Job, ranks: Ranks, say: Say) -> Outcome:
    """Run a job on all ranks.

    Args:
        job: the same on every rank.
        ranks: that share the atoms.
        say: takes lines for the user, on the first rank.

    Raises:
        RegimeLeftError: the guard ended the run, on the first rank; it can be resumed from there.
        LongstrideError: something is wrong, or the run had to stop; on every rank.
    """
    hosted = together(ranks, lambda: hosted_model(job.model, job.threads))
    assert hosted is not None
    stride, regime = hosted.model.config.stride, hosted.propagator.regime
    point = together(
        ranks, lambda: starting_point(job, stride, regime, say) if ranks.first else None
    )
    cell, numbers = np.empty((3, 3)), np.empty(4)
    if point is not None:
        cell[:] = point.state.cell
        hottest = max((*job.temperatures, point.state.temperature))
        plan = point.header.plan
        numbers[:] = hottest, plan.n_strides, point.header.done, point.state.n_atoms
    ranks.share(cell)
    ranks.share(numbers)
    hottest, (n_strides, done, n_atoms) = float(numbers[0]), (int(n) for n in numbers[1:])
    plan = RunPlan(n_strides=n_strides, frame_every=job.every, restart_every=job.restart_every)
    failed: list[LongstrideError] = []

    def check() -> None:
        if failed:
            raise failed[0]

    axes = Axes(cell)
    energies = _energies(job, ranks, hosted, axes, n_atoms)
    guard = together(ranks, lambda: _guard(job, ranks, hosted, axes, point, say))
    files: AbstractContextManager[OpenFiles | None] = nullcontext()
    if point is not None:
        files = opened(
            RunFiles(job.output),
            point,
            job.every * stride,
            {"made_by": f"longstride run {__version__}", "options": job.options},
            run_metadata(
                job.output,
                model=job.model,
                seed=job.seed,
                ensemble=job.ensemble,
                temperature=job.temperature,
            ),
            (
                *(() if energies is None else energies.columns),
                *(() if guard is None or guard.watch is None else guard.watch.columns),
            ),
            check,
        )
    with _opened_together(ranks, files) as open_files:
        try:
            lammps = together(ranks, lambda: open_lammps(ranks, job.log))
            record = Record(ranks, plan, axes, stride, done, n_atoms, open_files, energies, guard)
            strides = _prepared(
                job, ranks, lammps, hosted, None if point is None else point.state, axes, hottest
            )
            host = strides(_bath(job, ranks, 0.5 * stride, n_atoms), record)
            _user_commands(job, lammps)
            begin = time.monotonic()
            host.run(n_strides - done, done)
        except LongstrideError as error:
            failed.append(error)
            check()
    elapsed = max(time.monotonic() - begin, 1e-9)
    speed = (n_strides - done) * stride / NS * _DAY / elapsed
    watch = None if guard is None else guard.watch
    return Outcome(speed, None if watch is None else watch.findings)


def _energies(
    job: Job, ranks: Ranks, hosted: Hosted, axes: Axes, n_atoms: int
) -> DomainEnergies | None:
    """What tells energies; None where nothing is asked for or the model has no energy head."""
    if not job.energy_every or not isinstance(hosted.propagator, EnergyPropagator):
        return None
    return DomainEnergies(ranks, hosted.propagator, job.energy_every, axes.cell, n_atoms)


def _guard(
    job: Job, ranks: Ranks, hosted: Hosted, axes: Axes, point: RestartPoint | None, say: Say
) -> DomainGuard | None:
    """What watches over the model's regime; None where nothing is asked for or it has no limits."""
    gauge = hosted.propagator.gauge
    if not job.guard_every or gauge is None:
        return None
    of_domains = DomainGauge(ranks, gauge, hosted.model.config.species, axes.cell)
    if point is None:
        return DomainGuard(ranks, of_domains, job.guard_every, None, None)
    watch = Watch(of_domains, job.guard_every, stops=job.stops, say=say)
    # A run that was stopped at its first state begins anew.
    if point.header.done and watch.name in point.header.memories:
        watch.recall(point.header.memories[watch.name])
    return DomainGuard(ranks, of_domains, job.guard_every, watch, point.state)


def _prepared(
    job: Job,
    ranks: Ranks,
    lammps: Any,
    hosted: Hosted,
    state: State | None,
    axes: Axes,
    hottest: float,
) -> Callable[[DomainBath | None, Record], HostedStrides]:
    """LAMMPS with its box and atoms; returns what makes the strides."""
    config = hosted.model.config
    schedule = Schedule.of(hosted.model, job.exchange)
    reach = schedule.reach(hottest, min(config.masses))
    with commanding():
        make_box(lammps, axes.cell, config.masses, schedule, reach)
        place_atoms(lammps, ranks, state, axes, config.species)
    walk = DomainWalk(hosted.kick, config.cutoff, axes.cell, reach)

    def make(bath: DomainBath | None, record: Record) -> HostedStrides:
        with commanding():
            return HostedStrides(lammps, ranks, schedule, walk, config.masses, bath, record)

    return make


def _user_commands(job: Job, lammps: Any) -> None:
    """The commands of the user's file, one after the other."""
    if job.commands is None:
        return
    text = read_text(job.commands, "the file of LAMMPS commands")
    with commanding():
        lammps.commands_string(text)


@contextmanager
def commanding() -> Iterator[None]:
    """What LAMMPS complains of is one line; it does so on all ranks."""
    try:
        yield
    except LongstrideError:
        raise
    except Exception as error:  # the library raises plain exceptions
        raise EngineError(f"LAMMPS: {' '.join(str(error).split())}") from None


def _bath(job: Job, ranks: Ranks, duration: float, n_atoms: int) -> DomainBath | None:
    if job.ensemble == "nve":
        return None
    if job.ensemble == "langevin":
        return DomainLangevin(ranks, job.target, job.friction_time, duration, job.seed)
    return DomainRescaling(ranks, job.target, job.friction_time, duration, job.seed, n_atoms)


@contextmanager
def _opened_together(
    ranks: Ranks, files: AbstractContextManager[OpenFiles | None]
) -> Iterator[OpenFiles | None]:
    """The first rank's files; what goes wrong with them is every rank's error."""
    open_files = together(ranks, files.__enter__)
    failure: BaseException | None = None
    try:
        yield open_files
    except BaseException as error:
        failure = error
        files.__exit__(type(error), error, error.__traceback__)
        raise
    finally:
        if failure is None:
            together(ranks, lambda: files.__exit__(None, None, None))
