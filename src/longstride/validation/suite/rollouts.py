"""The surrogate's trajectories, from the starts of the reference's."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics import (
    Ensemble,
    langevin,
    nve,
    rollout,
    with_model_masses,
    without_total_momentum,
)
from longstride.errors import RolloutError
from longstride.state import State
from longstride.trajectory import Segment, TrajectoryWriter
from longstride.validation.experiment import Subject
from longstride.validation.samples import Run
from longstride.validation.suite.parts import Advance, Parts, content_of, new_segment, segment_name
from longstride.validation.suite.references import Reference
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.timeline import Timeline

Array = NDArray[np.float64]

CHUNK = 100
"""Frames whose energies are asked for at once."""


@dataclass(frozen=True, slots=True)
class Flight:
    """One rollout: where from, how far, how often recorded."""

    ensemble: Ensemble
    start: State
    n_strides: int
    substride: bool


class Rollouts:
    """Makes and keeps rollouts of one surrogate.

    Args:
        subject: the surrogate.
        settings: seed and baths.
        timeline: its strides and stages.
        parts: keeps what is made.
    """

    def __init__(
        self, subject: Subject, settings: SuiteSettings, timeline: Timeline, parts: Parts
    ) -> None:
        self.subject, self._settings = subject, settings
        self._times, self._parts = timeline, parts

    def adopt(self, state: State) -> State:
        """The state with the model's masses and its centre of mass at rest."""
        return without_total_momentum(with_model_masses(self.subject.regime, state))

    def flights(self, temperature: float, references: Sequence[Segment]) -> tuple[Run, ...]:
        """At constant energy from the first frames of the references, as long as they are."""
        ensemble = nve(self.subject.propagator)
        plans = [
            Flight(ensemble, self.adopt(s.state(0)), self._strides_of(s), False) for s in references
        ]
        title = f"{temperature:g}K: surrogate, {len(plans)} flights"
        return self._make(f"surrogate-flights-{temperature:g}K", title, plans)

    def free(self, temperature: float, start: State) -> Run:
        """At constant energy, frames at the ends of strides."""
        n_strides = self._times.strides(self._settings.free_time)
        plan = Flight(nve(self.subject.propagator), self.adopt(start), n_strides, False)
        title = f"{temperature:g}K: surrogate at constant energy"
        return self._make(f"surrogate-energy-{temperature:g}K", title, [plan])[0]

    def run(self, temperature: float, index: int, reference: Run) -> Run:
        """In a bath from the first frame of a reference run, as long as it is."""
        settings, segment = self._settings, reference.segment
        ensemble = langevin(self.subject.propagator, temperature, settings.friction_time)
        start, n_strides = self.adopt(segment.state(0)), self._strides_of(segment)
        plan = Flight(ensemble, start, n_strides, True)
        (made,) = self._make(
            f"surrogate-run{index + 1}-{temperature:g}K",
            f"{temperature:g}K: surrogate, run {index + 1}",
            [plan],
            temperature=temperature,
            friction_time=settings.friction_time,
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
        title = name.replace("surrogate-", "surrogate's energies, ")
        known = self._parts.record(f"{name}-energies", mark, title, compute)["energies"]
        values = np.full(segment.n_frames, np.nan)
        values[chosen] = known
        return Run(segment, run.first, values, run.broke)

    def _strides_of(self, segment: Segment) -> int:
        """Whole strides that fit into a reference's segment."""
        length = segment.interval * (segment.n_frames - 1)
        return max(1, int(length / self._times.stride + 1e-6))

    def _make(
        self, name: str, title: str, plans: Sequence[Flight], **determined_by: Any
    ) -> tuple[Run, ...]:
        total = sum(plan.n_strides for plan in plans) * self._times.stride
        mark = {
            "model": self.subject.checksum,
            "starts": [content_of(plan.start) for plan in plans],
            "strides": [plan.n_strides for plan in plans],
            "stages": [self._times.stage_times[k] for k in self._times.frame_stages],
            "seed": self._settings.seed,
            **determined_by,
        }

        def make(out: TrajectoryWriter, advance: Advance) -> None:
            done = 0.0
            for index, plan in enumerate(plans):
                self._fly(out, index, plan, partial(_later, advance, done))
                done += plan.n_strides * self._times.stride

        segments = self._parts.trajectory(name, mark, title, total, make)
        return tuple(Run(s, broke=s.metadata.get("broke")) for s in segments)

    def _fly(self, out: TrajectoryWriter, index: int, plan: Flight, advance: Advance) -> None:
        """Record one rollout; where it breaks down it ends early and says why."""
        interval = self._times.frame_interval if plan.substride else self._times.stride
        start = plan.start.with_(time=0.0)
        segment = new_segment(out, segment_name(index), start, interval)
        rng = np.random.default_rng([self._settings.seed, index])
        kept = self._times.frame_stages if plan.substride else (-1,)

        def append(state: State) -> None:
            segment.append(time=state.time, positions=state.positions, velocities=state.velocities)

        append(start)
        try:
            for stride in rollout(
                plan.ensemble,
                start,
                rng,
                plan.n_strides,
                substride=plan.substride,
                shortest_distance=self.subject.regime.shortest_distance,
            ):
                for stage in kept:
                    append(stride.states[stage])
                advance(stride.index * self._times.stride)
        except RolloutError as error:
            segment.set_metadata({"broke": str(error)})


def _later(advance: Advance, before: float, time: float) -> None:
    advance(before + time)
