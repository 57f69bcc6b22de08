"""Runs that leave files, and can be killed at any moment and resumed bit for bit.

For ``out.h5`` a run writes

- ``out.h5.partial``, the trajectory, renamed to ``out.h5`` when the run is complete;
- ``out.thermo.csv.partial``, the scalars of every stride, renamed to ``out.thermo.csv``;
  at constant pressure with the volume, as the frames are with their cells, and with what
  observers add;
- ``out.h5.restart``, the last restart point, deleted when the run is complete.

Restart points are made at fixed strides. There the files are brought to the disk, the state and the
generator are saved, and the propagator forgets what it cached, in a run that goes on as in one
that is resumed: this is why both give the same bits. A run that stops in between loses the
strides since the last point, and repeats them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from longstride.dynamics.barostat import require_periodic
from longstride.dynamics.ensemble import Ensemble
from longstride.dynamics.guard import require_sound
from longstride.dynamics.observer import Observer
from longstride.dynamics.recorder import Monitor, Recorder
from longstride.dynamics.restart import RestartPoint, generator_state
from longstride.dynamics.rollout import frame_interval
from longstride.dynamics.run_plan import RunFiles, RunPlan
from longstride.dynamics.thermo import ThermoLog
from longstride.errors import ConfigError
from longstride.state import State
from longstride.trajectory import TrajectoryWriter, segment_of

SEGMENT = "run"
"""Name of the one segment of a run's trajectory."""


def start_run(
    ensemble: Ensemble,
    state: State,
    rng: np.random.Generator,
    plan: RunPlan,
    out: Path,
    *,
    provenance: Mapping[str, Any] | None = None,
    metadata: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    monitor: Monitor | None = None,
    observers: Sequence[Observer] = (),
) -> State:
    """Run from ``state`` and write ``out``; returns the last state.

    Args:
        ensemble: what moves the atoms.
        state: the first frame.
        rng: a generator of ``numpy.random.default_rng``; it is advanced.
        plan: length and record.
        out: the trajectory file to make; existing files of the run are replaced.
        provenance: plain data for the trajectory file.
        metadata: plain data for its segment.
        options: plain data the restart file keeps, for whoever resumes.
        monitor: called after every stride; an exception it raises leaves the run resumable.
        observers: look at the first state and at that after every stride, and add columns to the
            record.

    Raises:
        RegimeLeftError: an observer ended the run, which can be resumed from there.
        RolloutError: a state is non-finite, atoms overlap, or the density is outside its range;
            the frames before are in ``.partial``.
        ConfigError: the plan or the cell does not fit the ensemble, or the generator is of another
            kind.
        FileFormatError: a file cannot be written.
    """
    files = RunFiles(out)
    interval = frame_interval(ensemble, plan.frame_every, plan.substride)
    generator_state(rng)
    require_sound(state, plan.shortest_distance, plan.density)
    at_constant_pressure = ensemble.pressure is not None
    if at_constant_pressure:
        require_periodic(state)
    with TrajectoryWriter(out, provenance=provenance) as writer:
        files.restart.unlink(missing_ok=True)
        segment = segment_of(
            writer,
            SEGMENT,
            state,
            moving=at_constant_pressure,
            interval=interval,
            metadata=metadata,
        )
        ensemble.recall({})
        observed = _columns(observers)
        with ThermoLog(
            files.partial_thermo, volume=at_constant_pressure, observed=observed
        ) as thermo:
            recorder = Recorder(files, writer, segment, thermo, plan, options or {}, observers)
            recorder.begin(ensemble, state, rng)
            last = recorder.advance(ensemble, state, rng, 0, monitor)
    _finish(files)
    return last


def resume_run(
    ensemble: Ensemble,
    point: RestartPoint,
    out: Path,
    *,
    monitor: Monitor | None = None,
    options: Mapping[str, Any] | None = None,
    observers: Sequence[Observer] = (),
) -> State:
    """Go on from a restart point to the end of the plan; returns the last state.

    Args:
        ensemble: made as it was for the start.
        point: ``load_restart(RunFiles(out).restart)``.
        out: the trajectory file of the run.
        monitor: called after every stride; an exception it raises leaves the run resumable.
        options: for the restart file, where they have changed.
        observers: made as they were for the start; they recall what the restart point knows.

    Raises:
        RegimeLeftError: as in :func:`start_run`.
        RolloutError: as in :func:`start_run`.
        ConfigError: the ensemble has another stride than the run.
        FileFormatError: a file of the run is missing or damaged.
    """
    header = point.header
    if header.stride != ensemble.stride:
        raise ConfigError(
            f"{out}: the run has a stride of {header.stride:g} fs, the model now one of "
            f"{ensemble.stride:g} fs; resume with the model it was started with"
        )
    files = RunFiles(out)
    plan = header.plan
    state = point.state
    at_constant_pressure = ensemble.pressure is not None
    if files.thermo.is_file() and not files.partial_thermo.is_file():
        files.thermo.rename(files.partial_thermo)
    with TrajectoryWriter.resume(out, {SEGMENT: header.frames}) as writer:
        segment = segment_of(
            writer,
            SEGMENT,
            state,
            moving=at_constant_pressure,
            interval=frame_interval(ensemble, plan.frame_every, plan.substride),
        )
        ensemble.recall(header.memory)
        for observer in observers:
            observer.recall(header.memories.get(observer.name, {}))
        volume, observed = at_constant_pressure, _columns(observers)
        keep = header.thermo_size
        with ThermoLog(files.partial_thermo, keep, volume=volume, observed=observed) as thermo:
            recorder = Recorder(
                files, writer, segment, thermo, plan, options or header.options, observers
            )
            last = recorder.advance(ensemble, state, point.generator(), header.done, monitor)
    _finish(files)
    return last


def _columns(observers: Sequence[Observer]) -> tuple[str, ...]:
    return tuple(column for observer in observers for column in observer.columns)


def _finish(files: RunFiles) -> None:
    """The trajectory has its name; now the record gets its own, and nothing is left to resume."""
    files.partial_thermo.replace(files.thermo)
    files.restart.unlink(missing_ok=True)
