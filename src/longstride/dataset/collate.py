"""Several windows as one batch: one graph of all their atoms, padded to one width."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from longstride.dataset.windows import WindowData
from longstride.graph import FAR, Batch, Graph, Pairs, find_pairs_over

PAIR_MARGIN = 0.1
"""Å added to the cutoff, because a model computes its stages at the geometries it predicts, not at
the reference's: far more than a prediction worth training with is off, and few more pairs."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A window with what its graph needs.

    Attributes:
        data: the window's arrays.
        species: (N,) index of each atom's species in the model's list.
        cell: (3, 3) rows in Å.
        pbc: (3,) periodic directions.
        group: index of the temperature group.
    """

    data: WindowData
    species: NDArray[np.int64]
    cell: NDArray[np.float64]
    pbc: NDArray[np.bool_]
    group: int

    def pairs(self, cutoff: float) -> Pairs:
        """Every pair inside the cutoff at the start or at any stage."""
        start = self.data.positions
        moved = [start + displacement for displacement in self.data.displacement]
        return find_pairs_over([start, *moved], self.cell, self.pbc, cutoff + PAIR_MARGIN)


def pad_width(frames: Sequence[Frame], cutoff: float) -> int:
    """Neighbour slots that hold the most crowded atom of these windows."""
    return max(frame.pairs(cutoff).neighbors.shape[1] for frame in frames)


def collate(frames: Sequence[Frame], cutoff: float, width: int) -> Batch:
    """One float64 batch of all windows, padded to ``width`` slots, or more where needed."""
    lists = [frame.pairs(cutoff) for frame in frames]
    slots = max(width, *(pairs.neighbors.shape[1] for pairs in lists))
    ends = np.cumsum([len(frame.species) for frame in frames])
    n_atoms = int(ends[-1])
    vectors = np.zeros((n_atoms, 3, slots))
    vectors[:, 0] = FAR
    neighbors = np.repeat(np.arange(n_atoms)[:, None], slots, axis=1)
    for frame, pairs, end in zip(frames, lists, ends, strict=True):
        begin = end - len(frame.species)
        used = pairs.neighbors.shape[1]
        vectors[begin:end, :, :used] = pairs.vectors(frame.data.positions, FAR).transpose(0, 2, 1)
        neighbors[begin:end, :used] = pairs.neighbors + begin
    sizes = [len(frame.species) for frame in frames]
    groups = np.repeat([frame.group for frame in frames], sizes)

    def joined(name: str, axis: int) -> torch.Tensor:
        arrays = [getattr(frame.data, name) for frame in frames]
        return torch.from_numpy(np.concatenate(arrays, axis=axis))

    return Batch(
        graph=Graph(
            vectors=torch.from_numpy(vectors),
            neighbors=torch.from_numpy(neighbors),
            species=torch.from_numpy(np.concatenate([frame.species for frame in frames])),
            system=torch.from_numpy(np.repeat(np.arange(len(frames)), sizes)),
        ),
        velocities=joined("velocities", 0),
        displacement=joined("displacement", 1),
        velocity=joined("velocity", 1),
        group=torch.from_numpy(groups),
    )
