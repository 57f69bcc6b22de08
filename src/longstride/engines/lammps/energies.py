"""Energies and pressure of atoms that lie on several ranks: each adds the share of its own."""

import numpy as np

from longstride.dynamics import ENERGY_COLUMNS, energy_row
from longstride.engines.lammps.host import Domain
from longstride.engines.lammps.ranks import Ranks, together
from longstride.kernels import EnergyPropagator
from longstride.propagator import Configuration
from longstride.state import Array


class DomainEnergies:
    """Values of ``ENERGY_COLUMNS``, every so many strides.

    Args:
        ranks: that share the atoms.
        potential: the model, with its energy head.
        every: strides from one row with values to the next.
        cell: (3, 3) rows in Å, along LAMMPS' axes.
        n_atoms: of all ranks.
    """

    columns = ENERGY_COLUMNS

    def __init__(
        self, ranks: Ranks, potential: EnergyPropagator, every: int, cell: Array, n_atoms: int
    ) -> None:
        self._ranks, self._potential, self._every = ranks, potential, every
        self._cell, self._n_atoms = cell, n_atoms
        self._species = np.array(potential.model.config.species)

    def row(self, stride: int, domain: Domain, kinetic: float) -> tuple[float, ...]:
        """The columns after so many strides, NaN between; every rank must.

        Args:
            stride: strides done.
            domain: of this rank.
            kinetic: energy of all atoms, eV.

        Raises:
            RolloutError: a position is not finite.
        """
        if stride % self._every:
            return (float("nan"),) * len(self.columns)
        energy, stress = together(self._ranks, lambda: self._share(domain))
        whole = self._ranks.sum(np.array([energy, *stress.flat]))
        found = Configuration(float(whole[0]), whole[1:].reshape(3, 3))
        volume = abs(float(np.linalg.det(self._cell)))
        return energy_row(found, kinetic, self._n_atoms, volume)

    def _share(self, domain: Domain) -> Configuration:
        """Of this rank's own atoms."""
        if not domain.arrays.own:
            return Configuration(0.0, np.zeros((3, 3)))
        around = domain.surroundings.state(self._species, self._cell)
        return self._potential.share(around, domain.arrays.own)
