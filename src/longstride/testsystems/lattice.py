"""The perfect lattices the test systems start from."""

import numpy as np

from longstride.state import State


def fcc_lattice(
    lattice_constant: float, repeat: int, *, species: int = 13, mass: float = 26.9815385
) -> State:
    """A cubic periodic fcc crystal of ``4 * repeat**3`` atoms at rest.

    Args:
        lattice_constant: edge of the cubic unit cell in Å.
        repeat: unit cells along each edge.
        species: atomic number of every atom.
        mass: mass of every atom in amu.
    """
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    corners = np.stack(np.meshgrid(*[np.arange(repeat)] * 3, indexing="ij"), axis=-1)
    positions = lattice_constant * (corners.reshape(-1, 1, 3) + basis).reshape(-1, 3)
    n_atoms = len(positions)
    return State(
        positions=positions,
        velocities=np.zeros((n_atoms, 3)),
        masses=np.full(n_atoms, mass),
        species=np.full(n_atoms, species, dtype=np.int64),
        cell=lattice_constant * repeat * np.eye(3),
        pbc=np.ones(3, dtype=bool),
    )
