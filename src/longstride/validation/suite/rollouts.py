"""The subject's trajectories, from the starts of the reference's."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics import with_model_masses, without_total_momentum
from longstride.errors import RolloutError
from longstride.state import State
from longstride.trajectory import Segment, TrajectoryWriter
from longstride.validation.experiment import Subject
from longstride.validation.samples import Run
from longstride.validation.suite.movers import Flight, Mover, StrideMover
from longstride.validation.suite.parts import Advance, Parts, content_of, new_segment, segment_name
from longstride.validation.suite.references import Reference
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.timeline import Timeline

Array = NDArray[np.float64]

CHUNK = 100
"""Frames whose energies are asked for at once."""


class Rollouts:
    """Makes and keeps trajectories of one subject.

    Args:
        subject: the surrogate.
        settings: seed and lengths.
        timeline: its strides and stages.
        parts: keeps what is made.
        mover: makes them; the subject's own map if not given.
    """

    def __init__(
        self,
        subject: Subject,
        settings: SuiteSettings,
        timeline: Timeline,
        parts: Parts,
        mover: Mover | None = None,
    ) -> None:
        self.subject, self._settings = subject, settings
        self._times, self._parts = timeline, parts
        self._mover = mover or StrideMover(subject, settings, timeline)

    def adopt(self, state: State) -> State:
        """The state with the model's masses and its centre of mass at rest."""
        return without_total_momentum(with_model_masses(self.subject.regime, state))

    def flights(self, temperature: float, references: Sequence[Segment]) -> tuple[Run, ...]:
        """At constant energy from the first frames of the references, as long as they are."""
        plans = [self._plan(s.state(0), self._strides_of(s)) for s in references]
        return self._make("flights", temperature, f", {len(plans)} flights", plans)

    def free(self, temperature: float, start: State) -> Run:
        """At constant energy, frames at the ends of strides."""
        plan = self._plan(start, self._times.strides(self._settings.free_time))
        return self._make("energy", temperature, " at constant energy", [plan])[0]

    def run(self, temperature: float, index: int, reference: Run, ensemble: str) -> Run:
        """From the first frame of a reference run, as long as it is.

        Args:
            temperature: of the bath, K.
            index: of the run.
            reference: the run.
            ensemble: its own: nve, langevin, or another at constant temperature.
        """
        settings, segment = self._settings, reference.segment
        kelvin = None if ensemble == "nve" else temperature
        gentle = ensemble not in ("nve", "langevin")
        start = self.adopt(segment.state(0)).with_(time=0.0)
        plan = Flight(start, self._strides_of(segment), kelvin, True, gentle)
        bath: dict[str, Any] = {
            "temperature": temperature,
            "friction_time": settings.friction_time,
        } | ({} if ensemble == "langevin" else {"ensemble": ensemble})
        (made,) = self._make(
            f"run{index + 1}",
            temperature,
            f", run {index + 1}",
            [plan],
            bath,
        )
        first = ceil(reference.first * segment.interval / made.segment.interval - 1e-9)
        return Run(made.segment, first, broke=made.broke)

    def with_energies(self, run: Run, reference: Reference) -> Run:
        """The run with the reference's potential energy of some evenly spaced frames."""
        if not reference.engine:
            return run
        segment = run.segment
        count = segment.n_frames - run.first
        chosen = run.first + np.unique(
            np.linspace(0, count - 1, min(self._settings.energies, count)).astype(int)
        )

        def compute() -> dict[str, Any]:
            found: list[float] = []
            for k in range(0, len(chosen), CHUNK):
                states = [segment.state(int(frame)) for frame in chosen[k : k + CHUNK]]
                found += [float(value) for value in reference.energies(states)]
            return {"energies": found}

        mark = {
            "trajectory": segment.path.name,
            "frames": [int(frame) for frame in chosen],
            "engine": reference.engine,
        }
        name = segment.path.stem.rpartition("-")[0]
        who = self._mover.name
        title = name.replace(f"{who}-", f"{who}'s energies, ")
        known = self._parts.record(f"{name}-energies", mark, title, compute)["energies"]
        values = np.full(segment.n_frames, np.nan)
        values[chosen] = known
        return Run(segment, run.first, values, run.broke)

    def _strides_of(self, segment: Segment) -> int:
        """Whole strides that fit into a reference's segment."""
        length = segment.interval * (segment.n_frames - 1)
        return max(1, int(length / self._times.stride + 1e-6))

    def _plan(self, start: State, n_strides: int) -> Flight:
        return Flight(self.adopt(start).with_(time=0.0), n_strides)

    def _make(
        self,
        name: str,
        temperature: float,
        what: str,
        plans: Sequence[Flight],
        bath: Mapping[str, Any] = MappingProxyType({}),
    ) -> tuple[Run, ...]:
        """The flights of one part; ``what`` follows upon the mover's name."""
        who = self._mover.name
        total = sum(plan.n_strides for plan in plans) * self._times.stride
        mark = {
            **self._mover.determined_by,
            "starts": [content_of(plan.start) for plan in plans],
            "strides": [plan.n_strides for plan in plans],
            "stages": [self._times.stage_times[k] for k in self._times.frame_stages],
            "seed": self._settings.seed,
            **bath,
        }

        def make(out: TrajectoryWriter, advance: Advance) -> None:
            done = 0.0
            for index, plan in enumerate(plans):
                self._fly(out, index, plan, partial(_later, advance, done))
                done += plan.n_strides * self._times.stride

        segments = self._parts.trajectory(
            f"{who}-{name}-{temperature:g}K", mark, f"{temperature:g}K: {who}{what}", total, make
        )
        return tuple(Run(s, broke=s.metadata.get("broke")) for s in segments)

    def _fly(self, out: TrajectoryWriter, index: int, plan: Flight, advance: Advance) -> None:
        """Record one flight; where it breaks down it ends early and says why."""
        segment = new_segment(out, segment_name(index), plan.start, plan.interval(self._times))

        def record(state: State) -> None:
            segment.append(time=state.time, positions=state.positions, velocities=state.velocities)
            advance(state.time)

        record(plan.start)
        try:
            self._mover.fly(plan, index, record)
        except RolloutError as error:
            segment.set_metadata({"broke": str(error)})


def _later(advance: Advance, before: float, time: float) -> None:
    advance(before + time)
