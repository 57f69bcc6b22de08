"""One phase-space frame."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]


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


def triangular(matrix: Array) -> tuple[Array, Array]:
    """A matrix (3, 3) as L R: lower triangular with a positive diagonal, times an orthogonal one.

    A triangular matrix is its own L, to the last bit.
    """
    if np.all(np.diag(matrix) > 0) and np.all(np.triu(matrix, 1) == 0):
        return np.array(matrix, dtype=float), np.eye(3)
    q, r = np.linalg.qr(matrix.T)
    signs = np.sign(np.diag(r))
    return np.tril((signs[:, None] * r).T), np.asarray((q * signs).T)
