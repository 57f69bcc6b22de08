"""A model that knows energies is a calculator; one that does not says so."""

import ase
import numpy as np
import pytest
from ase.calculators.calculator import PropertyNotImplementedError
from ase.calculators.fd import calculate_numerical_forces

from longstride.engines.ase import LongStrideCalculator
from longstride.errors import ConfigError, RegimeError
from longstride.propagator import Configuration
from longstride.state import State
from longstride.trajectory import state_of_atoms
from longstride.zoo import shipped


@pytest.fixture
def strained(argon_atoms: ase.Atoms) -> ase.Atoms:
    """Argon out of equilibrium, in an orthorhombic cell."""
    argon_atoms.rattle(0.1, seed=3)
    argon_atoms.set_cell(argon_atoms.cell * [[1.02], [0.99], [1.0]], scale_atoms=True)
    return argon_atoms


def test_the_energy_is_that_of_the_model(argon, strained: ase.Atoms):
    strained.calc = LongStrideCalculator(argon)
    expected = argon.configuration(state_of_atoms(strained)).energy
    assert strained.get_potential_energy() == expected
    assert strained.get_potential_energy(force_consistent=True) == expected
    strained.positions[0, 0] += 0.1
    assert strained.get_potential_energy() != expected


def test_the_stress_is_the_derivative_of_the_energy(argon, strained: ase.Atoms):
    strained.calc = LongStrideCalculator(argon)
    stress = strained.get_stress()
    assert stress.shape == (6,)
    # Shear would tilt the cell, which this potential does not take.
    numerical = np.array([_derivative(strained, axis) for axis in range(3)])
    np.testing.assert_allclose(stress[:3], numerical, rtol=1e-5, atol=1e-9)


def _derivative(atoms: ase.Atoms, axis: int, step: float = 1e-5) -> float:
    """Of the energy (eV) by a strain along an axis, over the volume."""
    energies = []
    for sign in (1, -1):
        other = atoms.copy()
        other.calc = atoms.calc
        scale = np.ones(3)
        scale[axis] += sign * step
        other.set_cell(atoms.cell * scale, scale_atoms=True)
        energies.append(other.get_potential_energy())
    return (energies[0] - energies[1]) / (2 * step) / atoms.get_volume()


def test_forces_where_the_model_has_them(argon, argon_with_forces, strained: ase.Atoms):
    strained.calc = LongStrideCalculator(argon)
    with pytest.raises(PropertyNotImplementedError):
        strained.get_forces()
    strained.calc = LongStrideCalculator(argon_with_forces)
    strained.get_potential_energy()
    forces = strained.get_forces()
    numerical = calculate_numerical_forces(strained, eps=1e-4, iatoms=[5])
    np.testing.assert_allclose(forces[5], numerical[0], rtol=1e-4, atol=1e-7)


def test_a_model_without_energies_is_refused(harmonic):
    with pytest.raises(ConfigError, match="of type WithRegime: knows no energies"):
        LongStrideCalculator(harmonic)


@pytest.mark.skipif("al" not in shipped(), reason="needs the model that ships")
def test_a_shipped_model_is_taken_by_its_name(atoms: ase.Atoms):
    try:
        calculator = LongStrideCalculator("al")
    except ConfigError as error:
        assert "model al: knows no energies" in str(error)  # noqa: PT017
    else:
        atoms.calc = calculator
        assert np.isfinite(atoms.get_potential_energy())


def test_it_holds_inside_the_regime_of_the_model(make_harmonic, atoms: ase.Atoms):
    class Known:
        regime = make_harmonic().regime

        def configuration(self, state: State) -> Configuration:
            return Configuration(-3.0, np.zeros((3, 3)))

    atoms.calc = LongStrideCalculator(Known())
    assert atoms.get_potential_energy() == -3.0
    atoms.set_cell(1.1 * atoms.cell, scale_atoms=True)
    with pytest.raises(RegimeError, match="density"):
        atoms.get_potential_energy()
    atoms.calc = LongStrideCalculator(Known(), force=True)
    with pytest.warns(UserWarning, match="density"):
        assert atoms.get_potential_energy() == -3.0
    atoms.pbc = False
    with (
        pytest.warns(UserWarning, match="not periodic"),
        pytest.raises(PropertyNotImplementedError),
    ):
        atoms.get_stress()
