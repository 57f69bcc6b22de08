"""Lennard-Jones: energies against the lattice sum, forces against the energy, an invisible list."""

import numpy as np
import pytest

from longstride.errors import ConfigError
from longstride.state import State
from longstride.testsystems import LennardJones


def warm(potential: LennardJones, seed: int = 0, spread: float = 0.15) -> State:
    rng = np.random.default_rng(seed)
    state = potential.crystal(repeat=3)
    velocities = rng.normal(0.0, 2e-3, (state.n_atoms, 3))
    return state.with_(
        positions=state.positions + rng.normal(0.0, spread, (state.n_atoms, 3)),
        velocities=velocities - velocities.mean(0),
    )


@pytest.mark.parametrize("lattice_constant", [5.2, 5.4, 6.0])
def test_the_perfect_crystal_has_the_energy_of_its_shells(lattice_constant: float):
    potential = LennardJones()
    crystal = potential.crystal(3, lattice_constant)
    per_atom = potential.potential_energy(crystal) / crystal.n_atoms
    assert per_atom == pytest.approx(potential.lattice_energy(lattice_constant), rel=1e-12)
    np.testing.assert_allclose(potential.forces(crystal), 0.0, atol=1e-13)


def test_forces_are_the_slope_of_the_energy():
    potential = LennardJones()
    state = warm(potential)
    forces = potential.forces(state)
    h = 1e-5
    for atom, axis in ((0, 0), (17, 1), (107, 2)):
        energies = []
        for sign in (1, -1):
            positions = state.positions.copy()
            positions[atom, axis] += sign * h
            energies.append(potential.potential_energy(state.with_(positions=positions)))
        slope = (energies[0] - energies[1]) / (2 * h)
        assert forces[atom, axis] == pytest.approx(-slope, abs=1e-8)
    np.testing.assert_allclose(forces.sum(0), 0.0, atol=1e-12)


def test_the_list_never_changes_a_bit():
    rng = np.random.default_rng(0)
    kept = LennardJones(skin=0.7)
    state = warm(kept)
    one, other = state, state
    for _ in range(20):
        one = kept.verlet(steps=10).step(one, rng)
        # A new potential every stride has no list to remember.
        fresh = LennardJones(skin=0.3)
        other = fresh.verlet(steps=10).step(other, rng)
    np.testing.assert_array_equal(one.positions, other.positions)
    np.testing.assert_array_equal(one.velocities, other.velocities)


def test_the_energy_error_of_verlet_falls_with_the_square_of_the_time_step():
    potential = LennardJones()
    state = warm(potential)
    start = state.kinetic_energy + potential.potential_energy(state)
    worst = []
    for time_step in (8.0, 4.0, 2.0):
        steps = potential.verlet(time_step, steps=1)
        now, errors = state, []
        for _ in range(int(400 / time_step)):
            now = steps.step(now, np.random.default_rng())
            errors.append(now.kinetic_energy + potential.potential_energy(now) - start)
        worst.append(np.abs(errors).max())
    np.testing.assert_allclose(np.log2(np.divide(worst[:-1], worst[1:])), 2.0, atol=0.25)


def test_cells_it_cannot_do_are_refused():
    potential = LennardJones()
    with pytest.raises(ConfigError, match=r"smallest height is 10\.80"):
        potential.forces(potential.crystal(2))
    slab = potential.crystal(3).with_(pbc=np.array([True, True, False]))
    with pytest.raises(ConfigError, match="must be periodic"):
        potential.forces(slab)
    with pytest.raises(ConfigError, match="divide"):
        potential.verlet(steps=5, n_stages=2)
