"""Frames of a segment a few at a time, so that writing needs as little memory as reading."""

from collections.abc import Iterator
from typing import Final

from longstride.trajectory.reader import Segment

BLOCK_ATOMS: Final = 200_000
"""Atoms times frames held in memory at once."""


def frame_blocks(segment: Segment, frames: slice) -> Iterator[slice]:
    """Consecutive slices that make up ``frames``, of as many as fit in memory, at least one."""
    wanted = range(*frames.indices(segment.n_frames))
    size = max(1, BLOCK_ATOMS // segment.n_atoms)
    for start in range(0, len(wanted), size):
        block = wanted[start : start + size]
        yield slice(block.start, block.stop, block.step)
