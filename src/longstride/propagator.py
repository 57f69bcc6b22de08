"""The protocol every evolution operator follows: ordinary integrators and learned maps alike."""

from typing import Protocol, runtime_checkable

import numpy as np

from longstride.state import State


@runtime_checkable
class Propagator(Protocol):
    """A map of one phase-space point to another, one stride later."""

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later; deterministic maps ignore ``rng``."""


@runtime_checkable
class SubStridePropagator(Propagator, Protocol):
    """A propagator that also knows the states inside its stride."""

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times since the start of the stride, in fs, increasing; the last equals ``stride``."""

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; the last equals ``step`` with an equal generator."""
