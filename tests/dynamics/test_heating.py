"""The walk of the energy of a map that keeps volume, and the heating that belongs to it."""

import numpy as np
import pytest

from longstride.dynamics import (
    EnergyWalk,
    NoisyPropagator,
    RotationNoise,
    draw_velocities,
    fitted_heating,
    heating,
    langevin,
    measure_walk,
    nve,
    rollout,
)
from longstride.propagator import Propagator
from longstride.state import Array, State
from longstride.testsystems import HarmonicCrystal, LennardJones
from longstride.units import BOLTZMANN


class Curled:
    """A map, and a kick by a force that is no gradient: f = a M (q − q₀), M skew.

    A kick shears phase space and keeps its volume, whatever its force.
    """

    def __init__(self, inner: Propagator, rest: State, size: float, seed: int) -> None:
        self._inner, self._rest = inner, rest.positions
        matrix = np.random.default_rng(seed).standard_normal((3, rest.n_atoms, rest.n_atoms))
        skew = matrix - matrix.transpose(0, 2, 1)
        # Rows of no sum: neither a shift of the crystal nor its momentum is felt.
        skew -= skew.mean(axis=2, keepdims=True)
        skew -= skew.mean(axis=1, keepdims=True)
        self._skew = size * skew

    @property
    def stride(self) -> float:
        """Time of one stride in fs."""
        return self._inner.stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        """One stride, then the kick."""
        end = self._inner.step(state, rng)
        kick = np.einsum("xab,bx->ax", self._skew, end.positions - self._rest)
        return end.with_(velocities=end.velocities + kick)


class Told:
    """No noise, and a heating."""

    def __init__(self, share: float) -> None:
        self._share = share

    def covariance(self, species: int, temperature: float) -> Array:
        """None."""
        return np.zeros((2, 2))

    def heating_at(self, temperature: float) -> float:
        """The same at every temperature."""
        return self._share


def test_the_mean_of_the_boltzmann_factors_of_gained_energies_is_one():
    crystal = HarmonicCrystal.fcc(repeat=2)
    curled = Curled(crystal.propagator(85.0), crystal.lattice, 4e-5, 1)
    rng = np.random.default_rng(3)
    gained = []
    for _ in range(400):
        state = crystal.sample(300.0, rng)
        before = state.kinetic_energy + crystal.potential_energy(state)
        for stride in rollout(nve(curled), state, rng, 20):
            state = stride.end
        after = state.kinetic_energy + crystal.potential_energy(state)
        gained.append((after - before) / (BOLTZMANN * 300.0))
    factors = np.exp(-np.array(gained))
    errors = [np.std(values, ddof=1) / np.sqrt(len(gained)) for values in (gained, factors)]
    assert np.mean(gained) > 4.0 * errors[0]
    assert abs(factors.mean() - 1.0) < 4.0 * errors[1]


@pytest.fixture(scope="module")
def argon() -> LennardJones:
    return LennardJones(cutoff=4.5, skin=0.5)


@pytest.fixture(scope="module")
def warm(argon: LennardJones) -> State:
    """32 argon atoms at 30 K."""
    rng = np.random.default_rng(4)
    state = draw_velocities(argon.crystal(2), 30.0, rng)
    for stride in rollout(langevin(argon.verlet(8.0, 3), 30.0, 500.0), state, rng, 200):
        state = stride.end
    return state


def drift(argon: LennardJones, moving: Propagator, start: State, seed: int) -> tuple[float, float]:
    """Share of the kinetic energy gained a stride at constant energy, and its error."""
    rng = np.random.default_rng(seed)
    gained, n_strides = [], 200
    state = start
    for _ in range(20):
        for stride in rollout(langevin(moving, 30.0, 200.0), state.with_(time=0.0), rng, 25):
            state = stride.end
        before = state.kinetic_energy + argon.potential_energy(state)
        for stride in rollout(nve(moving), state, rng, n_strides):
            state = stride.end
        gained.append(state.kinetic_energy + argon.potential_energy(state) - before)
    shares = np.array(gained) / (1.5 * start.n_atoms * BOLTZMANN * 30.0 * n_strides)
    return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(len(shares)))


