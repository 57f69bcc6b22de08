"""Angular distribution function: the angles between the bonds of an atom."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import frames, positive
from longstride.analysis.rdf import largest_radius
from longstride.analysis.statistics import block_averages
from longstride.errors import LongstrideError

Array = NDArray[np.floating]

_CHUNK: Final = 2_000_000
"""Angles computed at a time: bounds the memory."""


@dataclass(frozen=True, slots=True)
class Adf:
    """An angular distribution function.

    Attributes:
        angle: (B,) bin centres in degrees.
        density: (B,) probability density of the angles in 1/degree, with unit integral.
        error: (B,) standard error of the density from blocks of time; zero for a single frame.
        neighbors: mean number of neighbours inside the cutoff.
    """

    angle: Array
    density: Array
    error: Array
    neighbors: float


def angular_distribution(
    positions: ArrayLike,
    cell: ArrayLike,
    cutoff: float,
    *,
    n_bins: int = 90,
    n_blocks: int = 5,
) -> Adf:
    """Distribution of the angles j-i-k of all pairs of neighbours j, k inside a cutoff of an atom
    i, in a fixed, fully periodic cell.

    Uncorrelated neighbours give ``sin(θ) / 2`` per radian. Neighbours may be images of one atom, so
    small cells work. Source: Allen and Tildesley, Computer Simulation of Liquids (2017), sec. 8.8.

    Args:
        positions: (F, N, 3) positions in Å, wrapped or not.
        cell: (3, 3) cell vectors as rows in Å.
        cutoff: largest distance of a neighbour in Å, as a rule the first minimum of g(r).
        n_bins: bins of equal width between 0 and 180 degrees.
        n_blocks: blocks of time behind the error.

    Raises:
        LongstrideError: a frame in which no atom has two neighbours, or a cell without volume.
    """
    q = frames("positions", positions)
    box = np.asarray(cell, dtype=np.float64)
    largest_radius(box)
    # Loads torch where it is installed: not before it is needed.
    from vesin import NeighborList

    search = NeighborList(cutoff=positive("cutoff", cutoff, "Å"), full_list=True, sorted=True)
    counts = np.zeros((len(q), n_bins))
    neighbors = 0
    for k, points in enumerate(q):
        first, vectors = search.compute(points, box, True, quantities="iD", copy=True)
        counts[k] = _histogram(first.astype(np.int64), vectors, len(points), n_bins)
        neighbors += len(first)
        if not counts[k].any():
            raise LongstrideError(
                f"no atom of frame {k} has two neighbours inside {cutoff:g} Å: raise the cutoff"
            )
    width = 180.0 / n_bins
    curves = counts / counts.sum(axis=1, keepdims=True) / width
    blocks = block_averages(curves, min(n_blocks, len(q)))
    error = (
        blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks)) if len(blocks) > 1 else np.zeros(n_bins)
    )
    density = counts.sum(axis=0) / counts.sum() / width
    centres = width * (np.arange(n_bins) + 0.5)
    return Adf(centres, density, error, neighbors / (len(q) * q.shape[1]))


def _histogram(first: NDArray[np.int64], vectors: Array, n_atoms: int, n_bins: int) -> Array:
    """(n_bins,) number of angles of one frame; ``first`` is sorted."""
    members = np.bincount(first, minlength=n_atoms)
    start = np.cumsum(members) - members
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    counts = np.zeros(n_bins)
    # Atoms with equally many neighbours form a rectangle: no padding, no masks.
    for size in np.unique(members[members > 1]):
        atoms = np.flatnonzero(members == size)
        one, two = np.triu_indices(size, k=1)
        step = max(1, _CHUNK // len(one))
        for begin in range(0, len(atoms), step):
            bonds = unit[start[atoms[begin : begin + step], None] + np.arange(size)]
            cosine = np.matmul(bonds, bonds.transpose(0, 2, 1))[:, one, two]
            angle = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
            counts += np.histogram(angle, bins=n_bins, range=(0.0, 180.0))[0]
    return counts
