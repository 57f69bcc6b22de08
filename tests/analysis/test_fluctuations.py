"""Variances and heat capacities against closed forms."""

from contextlib import suppress

import numpy as np
import pytest
from scipy.signal import lfilter

from longstride.analysis import heat_capacity, square_inefficiency, variance_with_error
from longstride.errors import LongstrideError
from longstride.testsystems import HarmonicCrystal, LangevinOscillator
from longstride.units import BOLTZMANN


def correlated(rng: np.random.Generator, n: int, memory: float) -> np.ndarray:
    """A stationary autoregressive series of unit variance, C(k) = memory^k."""
    noise = rng.normal(size=n)
    noise[1:] *= np.sqrt(1 - memory**2)
    return lfilter([1.0], [1.0, -memory], noise)


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_variance_and_its_error_are_calibrated(memory: float) -> None:
    rng = np.random.default_rng(1)
    found = [variance_with_error(correlated(rng, 1000, memory)) for _ in range(200)]
    z = np.array([(e.value - 1.0) / e.error for e in found])
    values = np.array([e.value for e in found])
    assert abs(values.mean() - 1.0) < 4 * values.std() / np.sqrt(len(values)) + 0.005
    assert np.mean([e.error for e in found]) == pytest.approx(values.std(), rel=0.2)
    assert np.median(np.abs(z)) == pytest.approx(0.674, abs=0.2)


@pytest.mark.parametrize("memory", [0.5, 0.75])
def test_variances_of_short_runs_differ_by_the_error_of_the_most_correlated(memory: float) -> None:
    """One run beside two, as the quick suite has them; no alarm at four standard errors.

    The slowest of three inefficiencies, each good to a third, errs upwards by 0.85 of that, and the
    error by half as much: the z-scores are too narrow by up to 15 %.
    """
    rng = np.random.default_rng(7)
    z = []
    for _ in range(400):
        runs = [correlated(rng, 333, memory) for _ in range(3)]
        # A run that seems to have too few independent samples is refused: one in some thousands.
        with suppress(LongstrideError):
            own, *known = (variance_with_error(run).value for run in runs)
            slowest = max(map(square_inefficiency, runs))
            error = np.mean(known) * np.sqrt(2.0 * slowest * (1.0 / 333 + 1.0 / 666))
            z.append((own - np.mean(known)) / error)
    assert len(z) > 390
    spread = 1.0 / np.sqrt(2.0 * len(z))
    assert 0.85 - 4.0 * spread < np.std(z) < 1.0 + 4.0 * spread
    assert np.mean(np.abs(z) > 4.0) < 0.01


def test_same_seed_same_error() -> None:
    series = np.random.default_rng(2).normal(size=100)
    assert variance_with_error(series, seed=4) == variance_with_error(series, seed=4)


def test_heat_capacity_of_a_harmonic_crystal() -> None:
    crystal = HarmonicCrystal.fcc(repeat=2)
    rng = np.random.default_rng(3)
    energy = [crystal.potential_energy(crystal.sample(400.0, rng)) for _ in range(1500)]
    capacity = heat_capacity(energy, 400.0, kinetic_degrees=93)
    assert abs(capacity.value - 93 * BOLTZMANN) < 4 * capacity.error
    assert capacity.error / capacity.value < 0.03


def test_heat_capacity_of_oscillators_in_a_langevin_bath() -> None:
    oscillators = LangevinOscillator(
        np.zeros((20, 3)),
        spring=1.0,
        mass=27.0,
        friction_time=60.0,
        temperature=500.0,
        stride=25.0,
    )
    rng = np.random.default_rng(4)
    state = oscillators.sample(rng)
    energy = []
    for _ in range(3000):
        state = oscillators.step(state, rng)
        energy.append(0.5 * np.sum(state.positions**2) + state.kinetic_energy)
    capacity = heat_capacity(energy, 500.0)
    assert capacity.inefficiency > 1.5
    assert abs(capacity.value - 60 * BOLTZMANN) < 4 * capacity.error


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (np.ones(100), {}, "constant"),
        (np.arange(200.0), {}, "independent samples"),
        (np.arange(5.0), {}, "at least 10"),
        (np.random.default_rng(5).normal(size=100), {"kinetic_degrees": -1}, "0 or more"),
    ],
)
def test_bad_input_is_named(values: np.ndarray, options: dict, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        heat_capacity(values, 300.0, **options)
