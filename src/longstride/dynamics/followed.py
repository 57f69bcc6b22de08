"""A propagator whose stride is followed by a map of the state: a correction, or noise."""

from abc import ABC, abstractmethod
from typing import Protocol, runtime_checkable

import numpy as np

from longstride.propagator import Propagator, SubStridePropagator
from longstride.state import State

Memory = dict[str, float]
"""What a run needs to go on, beside its state and its generator; plain data."""


@runtime_checkable
class CachingPropagator(Protocol):
    """A propagator that keeps what may change the last bits of its next strides."""

    def reset_cache(self) -> None:
        """Forget it: the next stride depends on the state and the generator alone."""


@runtime_checkable
class RememberingPropagator(Protocol):
    """A propagator whose next stride depends on what it did before."""

    def memory(self) -> Memory:
        """All of it, as plain data; a restart point keeps it."""

    def recall(self, memory: Memory) -> None:
        """Take up a memory in place of its own; an empty one is that of the start of a run."""


class FollowedPropagator(ABC):
    """``propagator``, and then the map that a subclass defines; a propagator itself.

    Of the states inside the stride only the last is mapped.
    """

    def __init__(self, propagator: Propagator) -> None:
        self._propagator = propagator

    @abstractmethod
    def follow(self, start: State, end: State, rng: np.random.Generator) -> State:
        """The state a stride ends in.

        Args:
            start: where the stride began.
            end: where the propagator took it.
            rng: of the run.
        """

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self._propagator.stride

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times of the stages since the start of the stride, in fs."""
        if isinstance(self._propagator, SubStridePropagator):
            return self._propagator.stage_times
        return (self.stride,)

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later."""
        return self.follow(state, self._propagator.step(state, rng), rng)

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; only the last one if the propagator knows no others."""
        if not isinstance(self._propagator, SubStridePropagator):
            return (self.step(state, rng),)
        inside = self._propagator.stages(state, rng)
        return (*inside[:-1], self.follow(state, inside[-1], rng))

    def reset_cache(self) -> None:
        """Let the propagator forget what it keeps between strides, if it does."""
        if isinstance(self._propagator, CachingPropagator):
            self._propagator.reset_cache()

    def memory(self) -> Memory:
        """That of the propagator, if it has one."""
        if isinstance(self._propagator, RememberingPropagator):
            return self._propagator.memory()
        return {}

    def recall(self, memory: Memory) -> None:
        """Give the propagator its own back."""
        if isinstance(self._propagator, RememberingPropagator):
            self._propagator.recall(memory)
