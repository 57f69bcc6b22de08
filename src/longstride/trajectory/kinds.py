"""Kinds of atoms, as LAMMPS and HOOMD count them: one for every element and mass."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of the atoms of a segment.

    Attributes:
        of_atoms: (N,) kind of each atom, counted from 0.
        symbols: of each kind.
        masses: of each kind in amu.
    """

    of_atoms: NDArray[np.int64]
    symbols: tuple[str, ...]
    masses: tuple[float, ...]


def kinds_of(species: NDArray[np.int64], masses: Array) -> Kinds:
    """Kinds in the order of atomic number, then mass.

    Args:
        species: (N,) atomic numbers.
        masses: (N,) in amu.
    """
    # ASE takes a third of a second to import, which other commands should not wait for.
    from ase.data import chemical_symbols

    pairs, of_atoms = np.unique(np.stack([species, masses], 1), axis=0, return_inverse=True)
    return Kinds(
        of_atoms.reshape(-1).astype(np.int64),
        tuple(chemical_symbols[int(number)] for number in pairs[:, 0]),
        tuple(float(mass) for mass in pairs[:, 1]),
    )
