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
