"""What a model does not hold for is refused in one line, or run with a warning."""

import ase
import numpy as np
import pytest
from ase.constraints import FixAtoms, FixBondLengths, FixCom, FixSubsetCom
from ase.filters import FrechetCellFilter

from longstride.engines.ase import LongStride
from longstride.errors import ConfigError, RegimeError, RolloutError
from longstride.state import State
from longstride.trajectory import state_of_atoms

from .conftest import Aluminium


@pytest.mark.parametrize(
    "constraint", [FixAtoms([0]), FixSubsetCom([0, 1]), FixBondLengths([[0, 1]])]
)
def test_constraints_are_refused_by_name(harmonic, atoms: ase.Atoms, constraint):
    atoms.set_constraint(constraint)
    with pytest.raises(ConfigError, match=f"constraint {type(constraint).__name__} cannot be held"):
        LongStride(atoms, harmonic)


def test_a_constraint_that_comes_later_is_refused_too(harmonic, atoms: ase.Atoms):
    dynamics = LongStride(atoms, harmonic)
    dynamics.run(1)
    atoms.set_constraint([FixCom(), FixAtoms([0])])
    with pytest.raises(ConfigError, match="FixAtoms"):
        dynamics.run(1)


@pytest.mark.parametrize("ensemble", ["nve", "langevin"])
def test_a_fixed_centre_of_mass_stays_where_it_is(harmonic, atoms: ase.Atoms, ensemble: str):
    atoms.set_velocities(atoms.get_velocities() + [0.02, 0.0, 0.0])
    atoms.set_constraint(FixCom())
    centre = atoms.get_center_of_mass()
    LongStride(
        atoms, harmonic, ensemble, **({} if ensemble == "nve" else {"temperature_K": 300})
    ).run(5)
    np.testing.assert_allclose(atoms.get_center_of_mass(), centre, atol=1e-12)
    np.testing.assert_allclose(atoms.get_momenta().sum(axis=0), 0.0, atol=1e-12)
    # ASE then counts degrees of freedom as we do.
    assert atoms.get_temperature() == pytest.approx(state_of_atoms(atoms).temperature, rel=1e-6)


def test_each_reason_is_named(harmonic, atoms: ase.Atoms):
    nickel, heavy, thin, slab, hot = (atoms.copy() for _ in range(5))
    nickel.numbers[0] = 28
    heavy.set_masses([30.0] * len(heavy))
    thin.set_cell(1.1 * thin.cell, scale_atoms=True)
    slab.pbc = (True, True, False)
    hot.set_momenta(3 * hot.get_momenta())
    cases = {
        "atomic number 28": nickel,
        "mass 30 amu of atomic number 13": heavy,
        "density 0.0": thin,
        "not periodic": slab,
        "temperature 2": hot,
    }
    for reason, case in cases.items():
        with pytest.raises(RegimeError, match=reason):
            LongStride(case, harmonic)
    with pytest.raises(RegimeError, match="force=True runs it all the same"):
        LongStride(hot, harmonic)


def test_the_temperature_of_a_thermostat_is_what_counts(harmonic, atoms: ase.Atoms):
    atoms.set_momenta(0 * atoms.get_momenta())
    LongStride(atoms, harmonic, "langevin", temperature_K=300.0).run(1)
    with pytest.raises(RegimeError, match="temperature 2000 K"):
        LongStride(atoms, harmonic, "langevin", temperature_K=2000.0)
    dynamics = LongStride(atoms, harmonic, "langevin", temperature_K=300.0)
    with pytest.raises(RegimeError, match="temperature 2000 K"):
        dynamics.set_temperature(2000.0)


def test_force_warns_once_and_runs(harmonic, atoms: ase.Atoms):
    atoms.set_momenta(3 * atoms.get_momenta())
    with pytest.warns(UserWarning, match="outside the model's regime: temperature 2") as record:
        LongStride(atoms, harmonic, force=True).run(2)
    assert len(record) == 1


