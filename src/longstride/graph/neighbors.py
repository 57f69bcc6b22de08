"""Full neighbour lists, padded to a rectangle.

A list holds every pair inside the cutoff and is a pure function of the positions, so a rollout that
is resumed sums in the same order as one that was never interrupted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from vesin import NeighborList

from longstride.errors import RolloutError

Array = NDArray[np.float64]

LARGEST_EXTENT = 1e4
"""Å between the outermost atoms of an open system; the cell list of a larger one would not end."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """A padded full neighbour list.

    Attributes:
        neighbors: (N, K) index of each neighbour; an empty slot holds the atom itself.
        shifts: (N, K, 3) lattice translation in Å, so that ``r_ij = q_j + shift - q_i``.
        filled: (N, K) whether the slot holds a pair.
    """

    neighbors: NDArray[np.int64]
    shifts: Array
    filled: NDArray[np.bool_]

    def vectors(self, positions: Array, far: float) -> Array:
        """(N, K, 3) vectors to the neighbours in Å; an empty slot is a vector of length ``far``."""
        vectors = positions[self.neighbors]
        vectors += self.shifts
        vectors -= positions[:, None]
        vectors[~self.filled] = (far, 0.0, 0.0)
        return vectors


def find_pairs(
    positions: Array, cell: Array, pbc: NDArray[np.bool_], cutoff: float, *, multiple: int = 8
) -> Pairs:
    """Every pair inside ``cutoff`` (Å), in an order that the positions alone decide.

    Args:
        positions: (N, 3) in Å, wrapped or not.
        cell: (3, 3) cell vectors as rows in Å.
        pbc: (3,) periodic directions.
        cutoff: radius in Å.
        multiple: the number of slots is rounded up to a multiple of this.

    Raises:
        RolloutError: a position or the cell is not finite, or an open system has flown apart.
    """
    first, second, shifts = ordered_pairs(positions, cell, pbc, cutoff)
    return _pad(first, second, shifts, len(positions), multiple)


def find_pairs_over(
    frames: Sequence[Array],
    cell: Array,
    pbc: NDArray[np.bool_],
    cutoff: float,
    *,
    multiple: int = 8,
) -> Pairs:
    """Every pair that is inside ``cutoff`` (Å) in at least one of several frames of one motion.

    Args:
        frames: unwrapped positions (N, 3) in Å at successive times; the first anchors the search.
        cell: (3, 3) cell vectors as rows in Å.
        pbc: (3,) periodic directions.
        cutoff: radius in Å.
        multiple: the number of slots is rounded up to a multiple of this.
    """
    start = frames[0]
    moved = np.zeros(len(start))
    for frame in frames[1:]:
        moved = np.maximum(moved, np.linalg.norm(frame - start, axis=1))
    reach = float(np.sort(moved)[-2:].sum())
    first, second, shifts = ordered_pairs(start, cell, pbc, cutoff + reach)
    vectors = start[second] + shifts - start[first]
    squared = np.einsum("px,px->p", vectors, vectors)
    inside = squared < cutoff**2
    # Most pairs are inside from the start or never come near; few need a look at every frame.
    maybe = np.flatnonzero(~inside & (squared < (cutoff + moved[first] + moved[second]) ** 2))
    i, j, shift = first[maybe], second[maybe], shifts[maybe]
    for frame in frames[1:]:
        vectors = frame[j] + shift - frame[i]
        inside[maybe] |= np.einsum("px,px->p", vectors, vectors) < cutoff**2
    kept = np.flatnonzero(inside)
    return _pad(first[kept], second[kept], shifts[kept], len(start), multiple)


def ordered_pairs(
    positions: Array, cell: Array, pbc: NDArray[np.bool_], cutoff: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    check_geometry(positions, cell, pbc)
    search = NeighborList(cutoff=cutoff, full_list=True, sorted=True)
    first, second, images = search.compute(
        points=positions, box=cell, periodic=pbc, quantities="ijS", copy=True
    )
    return first.astype(np.int64), second.astype(np.int64), images @ cell


def check_geometry(positions: Array, cell: Array, pbc: NDArray[np.bool_]) -> None:
    """What a search for neighbours needs: it would end the process where these do not hold.

    Raises:
        RolloutError: a position or the cell is not finite, or an open system has flown apart.
    """
    if not np.isfinite(cell).all():
        raise RolloutError(f"the cell is not finite: {cell.tolist()} Å")
    if not np.isfinite(positions).all():
        atom = int(np.argmin(np.isfinite(positions).all(axis=1)))
        raise RolloutError(
            f"atom {atom} is at {positions[atom].tolist()} Å: the motion is unstable"
        )
    if not pbc.all() and len(positions):
        extent = float(np.ptp(positions, axis=0).max())
        if extent > LARGEST_EXTENT:
            raise RolloutError(
                f"atoms of an open system are {extent:.3g} Å apart: it has flown apart, or the "
                "motion is unstable"
            )


def _pad(
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    shifts: Array,
    n_atoms: int,
    multiple: int,
) -> Pairs:
    counts = np.bincount(first, minlength=n_atoms)
    slots = max(-(-int(counts.max(initial=0)) // multiple) * multiple, multiple)
    slot = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    neighbors = np.repeat(np.arange(n_atoms)[:, None], slots, axis=1)
    padded_shifts = np.zeros((n_atoms, slots, 3))
    filled = np.zeros((n_atoms, slots), dtype=bool)
    neighbors[first, slot] = second
    padded_shifts[first, slot] = shifts
    filled[first, slot] = True
    return Pairs(neighbors, padded_shifts, filled)
