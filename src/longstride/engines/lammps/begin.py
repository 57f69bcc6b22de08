"""Where a run begins; none of it needs torch, so a launcher refuses wrong input at once."""

from collections.abc import Callable

import numpy as np

from longstride.dynamics import (
    Regime,
    RunFiles,
    RunPlan,
    load_restart,
    require_sound,
    starting_state,
    strides_of_frames,
)
from longstride.dynamics.restart import RestartHeader, RestartPoint, generator_state
from longstride.engines.lammps.job import Job
from longstride.errors import ConfigError
from longstride.model import ModelConfig
from longstride.state import State

Say = Callable[[str], None]
"""Takes a line for the user."""


def require_hostable(config: ModelConfig, name: str) -> None:
    """Refuse a model that LAMMPS cannot host.

    Raises:
        ConfigError: its map has no compiled form.
    """
    if not config.has_compiled_form:
        raise ConfigError(
            f"--engine lammps runs maps of kicks without attention, and model '{name}' is another"
        )


def first_state(
    job: Job, stride: float, regime: Regime
) -> tuple[State, np.random.Generator, list[str]]:
    """The state a new run starts from, the generator after drawing, and notes for the user.

    Args:
        job: what is asked for.
        stride: of the model, fs.
        regime: of the model.

    Raises:
        ConfigError: the output exists, frames are too far apart, or the cell is open.
        LongstrideError: as ``dynamics.starting_state``.
    """
    files = RunFiles(job.output)
    for path in (job.output, files.thermo, files.restart):
        if path.exists() and not job.overwrite:
            raise ConfigError(f"{path}: exists; choose another name, resume or overwrite")
    if job.every * stride > job.time * (1 + 1e-9):
        raise ConfigError(
            f"a frame every {job.every} strides is longer than the run's {job.time} fs"
        )
    state, rng, notes = starting_state(
        job.structure,
        regime,
        job.seed,
        repeat=job.repeat,
        temperatures=job.temperatures,
        thermostat=job.ensemble != "nve",
        force=job.force,
    )
    if not state.pbc.all():
        raise ConfigError(
            f"{job.structure}: --engine lammps needs a cell that is periodic in all directions; "
            "leave vacuum around the atoms"
        )
    return state, rng, notes


def starting_point(job: Job, stride: float, regime: Regime, say: Say) -> RestartPoint:
    """Where the run begins: what a new one starts from, or where an earlier one was stopped.

    Args:
        job: what is asked for.
        stride: of the model, fs.
        regime: of the model.
        say: takes lines for the user.

    Raises:
        LongstrideError: as ``first_state``; or two atoms overlap, or there is no restart file.
    """
    if job.resume:
        return load_restart(RunFiles(job.output).restart)
    state, rng, notes = first_state(job, stride, regime)
    require_sound(state, regime.shortest_distance)
    plan = RunPlan(
        n_strides=strides_of_frames(job.time, job.every, stride),
        frame_every=job.every,
        restart_every=job.restart_every,
        shortest_distance=regime.shortest_distance,
    )
    for note in notes:
        say(note)
    header = RestartHeader(
        time=0.0,
        generator=generator_state(rng),
        done=0,
        frames=0,
        thermo_size=0,
        stride=stride,
        plan=plan,
        options=job.options,
    )
    return RestartPoint(state, header)
