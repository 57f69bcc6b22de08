"""One phase-space frame."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]

EMPTY = 2.0
"""A gap between atoms wider than this many mean distances is vacuum, not matter."""

_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class State:
    """Positions and velocities of all atoms at one time.

    Attributes:
        positions: (N, 3) unwrapped positions in Å, float64.
        velocities: (N, 3) velocities in Å/fs, float64.
        masses: (N,) masses in amu.
        species: (N,) atomic numbers.
        cell: (3, 3) cell vectors as rows in Å.
        pbc: (3,) periodic directions.
        time: time in fs.
    """

    positions: Array
    velocities: Array
    masses: Array
    species: NDArray[np.int64]
    cell: Array
    pbc: NDArray[np.bool_]
    time: float = 0.0

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.masses)

    @property
    def volume(self) -> float:
        """Volume of the cell in Å³; zero where an open direction has no length."""
        return abs(float(np.linalg.det(self.cell)))

    @property
    def heights(self) -> Array:
        """(3,) distances between opposite faces of the cell in Å; the cell must have a volume."""
        # The columns of the inverse are the faces' normals, as long as one over the heights.
        return np.asarray(1.0 / np.linalg.norm(np.linalg.inv(self.cell), axis=0))

    @property
    def number_density(self) -> float:
        """Atoms/Å³ where there are atoms: the vacuum beside a slab does not count."""
        return number_density(self.positions, self.cell)

    @property
    def momenta(self) -> Array:
        """(N, 3) momenta in amu·Å/fs."""
        return self.masses[:, None] * self.velocities

    @property
    def kinetic_energy(self) -> float:
        """Kinetic energy in eV."""
        return float(0.5 * MASS_VELOCITY_SQUARED * np.sum(self.momenta * self.velocities))

    @property
    def temperature(self) -> float:
        """Kinetic temperature in K, without the three degrees of freedom of the total momentum."""
        degrees = max(3 * self.n_atoms - 3, 1)
        return 2.0 * self.kinetic_energy / (degrees * BOLTZMANN)

    def with_(self, **changes: object) -> Self:
        """A copy with some fields replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]


def number_density(positions: Array, cell: Array) -> float:
    """Number density of the part of a periodic cell that is filled.

    Along each cell vector, the widest gap between neighbouring atoms is vacuum if it is more than
    ``EMPTY`` mean distances between atoms wide; all of it but one such distance is then left out.
    The distance is that of the filled part itself, found by iteration. Without vacuum it is the
    number of atoms over the volume.

    Args:
        positions: (N, 3) in Å.
        cell: (3, 3) rows in Å, with a volume.

    Returns:
        Atoms/Å³.
    """
    inverse = np.linalg.inv(cell)
    fractions = positions @ inverse
    fractions -= np.floor(fractions)
    heights = 1.0 / np.linalg.norm(inverse, axis=0)
    share = abs(float(np.linalg.det(cell))) / len(positions)
    mean = share ** (1.0 / 3.0)
    if _all_occupied(fractions, heights, 0.5 * EMPTY * mean):
        return 1.0 / share
    fractions.sort(axis=0)
    ends = np.concatenate([fractions, fractions[:1] + 1.0])
    gaps = np.diff(ends, axis=0).max(axis=0) * heights
    vacuum = gaps > EMPTY * mean
    if not vacuum.any():
        return 1.0 / share
    for _ in range(_ROUNDS):
        filled = 1.0 - (gaps - mean)[vacuum] / heights[vacuum]
        mean = (share * float(np.prod(filled))) ** (1.0 / 3.0)
    return float(mean**-3)


def _all_occupied(fractions: Array, heights: Array, width: float) -> bool:
    """Whether every slice of at most this width has an atom, so that no gap is twice as wide.

    Every stride asks, and to count into slices takes a quarter of the time of sorting.
    """
    for axis, height in enumerate(heights):
        count = int(np.ceil(height / width))
        occupied = np.zeros(count + 1, dtype=np.bool_)
        occupied[(fractions[:, axis] * count).astype(np.int64)] = True
        if not occupied[:count].all():
            return False
    return True


def triangular(matrix: Array) -> tuple[Array, Array]:
    """A matrix (3, 3) as L R: lower triangular with a positive diagonal, times an orthogonal one.

    A triangular matrix is its own L, to the last bit.
    """
    if np.all(np.diag(matrix) > 0) and np.all(np.triu(matrix, 1) == 0):
        return np.array(matrix, dtype=float), np.eye(3)
    q, r = np.linalg.qr(matrix.T)
    signs = np.sign(np.diag(r))
    return np.tril((signs[:, None] * r).T), np.asarray((q * signs).T)
