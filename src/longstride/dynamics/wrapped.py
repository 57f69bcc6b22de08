"""A propagator around another: what every such wrapper passes on."""

from typing import Protocol, runtime_checkable

from longstride.propagator import Propagator, SubStridePropagator

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


class WrappedPropagator:
    """Stride, stages, cache and memory are those of the propagator inside."""

    def __init__(self, propagator: Propagator) -> None:
        self._propagator = propagator

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

    def reset_cache(self) -> None:
        """Let the propagator forget what it keeps between strides, if it does."""
        if isinstance(self._propagator, CachingPropagator):
            self._propagator.reset_cache()

    def memory(self) -> Memory:
        """What the propagator remembers and a run needs to go on."""
        if isinstance(self._propagator, RememberingPropagator):
            return self._propagator.memory()
        return {}

    def recall(self, memory: Memory) -> None:
        """Let the propagator take up a memory; an empty one is that of the start of a run."""
        if isinstance(self._propagator, RememberingPropagator):
            self._propagator.recall(memory)
