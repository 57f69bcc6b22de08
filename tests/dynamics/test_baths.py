"""The baths alone: exact transition laws, stationarity, momentum."""

import numpy as np
import pytest

from longstride.analysis.statistics import mean_with_error
from longstride.dynamics import CSVRBath, LangevinBath, draw_velocities
from longstride.errors import ConfigError, LongstrideError, RolloutError
from longstride.state import State
from longstride.testsystems import fcc_lattice
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

TEMPERATURE = 600.0


def alloy(repeat: int = 1) -> State:
    """A crystal of two masses, so that the centre of mass is not the mean of the velocities."""
    state = fcc_lattice(4.05, repeat)
    masses = np.where(np.arange(state.n_atoms) % 2, 27.0, 58.7)
    return state.with_(masses=masses)


def canonical_covariance(state: State, temperature: float) -> np.ndarray:
    """(N, N) covariance of one velocity component: kT (δ_ij/m_i − 1/M)."""
    inverse = np.diag(1.0 / state.masses) - 1.0 / state.masses.sum()
    return BOLTZMANN * temperature / MASS_VELOCITY_SQUARED * inverse


def z_of_covariance(samples: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """z-scores of the covariance of samples (n, N) drawn independently from a Gaussian."""
    variances = np.diag(expected)
    errors = np.sqrt((expected**2 + np.outer(variances, variances)) / len(samples))
    return (samples.T @ samples / len(samples) - expected) / errors


def test_drawn_velocities_are_canonical_without_total_momentum():
    state, rng = alloy(), np.random.default_rng(1)
    drawn = [draw_velocities(state, TEMPERATURE, rng) for _ in range(5000)]
    momenta = np.array([one.momenta.sum(0) for one in drawn])
    np.testing.assert_allclose(momenta, 0.0, atol=1e-14)
    components = np.concatenate([one.velocities.T for one in drawn])
    z = z_of_covariance(components, canonical_covariance(state, TEMPERATURE))
    assert np.abs(z).max() < 4.0
    temperatures = np.array([one.temperature for one in drawn])
    error = TEMPERATURE * np.sqrt(2 / (3 * state.n_atoms - 3) / len(drawn))
    assert abs(temperatures.mean() - TEMPERATURE) < 4 * error


def test_the_langevin_bath_has_the_exact_transition_law():
    rng = np.random.default_rng(2)
    start = draw_velocities(alloy(), 2000.0, rng)
    bath = LangevinBath(TEMPERATURE, friction_time=100.0)
    kept = np.exp(-0.7)
    ends = np.array([bath.apply(start, 70.0, rng).velocities for _ in range(5000)])
    noise = (ends - kept * start.velocities).transpose(0, 2, 1).reshape(-1, start.n_atoms)
    expected = (1 - kept**2) * canonical_covariance(start, TEMPERATURE)
    assert np.abs(z_of_covariance(noise, expected)).max() < 4.0
    z_mean = noise.mean(0) / np.sqrt(np.diag(expected) / len(noise))
    assert np.abs(z_mean).max() < 4.0


def test_the_langevin_bath_gives_no_momentum_and_takes_what_there_is():
    rng = np.random.default_rng(3)
    bath = LangevinBath(TEMPERATURE, friction_time=100.0)
    state = draw_velocities(alloy(), TEMPERATURE, rng)
    moving = state.with_(velocities=state.velocities + np.array([0.01, 0.0, 0.0]))
    after = bath.apply(moving, 50.0, rng)
    np.testing.assert_allclose(
        after.momenta.sum(0), np.exp(-0.5) * moving.momenta.sum(0), atol=1e-13
    )
    for _ in range(1000):
        state = bath.apply(state, 30.0, rng)
    np.testing.assert_allclose(state.momenta.sum(0), 0.0, atol=1e-13)


def test_the_csvr_bath_has_the_exact_transition_law_of_the_kinetic_energy():
    rng = np.random.default_rng(4)
    start = draw_velocities(alloy(), 1500.0, rng)
    bath = CSVRBath(TEMPERATURE, relaxation_time=100.0)
    ends = np.array([bath.apply(start, 40.0, rng).kinetic_energy for _ in range(20000)])
    # K' is b times a non-central χ² of N_f degrees with non-centrality c K / b.
    degrees = 3 * start.n_atoms - 3
    c = np.exp(-0.4)
    b = (1 - c) * 0.5 * BOLTZMANN * TEMPERATURE
    mean = c * start.kinetic_energy + b * degrees
    variance = 2 * b**2 * degrees + 4 * b * c * start.kinetic_energy
    assert abs(ends.mean() - mean) < 4 * np.sqrt(variance / len(ends))
    fourth = np.mean((ends - ends.mean()) ** 4)
    assert abs(ends.var() - variance) < 4 * np.sqrt((fourth - variance**2) / len(ends))


@pytest.mark.parametrize("duration", [5.0, 100.0])
def test_the_csvr_bath_keeps_the_canonical_kinetic_energy(duration: float):
    rng = np.random.default_rng(5)
    state = draw_velocities(alloy(), TEMPERATURE, rng)
    bath = CSVRBath(TEMPERATURE, relaxation_time=50.0)
    energies = []
    for _ in range(20000):
        state = bath.apply(state, duration, rng)
        energies.append(state.kinetic_energy)
    degrees = 3 * state.n_atoms - 3
    thermal = BOLTZMANN * TEMPERATURE
    series = np.array(energies)
    mean = mean_with_error(series)
    assert abs(mean.value - degrees * thermal / 2) < 4 * mean.error
    spread = mean_with_error((series - degrees * thermal / 2) ** 2)
    assert abs(spread.value - degrees * thermal**2 / 2) < 4 * spread.error
    np.testing.assert_allclose(state.momenta.sum(0), 0.0, atol=1e-12)


def test_csvr_turns_velocities_around_when_the_formula_says_so():
    rng = np.random.default_rng(6)
    start = draw_velocities(alloy().with_(), TEMPERATURE, rng)
    bath = CSVRBath(TEMPERATURE, relaxation_time=1.0)
    # After many relaxation times nothing is left of the direction: one in two is turned.
    turned = [
        np.sum(bath.apply(start, 100.0, rng).velocities * start.velocities) < 0 for _ in range(1000)
    ]
    assert abs(np.mean(turned) - 0.5) < 4 * 0.5 / np.sqrt(1000)


def test_bad_baths_are_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ConfigError, match="friction_time must be positive, not 0"):
        LangevinBath(300.0, 0.0)
    with pytest.raises(ConfigError, match="temperature must be positive, not nan"):
        CSVRBath(float("nan"), 100.0)
    with pytest.raises(RolloutError, match="at rest"):
        CSVRBath(300.0, 100.0).apply(alloy(), 10.0, rng)
    with pytest.raises(LongstrideError, match="positive temperature"):
        draw_velocities(alloy(), -5.0, rng)
