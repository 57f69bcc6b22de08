"""The harmonic crystal against mechanics (Verlet, reversibility) and its own statistics."""

import numpy as np
import pytest

from longstride.errors import ConfigError
from longstride.state import State
from longstride.testsystems import HarmonicCrystal
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

TEMPERATURE = 400.0


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def energy(crystal: HarmonicCrystal, state: State) -> float:
    return state.kinetic_energy + crystal.potential_energy(state)


def test_verlet_converges_to_the_exact_map_with_second_order(crystal: HarmonicCrystal):
    start = crystal.sample(TEMPERATURE, rng())
    exact = crystal.propagator(60.0).step(start, rng())
    errors = []
    for steps in (30, 60, 120):
        approximate = crystal.verlet(60.0 / steps, steps).step(start, rng())
        errors.append(np.abs(approximate.positions - exact.positions).max())
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders, 2.0, atol=0.1)


@pytest.mark.parametrize("stride", [1.0, 60.0, 1e4])
def test_the_exact_map_conserves_energy_and_momentum_and_runs_backwards(
    crystal: HarmonicCrystal, stride: float
):
    start = crystal.sample(TEMPERATURE, rng())
    start = start.with_(velocities=start.velocities + np.array([1e-3, 2e-3, -3e-3]))
    end = crystal.propagator(stride).step(start, rng())
    assert energy(crystal, end) == pytest.approx(energy(crystal, start), rel=1e-9)
    np.testing.assert_allclose(end.momenta.sum(0), start.momenta.sum(0), atol=1e-10)
    turned = crystal.propagator(stride).step(end.with_(velocities=-end.velocities), rng())
    np.testing.assert_allclose(turned.positions, start.positions, atol=1e-8)
    np.testing.assert_allclose(turned.velocities, -start.velocities, atol=1e-9)


def test_stages_lie_on_the_way_and_end_at_the_step(crystal: HarmonicCrystal):
    start = crystal.sample(TEMPERATURE, rng())
    map_60 = crystal.propagator(60.0, n_stages=3)
    stages = map_60.stages(start, rng())
    assert [state.time for state in stages] == list(map_60.stage_times) == [20.0, 40.0, 60.0]
    np.testing.assert_array_equal(stages[-1].positions, map_60.step(start, rng()).positions)
    step = start
    for stage in stages:
        step = crystal.propagator(20.0).step(step, rng())
        np.testing.assert_allclose(stage.positions, step.positions, atol=1e-10)


def test_samples_have_the_canonical_covariance(crystal: HarmonicCrystal):
    generator = rng(3)
    count = 4000
    drawn = [crystal.sample(TEMPERATURE, generator) for _ in range(count)]
    u = np.array([(state.positions - crystal.lattice.positions).ravel() for state in drawn])
    expected = crystal.position_covariance(TEMPERATURE)
    variances = np.diag(expected)
    # The error of a Gaussian covariance estimate: sqrt((c_ij² + c_ii c_jj) / n).
    errors = np.sqrt((expected**2 + np.outer(variances, variances)) / count)
    z = (u.T @ u / count - expected) / errors
    assert np.abs(z).max() < 5.5
    assert np.sqrt(np.mean(z**2)) == pytest.approx(1.0, abs=0.1)
    assert crystal.mean_square_amplitude(TEMPERATURE) == pytest.approx(
        3 * variances.mean(), rel=1e-12
    )


def test_mode_energies_add_up(crystal: HarmonicCrystal):
    state = crystal.sample(TEMPERATURE, rng(1))
    potential, kinetic = crystal.mode_energies(state)
    assert potential.sum() == pytest.approx(crystal.potential_energy(state), rel=1e-10)
    assert kinetic.sum() == pytest.approx(state.kinetic_energy, rel=1e-10)


def test_velocity_autocorrelation_is_that_of_the_exact_dynamics(crystal: HarmonicCrystal):
    lags = np.array([0.0, 20.0, 45.0, 110.0])
    generator = rng(5)
    total = MASS_VELOCITY_SQUARED * crystal.lattice.masses.sum()
    products = []
    for _ in range(2000):
        start = crystal.sample(TEMPERATURE, generator)
        later = [crystal.evolve(start, lag) for lag in lags]
        products.append(
            [
                MASS_VELOCITY_SQUARED * np.sum(start.momenta * state.velocities) / total
                for state in later
            ]
        )
    table = np.array(products)
    expected = crystal.velocity_autocorrelation(TEMPERATURE, lags)
    degrees = 3 * crystal.lattice.n_atoms - 3
    assert expected[0] == pytest.approx(degrees * BOLTZMANN * TEMPERATURE / total, rel=1e-12)
    z = (table.mean(0) - expected) / (table.std(0) / np.sqrt(len(table)))
    assert np.abs(z).max() < 4.0


def test_an_unstable_crystal_is_refused(crystal: HarmonicCrystal):
    with pytest.raises(ConfigError, match="stable"):
        HarmonicCrystal(crystal.lattice, -crystal.force_constants)
    with pytest.raises(ConfigError, match="repeat"):
        HarmonicCrystal.fcc(repeat=1)
