"""Inside ASE the atoms go where a rollout takes them, under ASE's rules of units and time."""

from collections.abc import Callable

import ase
import numpy as np
import pytest
from ase import units
from ase.build import bulk
from ase.calculators.calculator import Calculator

from longstride.dynamics import Ensemble, csvr, draw_velocities, langevin, nve, rollout
from longstride.engines.ase import LongStride
from longstride.errors import ConfigError, RegimeLeftError
from longstride.kernels import load_propagator
from longstride.propagator import Propagator
from longstride.state import State
from longstride.trajectory import state_of_atoms
from longstride.units import ASE_TIME
from longstride.zoo import resolve, shipped

ENSEMBLES: dict[str, Callable[[Propagator], Ensemble]] = {
    "nve": nve,
    "langevin": lambda map_: langevin(map_, 300.0, 500.0),
    "csvr": lambda map_: csvr(map_, 300.0, 500.0),
}


def thermostat(ensemble: str) -> dict[str, float]:
    return {} if ensemble == "nve" else {"temperature_K": 300.0, "friction_time_fs": 500.0}


def end_of_rollout(ensemble: Ensemble, start: State, seed: int, n_strides: int) -> State:
    return list(rollout(ensemble, start, np.random.default_rng(seed), n_strides))[-1].end


def assert_holds(atoms: ase.Atoms, state: State) -> None:
    """Bit for bit."""
    np.testing.assert_array_equal(atoms.positions, state.positions)
    np.testing.assert_array_equal(
        atoms.get_momenta(), state.masses[:, None] * (state.velocities * ASE_TIME)
    )


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_the_dynamics_is_that_of_a_rollout(harmonic, atoms: ase.Atoms, ensemble: str):
    start = state_of_atoms(atoms)
    LongStride(atoms, harmonic, ensemble, seed=7, **thermostat(ensemble)).run(6)
    assert_holds(atoms, end_of_rollout(ENSEMBLES[ensemble](harmonic), start, 7, 6))


@pytest.mark.skipif("al" not in shipped(), reason="needs the model that ships")
def test_a_shipped_model_by_its_name():
    atoms = bulk("Al", a=4.08, cubic=True) * 3
    propagator = load_propagator(resolve("al"))
    drawn = draw_velocities(state_of_atoms(atoms), 600.0, np.random.default_rng(1))
    atoms.set_velocities(drawn.velocities * ASE_TIME)
    start = state_of_atoms(atoms)
    dynamics = LongStride(atoms, "al")
    dynamics.run(2)
    assert dynamics.get_time() == pytest.approx(120 * units.fs, rel=1e-7)
    assert_holds(atoms, end_of_rollout(nve(propagator), start, 0, 2))


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_two_runs_continue_each_other(harmonic, atoms: ase.Atoms, ensemble: str):
    once, twice = atoms.copy(), atoms.copy()
    LongStride(once, harmonic, ensemble, **thermostat(ensemble)).run(10)
    dynamics = LongStride(twice, harmonic, ensemble, **thermostat(ensemble))
    dynamics.run(5)
    dynamics.run(5)
    np.testing.assert_array_equal(once.positions, twice.positions)
    np.testing.assert_array_equal(once.get_momenta(), twice.get_momenta())


def test_a_new_dynamics_goes_on_from_the_atoms(harmonic, atoms: ase.Atoms):
    once = atoms.copy()
    LongStride(once, harmonic).run(10)
    LongStride(atoms, harmonic).run(5)
    LongStride(atoms, harmonic).run(5)
    np.testing.assert_allclose(once.positions, atoms.positions, atol=1e-11)


def test_time_and_steps(harmonic, atoms: ase.Atoms):
    dynamics = LongStride(atoms, harmonic)
    assert dynamics.dt == pytest.approx(40.0 * units.fs, rel=1e-7)
    assert dynamics.run(3) is True
    assert dynamics.run(0) is True
    assert dynamics.run(2) is True
    assert dynamics.get_number_of_steps() == 5
    assert dynamics.get_time() == pytest.approx(200.0 * units.fs, rel=1e-7)