def test_the_walk_tells_the_heating_and_friction_takes_it_away(
    argon: LennardJones, warm: State, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(heating, "SPACING", 40)
    curled = Curled(argon.verlet(8.0, 3), argon.crystal(2), 3e-6, 1)
    walk = measure_walk(curled, argon, warm, 30.0, np.random.default_rng(2), 200 * 32)
    own_error = walk.heating * np.sqrt(2.0 / walk.pieces)
    gained, error = drift(argon, curled, warm, seed=5)
    assert gained > 4.0 * error
    assert abs(gained - walk.heating) < 4.0 * np.hypot(error, own_error)
    slowed = NoisyPropagator(curled, RotationNoise(Told(walk.heating)))
    left, error = drift(argon, slowed, warm, seed=6)
    assert abs(left) < 4.0 * np.hypot(error, own_error)
    assert left < gained - 4.0 * error


def test_friction_keeps_the_momentum_and_loses_its_share():
    rng = np.random.default_rng(7)
    state = LennardJones().crystal(2)
    state = state.with_(velocities=1e-3 * rng.standard_normal((state.n_atoms, 3)) + 1e-3)
    end = RotationNoise(Told(0.01)).apply(state, 30.0, rng)
    np.testing.assert_allclose(end.momenta.sum(0), state.momenta.sum(0), rtol=1e-12)
    moving = [one.velocities - one.velocities.mean(axis=0) for one in (state, end)]
    assert np.sum(moving[1] ** 2) == pytest.approx(0.99 * np.sum(moving[0] ** 2), rel=1e-12)


@pytest.mark.parametrize("heat", [0.05, 1.0, 6.0])
def test_the_heat_of_a_piece_is_found_whatever_its_size(heat: float):
    """Of normal changes with the mean and variance that Jarzynski's equality ties together."""
    rng = np.random.default_rng(8)
    found = []
    for _ in range(400):
        changes = rng.normal(heat, np.sqrt(2.0 * heat), 20)
        found.append(EnergyWalk(300.0, float(np.mean(changes**2)), 1.0, 20).heating)
    # Of the information of 20 pieces: n (1/(2 s²) + 1/(4 s)) for s = 2 H, and dH = ds/2.
    s = 2.0 * heat
    expected = 0.5 / np.sqrt(20 * (0.5 / s**2 + 0.25 / s))
    assert abs(np.mean(found) - heat) < 0.15 * expected + 4.0 * expected / np.sqrt(400)
    assert np.std(found) < 1.15 * expected


def test_walks_of_several_temperatures_are_fitted_by_a_smooth_curve():
    rng = np.random.default_rng(9)
    temperatures = np.array([200.0, 300.0, 500.0, 800.0])
    kinetic = 1.5 * 256 * 2000
    true = 3e-6 * (temperatures / 600.0) ** (2.0 + np.log(temperatures / 600.0))
    found = []
    for _ in range(100):
        walks = []
        for temperature, rate in zip(temperatures, true, strict=True):
            heat = rate * kinetic
            changes = rng.normal(heat, np.sqrt(2.0 * heat), 40)
            walks.append(EnergyWalk(temperature, float(np.mean(changes**2)), kinetic, 40))
        found.append(np.log(fitted_heating(walks, temperatures) / true))
    mean, spread = np.mean(found, axis=0), np.std(found, axis=0, ddof=1)
    # Three numbers fitted to 160 pieces: their bias is of the order of the inverse of 40.
    assert np.all(np.abs(mean) < 4.0 * spread / 10.0 + 1.0 / 40)
    assert np.all(spread < 0.35)
    np.testing.assert_array_equal(fitted_heating([], [300.0]), [0.0])
    alone = EnergyWalk(300.0, 3.0, kinetic, 10)
    np.testing.assert_allclose(fitted_heating([alone], [200.0, 900.0]), alone.heating, rtol=1e-3)
