"""Two propagators of one stride that take turns."""

import numpy as np

from longstride.dynamics.wrapped import CachingPropagator
from longstride.errors import ConfigError
from longstride.propagator import Propagator, SubStridePropagator
from longstride.state import State


class Relay:
    """Moves the atoms by a model, or by its reference while the model cannot be trusted.

    A propagator itself: baths and barostats act around both alike.

    Args:
        model: at work from the start.
        reference: takes over where ``on_reference`` is set.

    Raises:
        ConfigError: they have different strides.
    """

    def __init__(self, model: Propagator, reference: SubStridePropagator) -> None:
        if model.stride != reference.stride:
            raise ConfigError(
                f"the model's stride is {model.stride:g} fs, that of its reference "
                f"{reference.stride:g} fs"
            )
        self._model, self._reference = model, reference
        self.on_reference = False

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self._model.stride

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times of the stages since the start of the stride, in fs."""
        return self._reference.stage_times

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later."""
        return (self._reference if self.on_reference else self._model).step(state, rng)

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``."""
        if self.on_reference or not isinstance(self._model, SubStridePropagator):
            return self._reference.stages(state, rng)
        return self._model.stages(state, rng)

    def reset_cache(self) -> None:
        """Let both forget what they keep between strides."""
        for one in (self._model, self._reference):
            if isinstance(one, CachingPropagator):
                one.reset_cache()
