"""A propagator whose stride is followed by a map of the state: a correction, or noise."""

from abc import ABC, abstractmethod

import numpy as np

from longstride.dynamics.wrapped import WrappedPropagator
from longstride.propagator import SubStridePropagator
from longstride.state import State


class FollowedPropagator(WrappedPropagator, ABC):
    """``propagator``, and then the map that a subclass defines; a propagator itself.

    Of the states inside the stride only the last is mapped.
    """

    @abstractmethod
    def follow(self, start: State, end: State, rng: np.random.Generator) -> State:
        """The state a stride ends in.

        Args:
            start: where the stride began.
            end: where the propagator took it.
            rng: of the run.
        """

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later."""
        return self.follow(state, self._propagator.step(state, rng), rng)

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; only the last one if the propagator knows no others."""
        if not isinstance(self._propagator, SubStridePropagator):
            return (self.step(state, rng),)
        inside = self._propagator.stages(state, rng)
        return (*inside[:-1], self.follow(state, inside[-1], rng))
