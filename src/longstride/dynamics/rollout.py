"""Stride after stride, each one checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from longstride.dynamics.ensemble import Ensemble
from longstride.dynamics.guard import require_sound
from longstride.errors import ConfigError
from longstride.state import State


@dataclass(frozen=True, slots=True)
class Stride:
    """One stride of a rollout.

    Attributes:
        index: strides done since the start of the run, this one included.
        states: the states inside the stride that were asked for; the last is at its end.
    """

    index: int
    states: tuple[State, ...]

    @property
    def end(self) -> State:
        """The state at the stride's end."""
        return self.states[-1]


def rollout(
    ensemble: Ensemble,
    state: State,
    rng: np.random.Generator,
    n_strides: int,
    *,
    done: int = 0,
    substride: bool = False,
    shortest_distance: float | None = None,
    density: tuple[float, float] | None = None,
) -> Iterator[Stride]:
    """Yield strides ``done + 1`` to ``n_strides`` of a run.

    Args:
        ensemble: what moves the atoms.
        state: the state after ``done`` strides.
        rng: the only source of randomness; its state and ``state`` determine all that follows.
        n_strides: strides of the whole run.
        done: strides the run has behind it.
        substride: yield the propagator's stages too.
        shortest_distance: atoms nearer than this (Å) overlap; None does not look.
        density: lowest and highest number density in atoms/Å³; None does not look.

    Raises:
        RolloutError: a state is non-finite, atoms overlap, or the density is outside its range;
            it is not yielded.
    """
    # Times are products, not sums, so that they do not depend on where a run was resumed.
    start = state.time - done * ensemble.stride
    require_sound(state, shortest_distance, density)
    for index in range(done + 1, n_strides + 1):
        states = ensemble.stages(state, rng) if substride else (ensemble.step(state, rng),)
        begin = start + (index - 1) * ensemble.stride
        offsets = ensemble.stage_times if substride else (ensemble.stride,)
        end = start + index * ensemble.stride
        times = [*(begin + offset for offset in offsets[:-1]), end]
        states = tuple(one.with_(time=t) for one, t in zip(states, times, strict=True))
        for one in states:
            require_sound(one, shortest_distance, density)
        yield Stride(index, states)
        state = states[-1]


class Staged(Protocol):
    """What has stages inside its strides: an ensemble, or the configuration of a model."""

    @property
    def stride(self) -> float:
        """Time one stride covers, in fs."""

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times of the stages since the start of the stride, in fs."""


def frame_interval(moving: Staged, frame_every: int = 1, substride: bool = False) -> float:
    """Time between the frames of a run in fs.

    Raises:
        ConfigError: the stages are unevenly spaced, or asked for together with ``frame_every``.
    """
    if not substride:
        return frame_every * moving.stride
    if frame_every != 1:
        raise ConfigError(
            f"frames inside the strides and only every {frame_every} strides exclude each other; "
            "leave one of the two out"
        )
    times = np.array(moving.stage_times)
    interval = moving.stride / len(times)
    if not np.allclose(times, interval * np.arange(1, len(times) + 1)):
        raise ConfigError(
            f"the model's stages at {', '.join(f'{t:g}' for t in times)} fs are unevenly spaced; "
            "run without frames inside the strides"
        )
    return interval
