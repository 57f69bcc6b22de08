"""A full neighbour list with a skin, kept while the atoms stay near.

The pairs of an atom are in an order that does not depend on when the list was made, so a sum over
those inside the cutoff is the same, bit for bit, from a list made anew and from an older one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.graph.neighbors import ordered_pairs

Array = NDArray[np.float64]

SKIN = 3.0
"""Å beyond the cutoff: the list is kept until two atoms may have come closer by this.

Atoms of a hot crystal move 1.4 Å within half a vibration: with less, a list is made every stride,
single-threaded, at more than a quarter of its time; looking at twice the pairs costs far less.
"""


@dataclass(frozen=True, slots=True)
class PairList:
    """Pairs, atom by atom.

    Attributes:
        offsets: (N + 1,) where each atom's pairs start.
        neighbors: (P,) index of the second atom.
        shifts: (P, 3) lattice translation in Å, so that ``r_ij = q_j + shift - q_i``.
        width: pairs of the most crowded atom.
    """

    offsets: NDArray[np.int64]
    neighbors: NDArray[np.int32]
    shifts: Array
    width: int


class SkinnedPairs:
    """Pair lists of a moving system for a cutoff in Å."""

    def __init__(self, cutoff: float) -> None:
        self._cutoff = cutoff
        self._made: tuple[Array, Array, NDArray[np.bool_], PairList] | None = None

    def at(self, positions: Array, cell: Array, pbc: NDArray[np.bool_]) -> PairList:
        """A list that holds every pair inside the cutoff at these positions (N, 3) in Å.

        Raises:
            RolloutError: a position or the cell is not finite, or an open system has flown apart.
        """
        if self._made is not None:
            then, old_cell, old_pbc, pairs = self._made
            same = then.shape == positions.shape and np.array_equal(cell, old_cell)
            if same and np.array_equal(pbc, old_pbc):
                squared = np.square(positions - then).sum(1)
                # Not a number is not near.
                if squared.max(initial=0.0) < (0.5 * SKIN) ** 2:
                    return pairs
        pairs = make_pair_list(positions, cell, pbc, self._cutoff + SKIN)
        self._made = positions.copy(), cell.copy(), pbc.copy(), pairs
        return pairs


def make_pair_list(
    positions: Array, cell: Array, pbc: NDArray[np.bool_], radius: float
) -> PairList:
    """Every pair inside ``radius`` (Å).

    Raises:
        RolloutError: a position or the cell is not finite, or an open system has flown apart.
    """
    first, second, shifts = ordered_pairs(positions, cell, pbc, radius)
    order = np.argsort(first * len(positions) + second, kind="stable")
    first, second, shifts = first[order], second[order], shifts[order]
    if ((np.diff(first) == 0) & (np.diff(second) == 0)).any():
        # Several images of one atom: by their place.
        order = np.lexsort((*shifts.T, second, first))
        second, shifts = second[order], shifts[order]
    counts = np.bincount(first, minlength=len(positions))
    return PairList(
        np.concatenate([[0], np.cumsum(counts)]),
        second.astype(np.int32),
        shifts,
        max(int(counts.max(initial=0)), 1),
    )
