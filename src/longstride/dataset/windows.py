"""Windows: one stride cut from a trajectory, with the states at the stage times inside it.

A window of stride τ with stage times s_1 < … < s_S = τ holds the start (q(t), v(t)) and the targets
(q(t+s_k), v(t+s_k)). Mechanics is reversible, so the same frames read backwards are a second one:
start (q(t+τ), −v(t+τ)), targets (q(t+τ−s_k), −v(t+τ−s_k)).

Trajectories without velocities use the backward difference over one stride instead,
v(t) := (q(t) − q(t−τ)) / τ, at the start and at every stage, so the window reaches from t−τ to t+τ.
Read backwards about t it is a window of the reversed motion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from longstride.errors import ConfigError, LongstrideError
from longstride.trajectory import Segment

Velocities = Literal["stored", "from_positions"]
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Block:
    """Frames ``first <= i < stop`` of one segment; windows lie inside it with all their frames."""

    segment: Segment
    first: int
    stop: int

    @property
    def temperature(self) -> float | None:
        """Target temperature of the segment in K, None where its metadata has none."""
        value = self.segment.metadata.get("temperature")
        return None if value is None else float(value)

    @property
    def in_regime(self) -> bool:
        """Whether a model trained on it is meant for such conditions; so unless it says not."""
        return bool(self.segment.metadata.get("in_regime", True))


@dataclass(frozen=True, slots=True)
class Window:
    """``first``: the earliest frame it reads; ``backwards``: whether time is reversed."""

    block: Block
    first: int
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class WindowData:
    """One window's arrays, float64.

    Attributes:
        positions: (N, 3) start positions, Å.
        velocities: (N, 3) start velocities, Å/fs.
        displacement: (S, N, 3) q(t+s) − q(t), Å.
        velocity: (S, N, 3) v(t+s), Å/fs.
    """

    positions: Array
    velocities: Array
    displacement: Array
    velocity: Array

    def residuals(self, stage_times: Sequence[float]) -> tuple[Array, Array]:
        """What free flight does not explain, (S, N, 3) each.

        d = q(t+s) − q(t) − s v(t) in Å and w = v(t+s) − v(t) in Å/fs.
        """
        times = np.asarray(stage_times)[:, None, None]
        return self.displacement - times * self.velocities, self.velocity - self.velocities


def stage_offsets(stage_times: Sequence[float], interval: float, where: str) -> tuple[int, ...]:
    """Stage times in frames.

    Args:
        stage_times: increasing times since the window's start, fs.
        interval: time between frames, fs.
        where: what has this interval, for the message.

    Raises:
        ConfigError: a stage time is no multiple of the interval.
    """
    offsets = tuple(round(time / interval) for time in stage_times)
    for time, offset in zip(stage_times, offsets, strict=True):
        if offset < 1 or abs(offset * interval - time) > 1e-6 * interval:
            possible = ", ".join(f"{k * interval:g}" for k in range(1, 7))
            raise ConfigError(
                f"stage time {time:g} fs is no multiple of the frame interval {interval:g} fs of "
                f"{where}: choose from {possible}, … fs, or record frames more often"
            )
    if any(b <= a for a, b in pairwise(offsets)):
        raise ConfigError(f"stage times must increase, got {list(stage_times)} fs")
    return offsets


@dataclass(frozen=True)
class WindowShape:
    """How windows are cut: which stage times, and where velocities come from."""

    stage_times: tuple[float, ...]
    velocities: Velocities = "stored"

    @property
    def stride(self) -> float:
        """τ in fs, the last stage time."""
        return self.stage_times[-1]

    def offsets(self, segment: Segment) -> tuple[int, ...]:
        """Stage times in frames of this segment."""
        return stage_offsets(self.stage_times, segment.interval, f"segment {segment.name!r}")

    def lead(self, segment: Segment) -> int:
        """Frames needed before the start of the window."""
        return self.offsets(segment)[-1] if self.velocities == "from_positions" else 0

    def span(self, segment: Segment) -> int:
        """Frames from the first to the last one of a window, minus one."""
        return self.lead(segment) + self.offsets(segment)[-1]

    def count(self, block: Block) -> int:
        """Number of windows (of one time direction) inside a block."""
        return max(block.stop - block.first - self.span(block.segment), 0)

    def check(self, segment: Segment) -> None:
        """Raises ConfigError where windows of this shape cannot be cut from the segment at all."""
        self.offsets(segment)
        if self.velocities == "stored" and not segment.has_velocities:
            raise ConfigError(
                f"segment {segment.name!r} has no velocities: set data.velocities to "
                "'from_positions' to use backward differences of the positions"
            )

    def read(self, window: Window) -> WindowData:
        """Reads one window; float64 arrays.

        Raises:
            LongstrideError: the frames hold a non-finite number.
        """
        segment = window.block.segment
        offsets = np.asarray(self.offsets(segment))
        lead, stride = self.lead(segment), int(offsets[-1])
        frames = slice(window.first, window.first + lead + stride + 1)
        order = slice(None, None, -1) if window.backwards else slice(None)
        positions = segment.positions(frames)[order]
        if self.velocities == "stored":
            velocities = segment.velocities(frames)[order]
            start_velocity, velocity = velocities[0], velocities[offsets]
            if window.backwards:
                start_velocity, velocity = -start_velocity, -velocity
        else:
            start_velocity = (positions[lead] - positions[lead - stride]) / self.stride
            velocity = (
                positions[lead + offsets] - positions[lead + offsets - stride]
            ) / self.stride
        start = positions[lead]
        if not (
            np.isfinite(positions).all()
            and np.isfinite(velocity).all()
            and np.isfinite(start_velocity).all()
        ):
            raise LongstrideError(
                f"segment {segment.name!r} holds a non-finite number in frames {frames.start} to "
                f"{frames.stop - 1}"
            )
        return WindowData(start, start_velocity, positions[lead + offsets] - start, velocity)
