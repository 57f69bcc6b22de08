"""Ensembles around exact maps: the canonical distribution has no stride error."""

import numpy as np
import pytest

from longstride.analysis.statistics import mean_with_error
from longstride.dynamics import Ensemble, csvr, draw_velocities, langevin, nve
from longstride.errors import ConfigError
from longstride.testsystems import HarmonicCrystal, LennardJones
from longstride.units import BOLTZMANN

TEMPERATURE = 500.0
THERMAL = BOLTZMANN * TEMPERATURE


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


def mode_series(
    crystal: HarmonicCrystal, ensemble: Ensemble, n_strides: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Potential and kinetic energies of the vibrations, (n, 3N − 3) each, and displacements."""
    rng = np.random.default_rng(seed)
    state = crystal.sample(TEMPERATURE, rng)
    potential, kinetic, positions = [], [], []
    for _ in range(n_strides):
        state = ensemble.step(state, rng)
        one, other = crystal.mode_energies(state)
        potential.append(one[3:])
        kinetic.append(other[3:])
        positions.append((state.positions - crystal.lattice.positions).ravel())
    np.testing.assert_allclose(state.momenta.sum(0), 0.0, atol=1e-11)
    return np.array(potential), np.array(kinetic), np.array(positions)


def z_score(series: np.ndarray, expected: float, n_blocks: int = 50) -> float:
    """How many errors the mean is off. Blocks, since oscillations mislead a sum of correlations."""
    blocks = series.reshape(n_blocks, -1).mean(axis=1)
    return float((blocks.mean() - expected) / (blocks.std(ddof=1) / np.sqrt(n_blocks)))


@pytest.mark.parametrize("stride", [15.0, 85.0, 270.0])
def test_langevin_around_the_exact_map_samples_the_analytic_covariance(
    crystal: HarmonicCrystal, stride: float
):
    ensemble = langevin(crystal.propagator(stride), TEMPERATURE, friction_time=3 * stride)
    potential, kinetic, positions = mode_series(crystal, ensemble, 4000, seed=7)
    for energies in (potential, kinetic):
        assert abs(z_score(energies.mean(axis=1), THERMAL / 2)) < 4.0
        z = np.array([z_score(column, THERMAL / 2) for column in energies.T])
        assert np.abs(z).max() < 4.5
        assert np.mean(z**2) == pytest.approx(1.0, abs=0.6)
    expected = crystal.position_covariance(TEMPERATURE)
    for i, j in ((0, 0), (0, 1), (4, 4), (0, 12), (50, 95)):
        assert abs(z_score(positions[:, i] * positions[:, j], expected[i, j])) < 4.0


def test_a_mode_with_whole_half_periods_in_the_stride_never_feels_the_bath(
    crystal: HarmonicCrystal,
):
    mode = 40
    stride = float(np.pi / crystal.frequencies[mode])
    ensemble = langevin(crystal.propagator(stride), TEMPERATURE, friction_time=3 * stride)
    rng = np.random.default_rng(11)
    state = crystal.sample(TEMPERATURE, rng)
    frozen = crystal.mode_energies(state)[0][mode]
    for _ in range(50):
        state = ensemble.step(state, rng)
    assert crystal.mode_energies(state)[0][mode] == pytest.approx(frozen, rel=1e-6)


def test_csvr_around_the_exact_map_has_the_canonical_kinetic_energy(crystal: HarmonicCrystal):
    ensemble = csvr(crystal.propagator(60.0), TEMPERATURE, relaxation_time=60.0)
    _, kinetic, _ = mode_series(crystal, ensemble, 6000, seed=8)
    energy = kinetic.sum(axis=1)
    degrees = kinetic.shape[1]
    mean = mean_with_error(energy)
    assert abs(mean.value - degrees * THERMAL / 2) < 4 * mean.error
    spread = mean_with_error((energy - degrees * THERMAL / 2) ** 2)
    assert abs(spread.value - degrees * THERMAL**2 / 2) < 4 * spread.error


def test_langevin_heats_a_perfect_lattice_to_its_temperature(crystal: HarmonicCrystal):
    rng = np.random.default_rng(9)
    start = draw_velocities(crystal.lattice, TEMPERATURE, rng)
    alone, heated = nve(crystal.propagator(60.0)), langevin(crystal.propagator(60.0), TEMPERATURE)
    late: dict[Ensemble, list[float]] = {alone: [], heated: []}
    for ensemble, temperatures in late.items():
        state = start
        for index in range(3000):
            state = ensemble.step(state, rng)
            if index > 200:
                temperatures.append(state.temperature)
    # Without a bath the kinetic energy of the start is shared with the springs for good.
    assert np.mean(late[alone]) == pytest.approx(start.temperature / 2, rel=0.02)
    estimate = mean_with_error(late[heated])
    assert abs(estimate.value - TEMPERATURE) < 4 * estimate.error


@pytest.mark.parametrize("kind", ["exact", "verlet", "lennard-jones"])
def test_nve_runs_backwards(crystal: HarmonicCrystal, kind: str):
    rng = np.random.default_rng(10)
    if kind == "lennard-jones":
        potential = LennardJones()
        propagator = potential.verlet(steps=5)
        start = draw_velocities(potential.crystal(3), 60.0, rng)
    else:
        propagator = crystal.propagator(60.0) if kind == "exact" else crystal.verlet(2.0, 30)
        start = crystal.sample(TEMPERATURE, rng)
    ensemble = nve(propagator)
    state = start
    for _ in range(10):
        state = ensemble.step(state, rng)
    state = state.with_(velocities=-state.velocities)
    for _ in range(10):
        state = ensemble.step(state, rng)
    np.testing.assert_allclose(state.positions, start.positions, atol=1e-9)
    np.testing.assert_allclose(state.velocities, -start.velocities, atol=1e-11)


def test_the_last_stage_is_the_step(crystal: HarmonicCrystal):
    start = crystal.sample(TEMPERATURE, np.random.default_rng(0))
    for make in (langevin, csvr):
        ensemble = make(crystal.propagator(60.0, n_stages=3), TEMPERATURE, 200.0)
        stages = ensemble.stages(start, np.random.default_rng(1))
        step = ensemble.step(start, np.random.default_rng(1))
        assert len(stages) == len(ensemble.stage_times) == 3
        np.testing.assert_array_equal(stages[-1].positions, step.positions)
        np.testing.assert_array_equal(stages[-1].velocities, step.velocities)


def test_temperatures_and_strides(crystal: HarmonicCrystal):
    assert nve(crystal.propagator(60.0)).temperature is None
    assert langevin(crystal.propagator(60.0), 300.0).temperature == 300.0
    assert csvr(crystal.propagator(60.0), 300.0).stride == 60.0
    with pytest.raises(ConfigError, match="stride must be positive"):
        nve(crystal.propagator(0.0))
