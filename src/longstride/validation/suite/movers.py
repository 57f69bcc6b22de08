"""How the atoms of a subject are moved: stride after stride by a map."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from longstride.dynamics import Ensemble, csvr, langevin, nve, rollout
from longstride.state import State
from longstride.validation.experiment import Subject
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.timeline import Timeline

Emit = Callable[[State], None]
"""Takes a frame after the first one."""


@dataclass(frozen=True, slots=True)
class Flight:
    """One trajectory of a subject.

    Attributes:
        start: at time 0.
        n_strides: how far.
        temperature: of its bath in K; None at constant energy.
        substride: frames inside the strides, too.
        gentle: the bath rescales velocities: the spectrum stays that of constant energy, which
            Langevin friction broadens.
    """

    start: State
    n_strides: int
    temperature: float | None = None
    substride: bool = False
    gentle: bool = False

    def interval(self, timeline: Timeline) -> float:
        """Time between frames in fs."""
        return timeline.frame_interval if self.substride else timeline.stride


class Mover(Protocol):
    """Makes trajectories of a subject."""

    @property
    def name(self) -> str:
        """In titles and names of files."""

    @property
    def determined_by(self) -> Mapping[str, Any]:
        """Plain data: all of it that its trajectories depend on."""

    def fly(self, flight: Flight, index: int, emit: Emit) -> None:
        """Emit the frames of a flight, their times counted from its start.

        Args:
            flight: where from, and how far.
            index: which flight of several, for its random numbers.
            emit: takes the frames.

        Raises:
            RolloutError: it broke down; the frames before were emitted.
        """


class StrideMover:
    """The map of a subject, each stride checked, a bath around it.

    Args:
        subject: the surrogate.
        settings: seed and baths.
        timeline: its strides and stages.
    """

    name = "surrogate"

    def __init__(self, subject: Subject, settings: SuiteSettings, timeline: Timeline) -> None:
        self._subject, self._settings, self._times = subject, settings, timeline

    @property
    def determined_by(self) -> Mapping[str, Any]:
        """The model's weights."""
        return {"model": self._subject.checksum}

    def fly(self, flight: Flight, index: int, emit: Emit) -> None:
        """Strides; see :meth:`Mover.fly`."""
        strides = rollout(
            self._ensemble(flight),
            flight.start,
            np.random.default_rng([self._settings.seed, index]),
            flight.n_strides,
            substride=flight.substride,
            shortest_distance=self._subject.regime.shortest_distance,
        )
        kept = self._times.frame_stages if flight.substride else (-1,)
        for stride in strides:
            for stage in kept:
                emit(stride.states[stage])

    def _ensemble(self, flight: Flight) -> Ensemble:
        map_ = self._subject.propagator
        if flight.temperature is None:
            return nve(map_)
        bath = csvr if flight.gentle else langevin
        return bath(map_, flight.temperature, self._settings.friction_time)
