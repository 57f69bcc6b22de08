"""Long runs from the same phase points, in the same bath, each put before the same judge.

A contender leaves a trajectory with a frame every ``INTERVAL``; the energies of its frames are
those of the reference's potential, whoever moved the atoms.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from measurements.commands import import_trajectory
from measurements.record import say
from measurements.system import TIME_STEP, Systems, equilibrated, seed_of
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.dynamics import Ensemble, langevin, nve, rollout
from longstride.errors import EngineError, RolloutError
from longstride.kernels import ModelPropagator
from longstride.reference import Frames, Langevin, Phase, append_frames, run
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.trajectory import TrajectoryFile, TrajectoryWriter, segment_of
from longstride.units import PS
from longstride.validation.reuse import fingerprint, is_trajectory_of
from peers.hosting import Hosted

INTERVAL: Final = 60.0
"""Time between frames, fs."""

SEGMENT: Final = "run"


class RunSettings(BaseModel):
    """Lengths in fs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: PositiveFloat = 24.0 * PS
    discard: PositiveFloat = 4.0 * PS
    equilibration: PositiveFloat = 10.0 * PS
    references: PositiveInt = 3
    seed: PositiveInt = 5001

    @property
    def frames(self) -> int:
        """Of a run, after its start."""
        return round((self.time + self.discard) / INTERVAL)


@dataclass(frozen=True, slots=True)
class Bath:
    """A Langevin bath, or none.

    Attributes:
        temperature: K.
        friction_time: fs; None at constant energy.
    """

    temperature: float
    friction_time: float | None

    @property
    def label(self) -> str:
        """In file names."""
        time = self.friction_time
        return f"{self.temperature:g}K-" + ("nve" if time is None else f"{time:g}fs")


class Contender(Protocol):
    """Who moves the atoms."""

    @property
    def description(self) -> dict[str, Any]:
        """Plain data that identifies it, with its ``name``."""

    def run(self, start: State, bath: Bath, frames: int, seed: int, out: Path) -> str | None:
        """Leave a trajectory; returns why it broke down, or None."""


@dataclass(frozen=True, slots=True)
class Own:
    """A model of ours."""

    description: dict[str, Any]
    propagator: ModelPropagator

    def run(self, start: State, bath: Bath, frames: int, seed: int, out: Path) -> str | None:
        """See :class:`Contender`."""
        ensemble: Ensemble = (
            nve(self.propagator)
            if bath.friction_time is None
            else langevin(self.propagator, bath.temperature, bath.friction_time)
        )
        shortest = self.propagator.regime.shortest_distance
        every = round(INTERVAL / ensemble.stride)
        with TrajectoryWriter(out) as file:
            segment = _segment(file, SEGMENT, start, bath)
            segment.append(time=0.0, positions=start.positions, velocities=start.velocities)
            rng = np.random.default_rng(seed)
            try:
                for stride in rollout(
                    ensemble, start, rng, frames * every, shortest_distance=shortest
                ):
                    if stride.index % every == 0:
                        end = stride.end
                        segment.append(
                            time=end.time, positions=end.positions, velocities=end.velocities
                        )
            except RolloutError as error:
                return str(error)
        return None


@dataclass(frozen=True, slots=True)
class LongerSteps:
    """LAMMPS with the reference's potential in longer steps."""

    description: dict[str, Any]
    engine: Engine
    time_step: float

    def run(self, start: State, bath: Bath, frames: int, seed: int, out: Path) -> str | None:
        """See :class:`Contender`."""
        with TrajectoryWriter(out) as file:
            segment = _segment(file, SEGMENT, start, bath)
            every = round(INTERVAL / self.time_step)
            given = None
            if bath.friction_time is not None:
                given = Langevin(bath.temperature, bath.friction_time, seed)
            try:
                run(
                    self.engine,
                    start,
                    frames * every,
                    time_step=INTERVAL / every,
                    every=every,
                    langevin=given,
                    record=lambda block: append_frames(segment, block),
                )
            except EngineError as error:
                return str(error)
        return None


