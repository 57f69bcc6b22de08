"""Noise of the residual: what it leaves stationary, and what it does where it does not belong."""

from collections.abc import Callable

import numpy as np
import pytest

from longstride.dynamics import (
    Ensemble,
    NoisyPropagator,
    PlainNoise,
    Ramp,
    RotationNoise,
    langevin,
    nve,
    residual_noise,
)
from longstride.propagator import Propagator
from longstride.state import Array, State
from longstride.testsystems import HarmonicCrystal, LennardJones
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

TEMPERATURE, STRIDE, N_RUNS, N_STRIDES = 300.0, 85.0, 40, 80
LOST = 0.02
"""Share of the velocities' variance that a stride of the shrinking map loses."""


class Measured:
    """A covariance that grows with the temperature, as that of thermal motion does."""

    def __init__(self, displacement: float, cross: float, velocity: float) -> None:
        self._matrix = np.array([[displacement, cross], [cross, velocity]])

    def covariance(self, species: int, temperature: float) -> Array:
        """Å², Å²/fs, Å²/fs²; as measured at ``TEMPERATURE``."""
        return self._matrix * temperature / TEMPERATURE

    def heating_at(self, temperature: float) -> float:
        """None: these maps keep the energy."""
        return 0.0


class Shrinking:
    """The exact map of a crystal, whose velocities then lose variance: a conditional mean."""

    def __init__(self, inner: Propagator) -> None:
        self._inner = inner

    @property
    def stride(self) -> float:
        """Time of one stride in fs."""
        return self._inner.stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        """One stride, the part of the velocities predicted that can be."""
        end = self._inner.step(state, rng)
        return end.with_(velocities=np.sqrt(1.0 - LOST) * end.velocities)


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


def lost_variance(crystal: HarmonicCrystal) -> float:
    """What the shrinking map loses a stride, Å²/fs²; the centre of mass has none to lose."""
    mass = crystal.lattice.masses[0]
    return LOST * BOLTZMANN * TEMPERATURE / (MASS_VELOCITY_SQUARED * mass)


