"""Where a run begins."""

from collections.abc import Callable

from longstride.dynamics import (
    RunFiles,
    RunPlan,
    load_restart,
    require_sound,
    starting_state,
    strides_of_frames,
)
from longstride.dynamics.restart import RestartHeader, RestartPoint, generator_state
from longstride.engines.lammps.job import Job
from longstride.engines.lammps.model import Hosted
from longstride.errors import ConfigError

Say = Callable[[str], None]
"""Takes a line for the user."""


def starting_point(job: Job, hosted: Hosted, say: Say) -> RestartPoint:
    """Where the run begins: what a new one starts from, or where an earlier one was stopped."""
    files = RunFiles(job.output)
    stride, regime = hosted.model.config.stride, hosted.propagator.regime
    if job.resume:
        return load_restart(files.restart)
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
