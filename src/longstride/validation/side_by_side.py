"""A surrogate and its reference from one phase point, in the same bath, on the same cores.

1. *start*: the reference equilibrates a crystal in a Langevin bath.
2. *surrogate* and *references*: from that phase point, in a Langevin bath each; every reference has
   another seed, so that two of them tell the noise of a run of this length.
3. *speed*: both programs in turns, without frames.
4. *comparison*: checks and curves, ``results.json`` and ``arrays.npz``.

Every part is a file with the fingerprint of what it was made from; a part that is there already is
used again.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from longstride.dynamics import Ensemble, frame_interval, langevin, require_regime, rollout
from longstride.errors import ConfigError
from longstride.reference import Engine, Langevin, recorder, run
from longstride.reference.structure import thermal_velocities
from longstride.state import State
from longstride.trajectory import SegmentWriter, TrajectoryFile, TrajectoryWriter, segment_of
from longstride.units import PS
from longstride.validation import provenance
from longstride.validation.compare import compare
from longstride.validation.curves import ARRAYS_NAME, write_curves
from longstride.validation.experiment import Listener, SideBySideSettings, Subject
from longstride.validation.results import RESULTS_NAME, Results, Speed, write_results
from longstride.validation.reuse import fingerprint, is_trajectory_of, read_record, write_record
from longstride.validation.snapshots import SNAPSHOTS_NAME, write_snapshots
from longstride.validation.summary import Plan, summarise
from longstride.validation.timing import Rounds, measure_speeds

SEGMENT = "run"
"""Name of the one segment of each trajectory."""

SPEED_ROUND = 0.5 * PS
"""Time in fs each program simulates in a round of timing."""

ENERGY_FRAMES = 100
"""Frames of the surrogate whose potential energy the reference computes."""


class SideBySide:
    """The experiment in a folder.

    Args:
        subject: the surrogate.
        engine: the reference.
        crystal: perfect crystal at rest.
        settings: see :class:`SideBySideSettings`.
        folder: where the files go; it exists.
        listener: hears of progress.

    Raises:
        RegimeError: the crystal or the temperature is outside the model's regime.
        ConfigError: the runs are shorter than 32 frames.
    """

    def __init__(
        self,
        subject: Subject,
        engine: Engine,
        crystal: State,
        settings: SideBySideSettings,
        folder: Path,
        listener: Listener,
    ) -> None:
        require_regime(subject.regime, crystal, settings.temperature)
        self.subject, self.engine, self.crystal = subject, engine, crystal
        self.settings, self.folder, self.listener = settings, folder, listener
        self.ensemble = langevin(subject.propagator, settings.temperature, settings.friction_time)
        self.substride, self.interval = _finest_frames(self.ensemble)
        self.every = int(np.ceil(self.interval / settings.largest_step - 1e-9))
        self.time_step = self.interval / self.every
        self.n_strides = round(settings.time / self.ensemble.stride)
        self.length = self.n_strides * self.ensemble.stride
        frames = self.length * (1.0 - self.discarded) / self.interval
        if frames < 32:
            needed = 33 * self.interval / (1.0 - self.discarded) / PS
            raise ConfigError(
                f"time of {settings.time / PS:g} ps: too short to compare, give {needed:.2g} ps"
                " or more"
            )

    @property
    def discarded(self) -> float:
        """Part of the runs that is left out at the start."""
        return min(self.settings.discarded, 2.0 * PS / self.length)

    @property
    def surrogate_path(self) -> Path:
        """The surrogate's trajectory."""
        return self.folder / "surrogate.h5"

    def reference_path(self, index: int) -> Path:
        """The trajectory of reference run ``index``, from 0."""
        return self.folder / f"reference-{index + 1}.h5"

    def run(self, command: str) -> Results:
        """Make what is missing, compare, and write ``results.json`` and ``arrays.npz``."""
        start, mark = self._start()
        self._surrogate(start, mark)
        for index in range(self.settings.references):
            self._reference(start, mark, index)
        speeds = self._speeds(start, mark)
        with self.listener.part("comparison", None):
            return self._compare(speeds, command)

    def _start(self) -> tuple[State, str]:
        """The common start, equilibrated by the reference."""
        settings = self.settings
        mark = fingerprint(
            part="start",
            engine=self.engine.describe(),
            cell=self.crystal.cell.tolist(),
            species=self.crystal.species.tolist(),
            masses=sorted(set(self.crystal.masses.tolist())),
            equilibration=settings.equilibration,
            temperature=settings.temperature,
            time_step=self.time_step,
            seed=settings.seed,
        )
        path = self.folder / "start.h5"
        if is_trajectory_of(path, mark):
            self.listener.reused("common start")
        else:
            rng = np.random.default_rng(settings.seed)
            # On a perfect lattice half of the kinetic energy turns into potential energy.
            hot = thermal_velocities(self.crystal, 2.0 * settings.temperature, rng)
            steps = round(settings.equilibration / self.time_step)
            bath = Langevin(settings.temperature, 0.1 * settings.equilibration, self._seed(0))
            with self.listener.part("common start", None):
                outcome = run(self.engine, hot, steps, time_step=self.time_step, langevin=bath)
            self._write(path, mark, [outcome.state.with_(time=0.0)])
        with TrajectoryFile(path) as file:
            return file[SEGMENT].state(0), mark

    def _surrogate(self, start: State, start_mark: str) -> None:
        mark = fingerprint(
            part="surrogate",
            start=start_mark,
            model=self.subject.checksum,
            **self.settings.model_dump(include={"temperature", "friction_time", "seed"}),
            n_strides=self.n_strides,
        )
        if is_trajectory_of(self.surrogate_path, mark):
            self.listener.reused("surrogate")
            return
        rng = np.random.default_rng([self.settings.seed, 1])
        strides = rollout(
            self.ensemble,
            start,
            rng,
            self.n_strides,
            substride=self.substride,
            shortest_distance=self.subject.regime.shortest_distance,
        )
        with self.listener.part("surrogate", self.length) as advance:

            def frames() -> Iterator[State]:
                yield start
                for stride in strides:
                    yield from stride.states
                    advance(stride.index * self.ensemble.stride)

            self._write(self.surrogate_path, mark, frames())

    def _reference(self, start: State, start_mark: str, index: int) -> None:
        settings = self.settings
        path = self.reference_path(index)
        bath = Langevin(settings.temperature, settings.friction_time, self._seed(2 + index))
        steps = round(self.length / self.time_step)
        mark = fingerprint(
            part="reference", start=start_mark, bath=[bath.damping, bath.seed], steps=steps
        )
        title = f"reference, run {index + 1} of {settings.references}"
        if is_trajectory_of(path, mark):
            self.listener.reused(title)
            return
        with (
            self.listener.part(title, None),
            TrajectoryWriter(path, provenance={"fingerprint": mark}) as out,
        ):
            segment = self._segment(out, start)
            run(
                self.engine,
                start,
                steps,
                time_step=self.time_step,
                every=self.every,
                langevin=bath,
                record=recorder(segment),
            )

    def _speeds(self, start: State, start_mark: str) -> tuple[Speed, ...]:
        settings = self.settings
        path = self.folder / "speed.json"
        mark = fingerprint(
            part="speed",
            start=start_mark,
            model=self.subject.checksum,
            machine=provenance.machine(self.subject.instructions),
            software=provenance.software(),
            rounds=settings.speed_rounds,
            cores=settings.cores,
        )
        record = read_record(path, mark)
        if record is not None:
            self.listener.reused("speed")
            return tuple(Speed.model_validate(speed) for speed in record["speeds"])
        rounds = Rounds(settings.speed_rounds, SPEED_ROUND, self.time_step, settings.cores)
        bath = Langevin(settings.temperature, settings.friction_time, self._seed(1))
        with self.listener.part("speed, both in turns", None):
            speeds = measure_speeds(self.ensemble, self.engine, start, bath, rounds)
        write_record(path, mark, {"speeds": [speed.model_dump(mode="json") for speed in speeds]})
        return speeds

    def _compare(self, speeds: tuple[Speed, ...], command: str) -> Results:
        count = self.settings.references
        files = [TrajectoryFile(self.surrogate_path)]
        files += [TrajectoryFile(self.reference_path(index)) for index in range(count)]
        try:
            surrogate, *references = (file[SEGMENT] for file in files)
            first = round(self.discarded * self.length / self.interval)
            frames = np.linspace(first, surrogate.n_frames - 1, ENERGY_FRAMES).astype(int)
            chosen = np.unique(frames)
            states = [surrogate.state(int(frame)) for frame in chosen]
            energies = np.full(surrogate.n_frames, np.nan)
            energies[chosen] = self.engine.evaluate(states).potential_energy
            comparison = compare(
                surrogate,
                references,
                temperature=self.settings.temperature,
                discard=first * self.interval,
                surrogate_energies=energies,
            )
        finally:
            for file in files:
                file.close()
        results = Results(
            provenance=summarise(self._plan(), comparison.checks, speeds, command),
            checks=comparison.checks,
        )
        shot = comparison.snapshot
        write_curves(self.folder / ARRAYS_NAME, comparison.curves)
        write_snapshots(self.folder / SNAPSHOTS_NAME, [] if shot is None else [shot])
        write_results(self.folder / RESULTS_NAME, results)
        return results

    def _plan(self) -> Plan:
        return Plan(
            settings=self.settings,
            subject=self.subject,
            crystal=self.crystal,
            reference=self.engine.describe(),
            stride=self.ensemble.stride,
            n_strides=self.n_strides,
            interval=self.interval,
            time_step=self.time_step,
            discarded=self.discarded * self.length,
        )

    def _write(self, path: Path, mark: str, states: Iterable[State]) -> None:
        with TrajectoryWriter(path, provenance={"fingerprint": mark}) as out:
            segment = self._segment(out, self.crystal)
            for state in states:
                segment.append(
                    time=state.time, positions=state.positions, velocities=state.velocities
                )

    def _segment(self, out: TrajectoryWriter, state: State) -> SegmentWriter:
        return segment_of(
            out,
            SEGMENT,
            state,
            interval=self.interval,
            metadata={"temperature": self.settings.temperature, "seed": self.settings.seed},
        )

    def _seed(self, index: int) -> int:
        """A seed for the reference's random forces, another one for every use."""
        return int(np.random.default_rng([self.settings.seed, index]).integers(1, 2**29))


def _finest_frames(ensemble: Ensemble) -> tuple[bool, float]:
    """Whether frames inside the strides can be had, and the time between frames in fs."""
    try:
        return True, frame_interval(ensemble, substride=True)
    except ConfigError:
        return False, frame_interval(ensemble)
