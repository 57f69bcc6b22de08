"""Copies of a cell: the same crystal, larger."""

import numpy as np
import pytest

from longstride.dynamics import closest_pair, repeated
from longstride.errors import ConfigError
from longstride.testsystems import LennardJones, fcc_lattice


def test_copies_have_the_energy_of_the_crystal():
    potential = LennardJones()
    cell = potential.crystal(1)
    whole = repeated(cell.with_(velocities=np.ones((4, 3))), (3, 4, 3))
    per_atom = potential.potential_energy(whole) / whole.n_atoms
    assert whole.n_atoms == 4 * 36
    assert per_atom == pytest.approx(potential.lattice_energy(5.4), rel=1e-12)
    assert whole.kinetic_energy == 0.0


def test_a_primitive_cell_repeats_along_its_own_vectors():
    primitive = fcc_lattice(4.05, 1)
    primitive = primitive.with_(
        positions=np.zeros((1, 3)),
        velocities=np.zeros((1, 3)),
        masses=primitive.masses[:1],
        species=primitive.species[:1],
        cell=2.025 * (1.0 - np.eye(3)),
    )
    crystal = repeated(primitive, (3, 3, 3))
    found = closest_pair(crystal, 2.9)
    assert found is not None
    assert found[2] == pytest.approx(4.05 / np.sqrt(2), rel=1e-12)
    assert abs(np.linalg.det(crystal.cell)) == pytest.approx(27 * 4.05**3 / 4, rel=1e-12)


def test_open_directions_are_not_repeated():
    slab = fcc_lattice(4.05, 1).with_(pbc=np.array([True, True, False]))
    assert repeated(slab, (2, 2, 1)).n_atoms == 16
    with pytest.raises(ConfigError, match="axis 3"):
        repeated(slab, (1, 1, 2))
