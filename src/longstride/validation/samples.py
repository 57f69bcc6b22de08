"""Trajectories cut into equal blocks, which are what every statistic is made of.

Blocks of the runs of one program are averaged; how much such averages differ by chance is learned
from the blocks of the reference. One block is in memory at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.errors import LongstrideError
from longstride.trajectory import Segment

Array = NDArray[np.float64]

MOST_BLOCKS = 8
"""Blocks of the shortest run; a longer run has more."""

FEWEST_FRAMES = 16
"""Frames of a block."""

FEWEST_BLOCKS = 4
"""Blocks of a run that are not given up for longer ones."""

_SLACK = 1e-6


@dataclass(frozen=True, slots=True)
class Sample:
    """A stretch of trajectory in memory, F frames of N atoms.

    Attributes:
        positions: (F, N, 3) unwrapped, Å.
        velocities: (F, N, 3) Å/fs, or None where the trajectory has none.
        masses: (N,) amu.
        species: (N,) atomic numbers.
        cell: (3, 3) rows, Å.
        interval: fs between frames.
        energies: (F,) potential energy of the cell in eV, NaN where it was not computed, or None.
    """

    positions: Array
    velocities: Array | None
    masses: Array
    species: NDArray[np.int64]
    cell: Array
    interval: float
    energies: Array | None

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.masses)

    @property
    def motion(self) -> Array:
        """The velocities, where a measure needs them."""
        assert self.velocities is not None, "measures of velocities are left out without them"
        return self.velocities


@dataclass(frozen=True, slots=True)
class Run:
    """One trajectory and what is known of it.

    Attributes:
        segment: its frames.
        first: the first frame that counts.
        energies: (F,) potential energies of all frames of the segment in eV, NaN where not
            computed; None takes the segment's own, if it has them.
        broke: why it ended early, or None.
    """

    segment: Segment
    first: int = 0
    energies: Array | None = None
    broke: str | None = None

    @property
    def length(self) -> float:
        """Time in fs that counts."""
        return self.segment.interval * max(0, self.segment.n_frames - 1 - self.first)

    @property
    def has_energies(self) -> bool:
        """Whether potential energies are known."""
        return self.energies is not None or self.segment.potential_energy(0) is not None


@dataclass(frozen=True, slots=True)
class Block:
    """Frames ``first, first + every, ...`` of a run, ``count`` of them.

    The cell (3, 3) is the reference's for all: what is compared shares one grid to the last bit.
    """

    run: Run
    first: int
    count: int
    every: int
    cell: Array

    def load(self) -> Sample:
        """The block in memory."""
        segment = self.run.segment
        chosen = slice(self.first, self.first + (self.count - 1) * self.every + 1, self.every)
        if self.run.energies is not None:
            energies: Array | None = self.run.energies[chosen]
        else:
            energies = segment.potential_energy(chosen)
        return Sample(
            positions=segment.positions(chosen),
            velocities=segment.velocities(chosen) if segment.has_velocities else None,
            masses=segment.masses,
            species=segment.species,
            cell=self.cell,
            interval=segment.interval * self.every,
            energies=energies,
        )


@dataclass(frozen=True, slots=True)
class Blocks:
    """Equal blocks of the surrogate's and the reference's runs, grouped by run."""

    surrogate: tuple[tuple[Block, ...], ...]
    references: tuple[tuple[Block, ...], ...]
    interval: float
    length: float


def common_interval(segments: Sequence[Segment]) -> float:
    """The longest interval; frames in between are left out of the other segments.

    Raises:
        LongstrideError: an interval does not divide it.
    """
    longest = max(segments, key=lambda segment: segment.interval)
    for segment in segments:
        ratio = longest.interval / segment.interval
        if abs(ratio - round(ratio)) > _SLACK:
            raise LongstrideError(
                f"{segment.path} has frames every {segment.interval:g} fs, {longest.path} every"
                f" {longest.interval:g} fs: record one at a multiple of the other"
            )
    return longest.interval


def cut(
    surrogate: Sequence[Run], references: Sequence[Run], *, wanted: float | None = None
) -> Blocks:
    """Cut all runs into blocks of one length, at least two of each run.

    ``wanted`` is a length in fs that blocks should have; there are fewer then, but four if
    possible.

    Raises:
        LongstrideError: intervals that do not fit, or a run that is too short; it is named.
    """
    runs = [*surrogate, *references]
    interval = common_interval([run.segment for run in runs])
    shortest = min(runs, key=lambda run: run.length)
    frames = int(shortest.length / interval + _SLACK) + 1
    if frames < 2 * FEWEST_FRAMES:
        raise LongstrideError(
            f"{shortest.segment.path}: {frames} frames {interval:g} fs apart are left to compare"
            f" after {shortest.first * shortest.segment.interval:g} fs of equilibration,"
            f" {2 * FEWEST_FRAMES} are needed: run longer"
        )
    count = min(MOST_BLOCKS, frames // FEWEST_FRAMES)
    if wanted is not None:
        count = min(count, max(FEWEST_BLOCKS, int(shortest.length / wanted + _SLACK)))
    per_block = frames // count
    cell = references[0].segment.cell
    return Blocks(
        tuple(_blocks(run, interval, per_block, cell) for run in surrogate),
        tuple(_blocks(run, interval, per_block, cell) for run in references),
        interval,
        interval * per_block,
    )


def _blocks(run: Run, interval: float, per_block: int, cell: Array) -> tuple[Block, ...]:
    every = round(interval / run.segment.interval)
    available = int(run.length / interval + _SLACK) + 1
    count = available // per_block
    # What is left over is dropped at the start, the least equilibrated part.
    begin = run.segment.n_frames - 1 - (count * per_block - 1) * every
    firsts = (begin + k * per_block * every for k in range(count))
    return tuple(Block(run, first, per_block, every, cell) for first in firsts)
