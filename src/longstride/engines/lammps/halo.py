"""Ghost atoms of a domain, in the order of their distance to it.

What is computed of ghosts shrinks from kick to kick: at each, those count that are nearer than some
depth. With ghosts ordered by depth, these are the first ones of the arrays.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_SHELL = 2.0
"""Å: ghosts are ordered by shells of this width, inside one as they come: near in memory too."""


class Halo:
    """The order of the atoms of one domain: its own as they come, then ghosts by depth.

    The order is kept as long as the atoms in the arrays are the same.

    Args:
        cell: (3, 3) rows in Å, lower triangular.
    """

    def __init__(self, cell: Array) -> None:
        self._inverse = np.linalg.inv(cell)
        self._heights = 1.0 / np.linalg.norm(self._inverse, axis=0)
        self._orthogonal = bool(np.count_nonzero(cell) == 3)
        self._tags = np.empty(0, dtype=np.int64)
        self._own = 0
        self._order = np.empty(0, dtype=np.int64)
        self._low = self._high = np.zeros(3)
        self._depths = np.empty(0)
        self._made_at = np.empty(0)

    def arrange(self, positions: Array, tags: NDArray[np.integer], own: int) -> bool:
        """Take the atoms of a domain, its own first.

        Args:
            positions: (N, 3) in Å, own atoms and ghosts.
            tags: (N,) numbers of the atoms.
            own: how many are the domain's own.

        Returns:
            Whether the order was made anew.
        """
        fractions = positions @ self._inverse
        if own:
            self._low, self._high = fractions[:own].min(axis=0), fractions[:own].max(axis=0)
        depths = self._depth(fractions[own:])
        same = own == self._own and np.array_equal(tags, self._tags)
        if not same:
            self._tags, self._own = np.array(tags), own
            shells = np.minimum(depths / _SHELL, np.iinfo(np.int16).max).astype(np.int16)
            self._order = np.argsort(shells, kind="stable")
            self._made_at = depths[self._order]
        self._depths = depths[self._order]
        return not same

    def ordered(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """A copy of per-atom values (N, ...) in this order."""
        return np.concatenate([values[: self._own], values[self._own :][self._order]])

    def within(self, depth: float) -> int:
        """How many atoms of the arrays, from the first on, hold all that are within a depth (Å)."""
        return self._own + _last(self._depths, depth)

    def made_within(self, depth: float) -> int:
        """The same, of depths when the order was made."""
        return self._own + _last(self._made_at, depth)

    def _depth(self, fractions: Array) -> Array:
        """(G,) distance in Å to the box around the domain's own atoms, or less in oblique cells."""
        outside = np.maximum(self._low - fractions, fractions - self._high)
        outside = np.maximum(outside, 0.0) * self._heights
        # Faces' distances are components of the distance only where they are at right angles.
        return np.asarray(
            np.linalg.norm(outside, axis=1) if self._orthogonal else outside.max(axis=1, initial=0)
        )


def _last(depths: Array, depth: float) -> int:
    """One after the last place of what is within a depth."""
    places = np.flatnonzero(depths <= depth)
    return int(places[-1]) + 1 if len(places) else 0