def test_irun_yields_before_the_first_stride_and_after_each(harmonic, atoms: ase.Atoms):
    dynamics = LongStride(atoms, harmonic)
    assert list(dynamics.irun(3)) == [False, False, False, True]
    assert list(dynamics.irun(1)) == [False, True]


def test_observers_are_called_at_their_interval(harmonic, atoms: ase.Atoms):
    dynamics = LongStride(atoms, harmonic)
    seen: list[tuple[str, int]] = []
    dynamics.attach(lambda name: seen.append((name, dynamics.nsteps)), interval=2, name="a")
    dynamics.insert_observer(lambda: seen.append(("b", dynamics.nsteps)), interval=-3)
    dynamics.run(2)
    dynamics.run(2)
    assert seen == [("a", 0), ("a", 2), ("b", 3), ("a", 4)]


def test_kinetic_energy_is_the_same_both_ways(harmonic, atoms: ase.Atoms):
    LongStride(atoms, harmonic).run(2)
    state = state_of_atoms(atoms)
    assert atoms.get_kinetic_energy() == pytest.approx(state.kinetic_energy, rel=1e-12)
    # ASE's constants are those of CODATA 2014, and it counts the centre of mass.
    expected = state.temperature * (len(atoms) - 1) / len(atoms)
    assert atoms.get_temperature() == pytest.approx(expected, rel=1e-6)


def test_no_calculator_is_asked_for_anything(harmonic, atoms: ase.Atoms, tmp_path):
    class Never(Calculator):
        implemented_properties = ["energy", "forces", "stress"]  # noqa: RUF012

        def calculate(self, *args: object) -> None:
            raise AssertionError("evaluated")

    atoms.calc = Never()
    LongStride(atoms, harmonic, trajectory=str(tmp_path / "a.traj")).run(2)


@pytest.mark.parametrize("ensemble", ENSEMBLES)
def test_the_total_momentum_is_kept(harmonic, atoms: ase.Atoms, ensemble: str):
    drift = np.array([0.02, 0.0, -0.01])
    still = atoms.copy()
    atoms.set_velocities(atoms.get_velocities() + drift)
    momentum = atoms.get_momenta().sum(axis=0)
    LongStride(atoms, harmonic, ensemble, **thermostat(ensemble)).run(5)
    np.testing.assert_allclose(atoms.get_momenta().sum(axis=0), momentum, rtol=1e-12, atol=1e-12)
    # Nor does the drift disturb what moves in it.
    dynamics = LongStride(still, harmonic, ensemble, **thermostat(ensemble))
    dynamics.run(5)
    moved = still.positions + drift * dynamics.get_time()
    np.testing.assert_allclose(atoms.positions, moved, atol=1e-10)


def test_what_the_user_does_to_the_atoms_counts(harmonic, crystal, atoms: ase.Atoms):
    dynamics = LongStride(atoms, harmonic)
    dynamics.run(2)
    atoms.positions[0] += 0.05
    atoms.set_velocities(0.8 * atoms.get_velocities())
    expected = crystal.evolve(state_of_atoms(atoms), 40.0)
    dynamics.run(1)
    np.testing.assert_allclose(atoms.positions, expected.positions, atol=1e-12)
    np.testing.assert_allclose(atoms.get_velocities() / ASE_TIME, expected.velocities, atol=1e-14)


def test_a_new_cell_and_wrapped_positions_count(argon, argon_atoms: ase.Atoms):
    dynamics = LongStride(argon_atoms, argon)
    dynamics.run(1)
    argon_atoms.set_cell(1.01 * argon_atoms.cell, scale_atoms=True)
    argon_atoms.positions += 0.6 * argon_atoms.cell[0]
    argon_atoms.wrap()
    expected = argon.step(state_of_atoms(argon_atoms), np.random.default_rng(0))
    before = argon_atoms.positions.copy()
    dynamics.run(1)
    np.testing.assert_array_equal(argon_atoms.positions, expected.positions)
    # Positions are not wrapped again.
    assert np.abs(argon_atoms.positions - before).max() < 0.5