@dataclass(frozen=True, slots=True)
class Peer:
    """FlashMD in its own integrators.

    Attributes:
        description: see :class:`Contender`.
        hosted: the model.
        options: of its integrator, by FlashMD's names.
    """

    description: dict[str, Any]
    hosted: Hosted
    options: dict[str, Any]

    def run(self, start: State, bath: Bath, frames: int, seed: int, out: Path) -> str | None:
        """See :class:`Contender`."""
        every = round(INTERVAL / self.hosted.stride)
        given = {"seed": seed, **self.options}
        if bath.friction_time is not None:
            given |= {"temperature": bath.temperature, "time_constant": bath.friction_time}
        source = out.with_suffix(".traj")
        told = self.hosted.roll(start, source, strides=frames * every, every=every, **given)
        import_trajectory(source, INTERVAL, out)
        broke: str | None = told["broke"]
        return broke


def start_of(systems: Systems, temperature: float, settings: RunSettings) -> State:
    """Where every run at a temperature begins: a phase point of the reference."""
    crystal, _ = systems.first_frame(temperature)
    seed = seed_of("peers", settings.seed, temperature)
    engine = systems.engine(temperature, 1)
    return equilibrated(engine, crystal, temperature, seed, settings.equilibration)


def make_references(
    systems: Systems, start: State, bath: Bath, settings: RunSettings, out: Path
) -> Path:
    """Runs of the reference in a bath, in steps of 2 fs, each equilibrated anew; made once."""
    engine = systems.engine(bath.temperature, 1)
    mark = fingerprint(
        settings=settings.model_dump(mode="json"),
        bath=bath.label,
        data=systems.sha256,
        engine=engine.describe(),
    )
    if is_trajectory_of(out, mark):
        return out
    every = round(INTERVAL / TIME_STEP)
    assert bath.friction_time is not None
    out.parent.mkdir(parents=True, exist_ok=True)
    with TrajectoryWriter(out, provenance={"fingerprint": mark}) as file:
        for index in range(settings.references):
            seed = seed_of("peers reference", settings.seed, bath.label, index)
            segment = _segment(file, f"{SEGMENT}{index}", start, bath)
            before = Langevin(bath.temperature, 0.5 * PS, seed)
            phases = [
                Phase(round(settings.equilibration / TIME_STEP), TIME_STEP, langevin=before),
                Phase(
                    settings.frames * every,
                    TIME_STEP,
                    every=every,
                    langevin=Langevin(bath.temperature, bath.friction_time, seed + 1),
                ),
            ]

            def record(_: int, frames: Frames, into: Any = segment) -> None:
                append_frames(into, frames)

            engine.simulate(start, phases, record)
            say(f"{out.name}: reference {index + 1}")
    return out


def make_run(
    contender: Contender, systems: Systems, start: State, bath: Bath, frames: int, out: Path
) -> str | None:
    """Run a contender, and give its frames the energies of the reference's potential.

    Returns:
        Why it broke down, or None.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    moved = out.with_name(f"moved-{out.name}")
    broke = contender.run(start, bath, frames, seed_of("peers run", bath.label), moved)
    engine = systems.engine(bath.temperature, 1)
    with TrajectoryFile(moved) as file, TrajectoryWriter(out) as whole:
        (segment,) = file
        states = [segment.state(frame) for frame in range(segment.n_frames)]
        target = _segment(whole, SEGMENT, start, bath)
        target.append_many(
            time=segment.times,
            positions=segment.positions(),
            velocities=segment.velocities(),
            potential_energy=engine.evaluate(states).potential_energy,
        )
    moved.unlink()
    say(f"{out.name}: {'done' if broke is None else broke}")
    return broke


def _segment(file: TrajectoryWriter, name: str, start: State, bath: Bath) -> Any:
    metadata = {"temperature": bath.temperature}
    return segment_of(file, name, start, interval=INTERVAL, metadata=metadata)