def test_no_force_helps_against_unknown_species(harmonic, atoms: ase.Atoms):
    atoms.numbers[0] = 28
    with pytest.raises(RegimeError, match="atomic number 28"):
        LongStride(atoms, harmonic, force=True)


def test_drift_is_no_temperature(harmonic, atoms: ase.Atoms):
    atoms.set_velocities(atoms.get_velocities() + [0.5, 0.0, 0.0])
    LongStride(atoms, harmonic).run(1)


def test_velocities_may_be_drawn_after_the_dynamics_is_made(harmonic, atoms: ase.Atoms):
    momenta = atoms.get_momenta()
    atoms.set_momenta(0 * momenta)
    dynamics = LongStride(atoms, harmonic)
    with pytest.raises(RegimeError, match="temperature 0 K"):
        dynamics.run(1)
    atoms.set_momenta(momenta)
    dynamics.run(1)


def test_a_run_in_nve_may_cool_by_itself(make_harmonic, atoms: ase.Atoms):
    # From a lattice at rest half of the kinetic energy becomes potential.
    dynamics = LongStride(atoms, make_harmonic(Aluminium(temperature=(200.0, 900.0))))
    dynamics.run(1)
    atoms.set_momenta(0.5 * atoms.get_momenta())
    with pytest.raises(RegimeError, match="temperature"):
        dynamics.run(1)
    atoms.set_momenta(2 * atoms.get_momenta())
    dynamics.run(1)
    atoms.positions += 0.0
    atoms.positions[0] += 0.01
    dynamics.run(1)


def test_the_model_gives_its_masses_where_they_agree(make_harmonic, atoms: ase.Atoms):
    velocities = atoms.get_velocities()
    LongStride(atoms, make_harmonic(Aluminium(masses=(26.99,))))
    np.testing.assert_array_equal(atoms.get_masses(), 26.99)
    np.testing.assert_allclose(atoms.get_velocities(), velocities, rtol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ensemble": "npt"}, "ensemble 'npt': not known; use one of nve, langevin, csvr"),
        ({"ensemble": "langevin"}, "'langevin' needs temperature_K"),
        ({"temperature_K": 300.0}, "nve has no thermostat"),
        ({"ensemble": "csvr", "temperature_K": -1.0}, "temperature must be positive"),
        ({"model": 3}, "a int is no model"),
        ({"model": "none-such"}, "no model 'none-such'"),
    ],
)
def test_wrong_arguments(harmonic, atoms: ase.Atoms, arguments, message: str):
    with pytest.raises(ConfigError, match=message):
        LongStride(atoms, **{"model": harmonic, **arguments})


def test_faulty_atoms(harmonic, atoms: ase.Atoms):
    with pytest.raises(ConfigError, match="a FrechetCellFilter is no Atoms object"):
        LongStride(FrechetCellFilter(atoms), harmonic)
    with pytest.raises(ConfigError, match="atoms: has no atoms"):
        LongStride(ase.Atoms(), harmonic)
    dynamics = LongStride(atoms, harmonic)
    atoms.positions[3, 1] = np.nan
    with pytest.raises(ConfigError, match="atoms: positions not finite"):
        dynamics.run(1)


def test_overlapping_atoms(harmonic, atoms: ase.Atoms):
    atoms.positions[0] = atoms.positions[1] + 0.3
    with pytest.raises(RolloutError, match="atoms 0 and 1 overlap"):
        LongStride(atoms, harmonic)


class Broken:
    """A map that loses an atom."""

    stride = 40.0

    def step(self, state: State, rng: np.random.Generator) -> State:
        velocities = state.velocities.copy()
        velocities[4] = np.nan
        return state.with_(velocities=velocities)


def test_a_stride_that_breaks_down_leaves_the_atoms_as_they_were(atoms: ase.Atoms):
    before = atoms.copy()
    dynamics = LongStride(atoms, Broken())
    with pytest.raises(RolloutError, match=r"non-finite state at t = 40 fs: .* atom 4"):
        dynamics.run(1)
    np.testing.assert_array_equal(atoms.get_momenta(), before.get_momenta())
    assert dynamics.get_number_of_steps() == 0
