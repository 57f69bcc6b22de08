"""Rollouts of a model that look for frames outside of its data.

Each starts from a frame of the training data, of the nearest temperature, strained if asked for,
with velocities of the rollout's own temperature, and goes on in a Langevin bath. Frames where an
atom is beyond a limit of the guard are kept, some time apart, and those that came first in their
rollouts are labelled first: what comes long after a model has left its data may be no physics.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from longstride.dataset import Block
from longstride.dynamics import draw_velocities, langevin, rollout, shares_of_limits
from longstride.errors import RegimeError, RolloutError
from longstride.kernels import ModelPropagator
from longstride.state import State
from longstride.training.active_config import ActiveConfig

FRICTION = 500.0
"""Relaxation time of the bath, fs."""

SPACING = 240.0
"""Between two frames of one rollout that are kept, fs: half a vibration is no news."""

FARTHEST = 5.0
"""Times a limit, at most: beyond it a model has made a frame that mechanics would not."""

SHORTEST = 0.5
"""Of the edge of an atom's share of the volume: nearer atoms are a blow-up."""


@dataclass(frozen=True, slots=True)
class Found:
    """A frame to label.

    Attributes:
        state: the frame.
        temperature: of the rollout, K.
        share: the largest signal over its limit.
        rollout: number of the rollout.
    """

    state: State
    temperature: float
    share: float
    rollout: int


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the rollouts of a round came to.

    Attributes:
        found: frames outside, at most as many as asked for, rollouts in turn.
        flagged: looks that found an atom outside.
        looks: states looked at.
        seen: frames inside and outside, ``SPACING`` apart, that ``found`` was chosen from.
    """

    found: tuple[Found, ...]
    flagged: int
    looks: int
    seen: tuple[Found, ...]


def explore(
    model: ModelPropagator, blocks: Sequence[Block], config: ActiveConfig, number: int
) -> Exploration:
    """Roll a model out and keep what is outside of its data.

    Args:
        model: with a gauge.
        blocks: training data to start from.
        config: where to look, with temperatures.
        number: of the round; with the seed it determines all randomness.
    """
    cases = [(t, s) for t in config.temperatures for s in config.strains]
    looks = flagged = 0
    of_case: list[list[Found]] = []
    seen: list[Found] = []
    for index, (temperature, strain) in enumerate(cases):
        rng = np.random.default_rng([config.seed, number, index])
        start = _start(blocks, temperature, strain, rng)
        kept: list[Found] = []
        last = last_seen = -SPACING
        for state, share in _watched(model, start, temperature, config.time, rng):
            looks += 1
            flagged += share > 1.0
            frame = Found(state, temperature, share, index)
            if state.time - last_seen >= SPACING:
                seen.append(frame)
                last_seen = state.time
            if 1.0 < share <= FARTHEST and state.time - last >= SPACING:
                kept.append(frame)
                last = state.time
        of_case.append(kept)
    return Exploration(_in_turn(of_case, config.frames), flagged, looks, tuple(seen))


def _watched(
    model: ModelPropagator,
    start: State,
    temperature: float,
    time: float,
    rng: np.random.Generator,
) -> Iterator[tuple[State, float]]:
    """The states of a rollout and their largest signal over its limit, until it breaks down."""
    gauge = model.gauge
    assert gauge is not None
    ensemble = langevin(model, temperature, FRICTION)
    shortest = SHORTEST * (start.volume / start.n_atoms) ** (1 / 3)
    strides = rollout(
        ensemble, start, rng, ceil(time / ensemble.stride), shortest_distance=shortest
    )
    try:
        for stride in strides:
            yield stride.end, float(shares_of_limits(gauge.look(stride.end)).max())
    except (RolloutError, RegimeError):
        return


def _start(
    blocks: Sequence[Block], temperature: float, strain: float, rng: np.random.Generator
) -> State:
    """A frame of the training data, strained, with velocities of a temperature."""

    def away(block: Block) -> float:
        return abs((block.temperature or 0.0) - temperature)

    nearest = min(map(away, blocks))
    own = [block for block in blocks if away(block) == nearest]
    block = own[int(rng.integers(len(own)))]
    state = block.segment.state(int(rng.integers(block.first, block.stop)))
    factor = 1.0 + strain
    state = state.with_(positions=factor * state.positions, cell=factor * state.cell, time=0.0)
    return draw_velocities(state, temperature, rng)


def _in_turn(of_case: Sequence[Sequence[Found]], count: int) -> tuple[Found, ...]:
    """At most ``count`` frames: the first of every rollout, then the second, and so on."""
    longest = max(map(len, of_case), default=0)
    ordered = [kept[k] for k in range(longest) for kept in of_case if k < len(kept)]
    return tuple(ordered[:count])
