"""One protocol by the model and by its reference, sampled at the same times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics import langevin, rollout
from longstride.errors import RolloutError
from longstride.kernels import ModelPropagator
from longstride.reference import Frames, Langevin, Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from measurements.guard_cases import Stage

Array = NDArray[np.float64]

TIME_STEP = 2.0
"""Of the reference, fs."""

FRICTION_TIME = 0.5 * PS
SAMPLE = 0.48 * PS
"""Time between frames that energies and structure are taken from, fs; stages are multiples or
divisors of it where they are shorter."""


@dataclass(frozen=True, slots=True)
class Flown:
    """What a protocol left.

    Attributes:
        frames: a state a sample.
        looks: (L, 3) time in fs, largest signal as a share of its limit, and atoms outside.
        names: of the signals.
        which: (L,) index of the signal that was the largest.
        broke: why the rollout ended early, or None.
    """

    frames: list[State]
    looks: Array
    names: tuple[str, ...]
    which: list[int]
    broke: str | None


def by_model(
    model: ModelPropagator, start: State, stages: tuple[Stage, ...], look_every: int, seed: int
) -> Flown:
    """The model in a Langevin bath, with a look every so many strides and no end where it fires."""
    gauge = model.gauge
    assert gauge is not None, "the model has no guard: benchmarks/attach_guard.py"
    rng = np.random.default_rng(seed)
    state, done, broke = start.with_(time=0.0), 0, None
    frames, looks, which = [state], [], []
    due = SAMPLE

    def look(at: State) -> None:
        shares = np.stack([s.values / s.limits for s in gauge.look(at)])
        looks.append([at.time, float(shares.max()), float((shares > 1).any(0).sum())])
        which.append(int(np.unravel_index(np.argmax(shares), shares.shape)[0]))

    look(state)
    try:
        for stage in stages:
            ensemble = langevin(model, stage.temperature, FRICTION_TIME)
            state = stage.begin(state)
            n_strides = round(stage.duration / model.stride)
            limit = model.regime.shortest_distance
            for stride in rollout(ensemble, state, rng, n_strides, shortest_distance=limit):
                state, done = stride.end, done + 1
                if done % look_every == 0:
                    look(state)
                if state.time >= due - 1e-6:
                    frames.append(state)
                    due += SAMPLE
    except RolloutError as error:
        broke = str(error)
    return Flown(frames, np.array(looks), gauge.names, which, broke)


def by_reference(
    engine: Engine, start: State, stages: tuple[Stage, ...], seed: int
) -> tuple[list[State], State]:
    """Frames at the same samples, and the last state."""
    frames = [start.with_(time=0.0)]
    state = frames[0]
    parts = list(stages)
    while parts:
        # Stages in one cell are one run of the program.
        own = [parts.pop(0)]
        state = own[0].begin(state)
        while parts and parts[0].stretch == 1.0:
            own.append(parts.pop(0))
        phases, ends = _phases(own, state.time, seed + len(parts))
        begin, cell = state.time, state.cell

        def keep(
            number: int,
            block: Frames,
            origin: State = state,
            cell: Array = cell,
            ends: list[float] = ends,
        ) -> None:
            for time, q, v in zip(block.times, block.positions, block.velocities, strict=True):
                at = ends[number] + float(time)
                if at >= len(frames) * SAMPLE - 1e-6:
                    frames.append(origin.with_(positions=q, velocities=v, cell=cell, time=at))

        outcome = engine.simulate(state, phases, keep)
        state = outcome.state.with_(time=begin + sum(stage.duration for stage in own))
    return frames, state


def _phases(own: list[Stage], begin: float, seed: int) -> tuple[list[Phase], list[float]]:
    """Phases of the program, and the time at which each begins."""
    phases, ends = [], []
    for number, stage in enumerate(own):
        ends.append(begin)
        begin += stage.duration
        bath = Langevin(stage.temperature, FRICTION_TIME, seed + 1 + number)
        steps = round(stage.duration / TIME_STEP)
        every = round(0.12 * PS / TIME_STEP)
        phases.append(Phase(steps, TIME_STEP, every=every, langevin=bath))
    return phases, ends