def test_wrapping_changes_nothing_else(argon, argon_atoms: ase.Atoms):
    other = argon_atoms.copy()
    LongStride(argon_atoms, argon).run(4)
    dynamics = LongStride(other, argon)
    dynamics.attach(other.wrap)
    dynamics.run(4)
    argon_atoms.wrap()
    np.testing.assert_allclose(other.positions, argon_atoms.positions, atol=1e-10)


def test_atoms_may_become_others_between_runs(argon, argon_atoms: ase.Atoms):
    dynamics = LongStride(argon_atoms, argon)
    dynamics.run(1)
    del argon_atoms[0]
    dynamics.run(1)
    assert len(argon_atoms) == 107
    assert dynamics.get_number_of_steps() == 2


def test_a_thermostat_can_be_set_to_another_temperature(harmonic, atoms: ase.Atoms):
    dynamics = LongStride(atoms, harmonic, "langevin", temperature_K=300.0, friction_time_fs=1.0)
    dynamics.set_temperature(temperature_K=900.0)
    temperatures: list[float] = []
    dynamics.attach(lambda: temperatures.append(atoms.get_temperature()))
    dynamics.run(200)
    degrees = 3 * len(atoms) - 3
    # Velocities are drawn anew every stride: independent samples of a gamma distribution.
    mean = np.mean(temperatures[1:]) * 3 * len(atoms) / degrees
    assert abs(mean - 900.0) < 4 * 900.0 * np.sqrt(2 / degrees / 200)
    assert dynamics.todict()["temperature_K"] == 900.0


def test_the_stride_is_not_a_setting(harmonic, atoms: ase.Atoms):
    dynamics = LongStride(atoms, harmonic)
    dynamics.dt = 1.0 * units.fs
    with pytest.raises(ConfigError, match="the stride is the model's, 40 fs"):
        dynamics.run(1)


@pytest.fixture
def pushed() -> ase.Atoms:
    """Warm aluminium with two atoms pushed to 1.9 Å: no overlap, and unlike any data."""
    atoms = bulk("Al", a=4.08, cubic=True) * 3
    drawn = draw_velocities(state_of_atoms(atoms), 400.0, np.random.default_rng(1))
    atoms.set_velocities(drawn.velocities * ASE_TIME)
    atoms.set_distance(0, 1, 1.9, fix=0)
    return atoms


def test_the_guard_ends_a_run_where_atoms_leave_the_regime(pushed: ase.Atoms):
    dynamics = LongStride(pushed, "al")
    with pytest.raises(RegimeLeftError, match="outside the model's regime at t = 0 fs: atom"):
        dynamics.run(3)
    assert dynamics.get_number_of_steps() == 0
    assert dynamics.watch is not None
    assert dynamics.watch.findings.looks_outside == 1


def test_the_guard_warns_where_that_is_asked_for_or_goes_with_force(pushed: ase.Atoms):
    for asked in ({"on_leave": "warn"}, {"force": True}):
        dynamics = LongStride(pushed.copy(), "al", guard_every=2, **asked)
        with pytest.warns(UserWarning, match="outside the model's regime at t = 0 fs"):
            dynamics.run(3)
        assert dynamics.get_number_of_steps() == 3
        assert dynamics.watch is not None
        assert dynamics.watch.findings.looks == 2
    quiet = LongStride(pushed.copy(), "al", guard_every=0)
    quiet.run(2)
    assert quiet.watch is None


def test_a_wrong_choice_of_the_guard_is_refused(atoms: ase.Atoms, harmonic):
    with pytest.raises(
        ConfigError, match=r"on_leave 'reference': not known; use one of stop, warn"
    ):
        LongStride(atoms, harmonic, on_leave="reference")
    with pytest.raises(ConfigError, match="guard_every: -1 is no number of strides"):
        LongStride(atoms, harmonic, guard_every=-1)