def energies(
    crystal: HarmonicCrystal, ensemble: Ensemble, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mode temperatures (R, 2), potential and kinetic, of many runs' starts and ends in K."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(N_RUNS):
        state = crystal.sample(TEMPERATURE, rng)
        ends = [state]
        for _ in range(N_STRIDES):
            state = ensemble.step(state, rng)
        ends.append(state)
        found.append(
            [[2 * e[3:].mean() / BOLTZMANN for e in crystal.mode_energies(s)] for s in ends]
        )
    first, last = np.moveaxis(np.array(found), 1, 0)
    return first, last


def z_of_change(first: np.ndarray, last: np.ndarray) -> float:
    """Change of the total energy over the runs, in its errors."""
    change = last.mean(axis=1) - first.mean(axis=1)
    return float(change.mean() / (change.std(ddof=1) / np.sqrt(len(change))))


def test_a_map_that_loses_variance_cools_without_noise_and_not_with_plain_noise(
    crystal: HarmonicCrystal,
):
    shrinking = Shrinking(crystal.propagator(STRIDE))
    noise = residual_noise(Measured(0.0, 0.0, lost_variance(crystal)), symplectic=False)
    assert isinstance(noise, PlainNoise)
    first, last = energies(crystal, nve(shrinking), seed=1)
    assert last.mean() < 0.6 * first.mean()
    first, last = energies(crystal, nve(NoisyPropagator(shrinking, noise)), seed=2)
    assert abs(z_of_change(first, last)) < 4.0
    for column in last.T:
        error = column.std(ddof=1) / np.sqrt(N_RUNS)
        assert abs(column.mean() - TEMPERATURE) < 4.0 * error


def test_the_exact_map_heats_with_plain_noise_and_is_stationary_with_rotations(
    crystal: HarmonicCrystal,
):
    exact = crystal.propagator(STRIDE)
    residuals = Measured(0.0, 0.0, lost_variance(crystal))
    first, last = energies(crystal, nve(NoisyPropagator(exact, PlainNoise(residuals))), seed=3)
    assert z_of_change(first, last) > 20.0
    noise = residual_noise(residuals, symplectic=True)
    assert isinstance(noise, RotationNoise)
    first, last = energies(crystal, nve(NoisyPropagator(exact, noise)), seed=4)
    np.testing.assert_allclose(last.mean(axis=1), first.mean(axis=1), rtol=1e-10)
    for column in last.T:
        error = column.std(ddof=1) / np.sqrt(N_RUNS)
        assert abs(column.mean() - TEMPERATURE) < 4.0 * error


def test_rotations_beside_a_bath_leave_the_canonical_distribution(crystal: HarmonicCrystal):
    residuals = Measured(0.0, 0.0, lost_variance(crystal))
    noisy = NoisyPropagator(crystal.propagator(STRIDE), RotationNoise(residuals), TEMPERATURE)
    first, last = energies(crystal, langevin(noisy, TEMPERATURE, 10 * STRIDE), seed=5)
    assert abs(z_of_change(first, last)) < 4.0
    variance = last.mean(axis=1)
    modes = 3 * crystal.lattice.n_atoms - 3
    # Of the mean of 2 modes squared normal numbers: 2/(2 modes) of its square.
    expected = TEMPERATURE**2 / modes
    spread = expected * np.sqrt(2.0 / (N_RUNS - 1))
    assert abs(variance.var(ddof=1) - expected) < 4.0 * spread


def test_rotations_lose_the_velocities_memory_as_fast_as_the_noise_says(crystal: HarmonicCrystal):
    """u'·u/|u|² is 1/sqrt(1 + C_ww d/|u|²) on average, d the dimensions at right angles to u."""
    rng = np.random.default_rng(6)
    state = crystal.sample(TEMPERATURE, rng)
    variance = lost_variance(crystal)
    noise = RotationNoise(Measured(0.0, 0.0, variance))
    size = float(np.sum(state.velocities**2))
    kept = []
    for _ in range(2000):
        turned = noise.apply(state, TEMPERATURE, rng)
        kept.append(float(np.sum(turned.velocities * state.velocities)) / size)
    across = 3 * state.n_atoms - 4
    ratio = variance * across / size
    expected = 1.0 / np.sqrt(1.0 + ratio)
    error = np.std(kept, ddof=1) / np.sqrt(len(kept))
    # The mean of a root is not the root of the mean: the next order is 3/4 ratio² / dimensions.
    assert abs(np.mean(kept) - expected) < 4.0 * error + ratio**2 / across


def mixture(rng: np.random.Generator) -> State:
    """Two species, a frame that moves."""
    state = LennardJones().crystal(2)
    species = np.where(np.arange(state.n_atoms) % 3, 18, 36)
    masses = np.where(species == 18, 39.948, 83.798)
    velocities = 2e-3 * rng.standard_normal((state.n_atoms, 3)) + 1e-3
    return state.with_(species=species, masses=masses, velocities=velocities)


@pytest.mark.parametrize("kind", [PlainNoise, RotationNoise])
def test_momentum_and_centre_of_mass_stay(kind: Callable[[Measured], PlainNoise]):
    rng = np.random.default_rng(7)
    state = mixture(rng)
    noise = kind(Measured(1e-4, 1e-7, 1e-7))
    end = noise.apply(state, TEMPERATURE, rng)
    assert np.abs(end.velocities - state.velocities).max() > 1e-5
    np.testing.assert_allclose(end.momenta.sum(0), state.momenta.sum(0), rtol=1e-12)
    centre = [np.average(one.positions, axis=0, weights=one.masses) for one in (state, end)]
    np.testing.assert_allclose(centre[1], centre[0], rtol=1e-12)


def test_rotations_keep_the_kinetic_energy_and_momentum_of_each_species():
    rng = np.random.default_rng(8)
    state = mixture(rng)
    end = RotationNoise(Measured(1e-4, 1e-7, 1e-7)).apply(state, TEMPERATURE, rng)
    np.testing.assert_array_equal(end.positions, state.positions)
    for number in (18, 36):
        atoms = state.species == number
        one, other = state.velocities[atoms], end.velocities[atoms]
        assert np.sum(other**2) == pytest.approx(np.sum(one**2), rel=1e-12)
        np.testing.assert_allclose(other.sum(0), one.sum(0), rtol=1e-11)
    single = state.with_(
        positions=state.positions[:1],
        velocities=state.velocities[:1],
        masses=state.masses[:1],
        species=state.species[:1],
    )
    alone = RotationNoise(Measured(1e-4, 1e-7, 1e-7)).apply(single, TEMPERATURE, rng)
    np.testing.assert_array_equal(alone.velocities, single.velocities)


@pytest.mark.parametrize("cross", [0.0, 6e-8, 1e-7])
def test_plain_noise_has_the_covariance_it_was_given(cross: float):
    rng = np.random.default_rng(9)
    state = mixture(rng)
    noise = PlainNoise(Measured(1e-6, cross, 1e-8))
    products = []
    for _ in range(400):
        end = noise.apply(state, TEMPERATURE, rng)
        changes = [end.positions - state.positions, end.velocities - state.velocities]
        products.append([np.mean(changes[a] * changes[b]) for a, b in ((0, 0), (0, 1), (1, 1))])
    # Without the mean by mass, an atom of mass m has 1 - 2m/M + Σm²/M² of its variance left.
    share = state.masses / state.masses.sum()
    left = float(np.mean(1.0 - 2.0 * share + np.sum(share**2)))
    for got, expected in zip(np.transpose(products), (1e-6, cross, 1e-8), strict=True):
        error = got.std(ddof=1) / np.sqrt(len(got))
        assert abs(got.mean() - left * expected) < 4.0 * error


def test_the_noise_follows_a_ramp_and_the_kinetic_temperature_without_one():
    asked: list[float] = []

    class Listening(Measured):
        def covariance(self, species: int, temperature: float) -> Array:
            asked.append(temperature)
            return super().covariance(species, temperature)

    rng = np.random.default_rng(10)
    argon = LennardJones()
    state = argon.crystal(3).with_(velocities=1e-3 * rng.standard_normal((108, 3)))
    noise = PlainNoise(Listening(0.0, 0.0, 1e-12))
    map_ = argon.verlet(4.0, 5)
    NoisyPropagator(map_, noise, Ramp(100.0, 200.0, 40.0)).step(state, rng)
    NoisyPropagator(map_, noise).step(state, rng)
    plain = map_.step(state, rng)
    assert asked == [150.0, pytest.approx(plain.temperature)]
    staged = argon.verlet(4.0, 4, n_stages=2)
    assert len(NoisyPropagator(staged, noise).stages(state, rng)) == 2
