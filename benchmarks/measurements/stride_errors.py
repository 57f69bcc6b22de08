"""One stride from phase points of a reference run, by the reference and by a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics import with_model_masses
from longstride.kernels import ModelPropagator
from longstride.reference import Frames, Langevin, Phase, append_frames
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.trajectory import TrajectoryFile, TrajectoryWriter, segment_of
from longstride.validation.reuse import is_trajectory_of

Array = NDArray[np.float64]

TIME_STEP = 2.0
"""Of the reference, fs."""

BATH = 500.0
"""Relaxation time of its bath, fs."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stride of the reference at constant energy: its two ends."""

    start: State
    end: State


def phases(
    temperature: float, stride: float, *, settle: float, apart: float, count: int, seed: int
) -> list[Phase]:
    """So many strides at constant energy, each after a stretch in a bath.

    Args:
        temperature: of the bath, K.
        stride: fs.
        settle: length of a first stretch more in the bath, fs.
        apart: length of the stretches, fs.
        count: number of strides.
        seed: of the bath.
    """
    found = []
    for number in range(count):
        time = apart + (0.0 if number else settle)
        bath = Langevin(temperature, BATH, seed + number)
        found.append(Phase(round(time / TIME_STEP), TIME_STEP, langevin=bath))
        steps = round(stride / TIME_STEP)
        found.append(Phase(steps, TIME_STEP, every=steps, zero_momentum=True))
    return found


def windows(
    path: Path, mark: str, engine: Engine, state: State, given: list[Phase]
) -> list[Window]:
    """The strides of such phases, made once and kept in a file.

    Args:
        path: of the trajectory, a segment a stride.
        mark: fingerprint of what determines it.
        engine: the reference.
        state: what it starts from.
        given: of :func:`phases`.
    """
    if not is_trajectory_of(path, mark):
        path.parent.mkdir(parents=True, exist_ok=True)
        with TrajectoryWriter(path, provenance={"fingerprint": mark}) as out:

            def keep(number: int, frames: Frames) -> None:
                segment = segment_of(
                    out,
                    f"{number:03d}",
                    state,
                    interval=given[number].every * TIME_STEP,
                    metadata={},
                )
                append_frames(segment, frames)

            engine.simulate(state, given, keep)
    with TrajectoryFile(path) as file:
        return [Window(segment.state(0), segment.state(1)) for segment in file]


def relative_errors(model: ModelPropagator, given: list[Window]) -> dict[str, Any]:
    """Errors of one stride, and what the guard says of its starts.

    Args:
        model: the map, whose stride is that of the windows.
        given: strides of the reference.

    Returns:
        What :func:`errors_of` has; of the starts, the largest signal over its limit (``share``),
        the looks and the share of atoms outside, and the mean of each signal.
    """
    rng = np.random.default_rng(0)
    ends = [model.step(with_model_masses(model.regime, window.start), rng) for window in given]
    errors = errors_of(ends, given, model.stride)
    return {**errors, **verdict(model, [window.start for window in given])}


def errors_of(ends: Sequence[State], given: Sequence[Window], stride: float) -> dict[str, Any]:
    """Errors of predicted ends of windows.

    Each is the RMS error over the RMS target, of d = q(t+τ) − q − τ v and w = v(t+τ) − v.

    Args:
        ends: what was predicted, one for each window.
        given: strides of the reference.
        stride: τ, fs.

    Returns:
        ``windows``, their number; ``d`` and ``w``, each with its standard error over windows.
    """
    squares = []
    for end, window in zip(ends, given, strict=True):
        flight = window.start.positions + stride * window.start.velocities
        squares.append(
            [
                np.mean((end.positions - window.end.positions) ** 2),
                np.mean((window.end.positions - flight) ** 2),
                np.mean((end.velocities - window.end.velocities) ** 2),
                np.mean((window.end.velocities - window.start.velocities) ** 2),
            ]
        )
    sums = np.array(squares)
    found: dict[str, Any] = {"windows": len(given)}
    for name, column in (("d", 0), ("w", 2)):
        each = np.sqrt(sums[:, column] / sums[:, column + 1])
        found[name] = float(np.sqrt(sums[:, column].sum() / sums[:, column + 1].sum()))
        spread = float(each.std(ddof=1)) if len(each) > 1 else 0.0
        found[f"{name}_error"] = spread / np.sqrt(len(each))
    return found


def verdict(model: ModelPropagator, states: list[State]) -> dict[str, Any]:
    """The guard's view of some states; empty where the model has none."""
    gauge = model.gauge
    if gauge is None:
        return {}
    shares, means = [], []
    for state in states:
        signals = gauge.look(state)
        shares.append(np.stack([signal.values / signal.limits for signal in signals]))
        means.append([float(np.mean(signal.values)) for signal in signals])
    outside = np.stack([(share > 1.0).any(axis=0) for share in shares])
    return {
        "share": float(max(share.max() for share in shares)),
        "looks_outside": float(outside.any(axis=1).mean()),
        "atoms_outside": float(outside.mean()),
        "means": dict(zip(gauge.names, np.mean(means, axis=0).tolist(), strict=True)),
    }
