"""The systems measured on: cells of the held-out data, equilibrated anew by the reference."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longstride.dynamics import Ensemble, rollout, with_model_masses, without_total_momentum
from longstride.dynamics.velocities import draw_velocities
from longstride.errors import ConfigError, RolloutError
from longstride.model import ModelRegime
from longstride.reference import Langevin, Phase, append_frames, make_engine
from longstride.reference.engine import Engine
from longstride.reference.settings import LammpsSettings
from longstride.state import State
from longstride.trajectory import (
    Segment,
    SegmentWriter,
    TrajectoryFile,
    TrajectoryWriter,
    segment_of,
)
from longstride.units import PS
from longstride.validation.reuse import fingerprint, is_trajectory_of, read_record, write_record
from longstride.validation.system import reference_settings
from measurements.record import say

TIME_STEP = 2.0
"""Of the reference, fs."""

EQUILIBRATION_BATH = 0.5 * PS
"""Friction time of the bath the reference equilibrates in, fs."""

SEGMENT = "run"
TELL_EVERY = 200
"""Strides between lines of progress."""


@dataclass(frozen=True, slots=True)
class Systems:
    """Cells by temperature, from a trajectory file.

    Attributes:
        path: the held-out data.
        sha256: of its content.
    """

    path: Path
    sha256: str

    @classmethod
    def of(cls, path: Path) -> "Systems":
        """The file and its checksum."""
        with TrajectoryFile(path) as file:
            return cls(path, file.sha256())

    def first_frame(self, temperature: float) -> tuple[State, str]:
        """The first frame at a temperature, and the name of the potential.

        Raises:
            ConfigError: the file has no run at this temperature.
        """
        with TrajectoryFile(self.path) as file:
            for segment in file:
                if segment.metadata.get("temperature") == temperature:
                    return segment.state(0).with_(time=0.0), str(segment.metadata["potential"])
        raise ConfigError(f"{self.path}: no segment at {temperature:g} K")

    def engine(self, temperature: float, ranks: int) -> Engine:
        """LAMMPS with the potential of the data."""
        state, potential = self.first_frame(temperature)
        species = tuple(sorted({int(number) for number in state.species}))
        settings: LammpsSettings = reference_settings((potential,), species, ranks)
        return make_engine(settings)

    def start(self, temperature: float, regime: ModelRegime) -> State:
        """The first frame at a temperature, at rest as a whole, with the model's masses."""
        state, _ = self.first_frame(temperature)
        return without_total_momentum(with_model_masses(regime, state))


def seed_of(*words: object) -> int:
    """A seed that depends on what it is for."""
    return int(fingerprint(words=[str(word) for word in words])[:7], 16) + 1


def equilibrated(
    engine: Engine, state: State, temperature: float, seed: int, length: float
) -> State:
    """A phase point after ``length`` fs of the reference in a bath, from newly drawn velocities."""
    drawn = draw_velocities(state, temperature, np.random.default_rng(seed))
    bath = Langevin(temperature, EQUILIBRATION_BATH, seed)
    outcome = engine.simulate(drawn, [Phase(round(length / TIME_STEP), TIME_STEP, langevin=bath)])
    return without_total_momentum(outcome.state.with_(time=0.0))


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What a rollout left.

    Attributes:
        path: the trajectory, a frame every stride.
        broke: why it stopped early, or None.
    """

    path: Path
    broke: str | None


def run_model(
    path: Path,
    mark: str,
    ensemble: Ensemble,
    start: State,
    regime: ModelRegime,
    n_strides: int,
    seed: int,
) -> ModelRun:
    """A rollout recorded every stride, made once; it ends early where the model breaks down."""
    told = path.with_suffix(".json")
    record = read_record(told, mark)
    if record is not None and is_trajectory_of(path, mark):
        say(f"{path.name}: there already")
        return ModelRun(path, record["broke"])
    rng = np.random.default_rng(seed)
    broke = None
    with _writer(path, mark, start, ensemble.stride) as segment:
        _append(segment, start)
        try:
            for stride in rollout(
                ensemble, start, rng, n_strides, shortest_distance=regime.shortest_distance
            ):
                _append(segment, stride.end)
                if stride.index % TELL_EVERY == 0:
                    say(
                        f"{path.name}: {stride.index * ensemble.stride / PS:.1f} of"
                        f" {n_strides * ensemble.stride / PS:.1f} ps,"
                        f" {stride.end.temperature:.0f} K"
                    )
        except RolloutError as error:
            broke = str(error)
            say(f"{path.name}: broke down: {error}")
    write_record(told, mark, {"broke": broke})
    return ModelRun(path, broke)


def run_reference(path: Path, mark: str, engine: Engine, start: State, phases: list[Phase]) -> Path:
    """A run of the reference whose last phase is recorded, made once."""
    if is_trajectory_of(path, mark):
        say(f"{path.name}: there already")
        return path
    interval = phases[-1].every * phases[-1].time_step
    with _writer(path, mark, start, interval) as segment:
        engine.simulate(start, phases, lambda _, frames: append_frames(segment, frames))
    say(f"{path.name}: done")
    return path


@contextmanager
def opened(path: Path) -> Iterator[Segment]:
    """The one segment of a run."""
    with TrajectoryFile(path) as file:
        yield file[SEGMENT]


@contextmanager
def _writer(path: Path, mark: str, state: State, interval: float) -> Iterator[SegmentWriter]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with TrajectoryWriter(path, provenance={"fingerprint": mark}) as out:
        yield segment_of(out, SEGMENT, state, interval=interval, metadata={})


def _append(segment: SegmentWriter, state: State) -> None:
    segment.append(time=state.time, positions=state.positions, velocities=state.velocities)
