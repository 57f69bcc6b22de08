"""The graph of one frame."""

import numpy as np
import torch
from numpy.typing import NDArray

from longstride.graph.graph import Graph
from longstride.graph.neighbors import find_pairs
from longstride.graph.slots import FAR

Array = NDArray[np.float64]


def frame_graph(
    positions: Array,
    cell: Array,
    pbc: NDArray[np.bool_],
    species: NDArray[np.int64],
    cutoff: float,
) -> Graph:
    """Every pair of a frame inside the cutoff, with vectors in float64.

    Args:
        positions: (N, 3) in Å, finite.
        cell: (3, 3) cell vectors as rows in Å.
        pbc: (3,) periodic directions.
        species: (N,) index of each atom's species in the model's list.
        cutoff: Å.

    Raises:
        RolloutError: a position or the cell is not finite, or an open system has flown apart.
    """
    pairs = find_pairs(positions, cell, pbc, cutoff)
    vectors = np.ascontiguousarray(pairs.vectors(positions, FAR).transpose(0, 2, 1))
    return Graph(
        torch.from_numpy(vectors), torch.from_numpy(pairs.neighbors), torch.from_numpy(species)
    )
