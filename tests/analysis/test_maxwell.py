"""Kinetic energies and velocities against the distributions of Maxwell and Boltzmann."""

import numpy as np
import pytest
from scipy.signal import lfilter

from longstride.analysis import (
    KineticTest,
    kinetic_distribution,
    kinetic_temperature,
    velocity_distribution,
)
from longstride.errors import LongstrideError
from longstride.testsystems import LangevinOscillator
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED


def maxwell(
    rng: np.random.Generator, n_frames: int, masses: np.ndarray, temperature: float
) -> np.ndarray:
    sigma = np.sqrt(BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * masses))
    return rng.normal(size=(n_frames, len(masses), 3)) * sigma[:, None]


def test_canonical_velocities_pass_by_z_score() -> None:
    rng = np.random.default_rng(1)
    masses = np.repeat([27.0, 58.7], [20, 12])
    v = maxwell(rng, 400, masses, 600.0) + 0.01
    energies = kinetic_distribution(v, masses, 600.0, species=np.repeat([13, 28], [20, 12]))
    tests = [energies.total, *energies.components, *energies.species.values()]
    assert sorted(energies.species) == [13, 28]
    for test in tests:
        assert max(abs(test.z_mean), abs(test.z_width), test.z) < 4
    assert energies.total.degrees_of_freedom == 93
    assert sum(t.degrees_of_freedom for t in energies.components) == pytest.approx(93)
    assert sum(t.degrees_of_freedom for t in energies.species.values()) == pytest.approx(93)
    atoms = velocity_distribution(v, masses, 600.0)
    assert atoms.z < 4
    assert np.abs(atoms.per_atom_z).max() < 4.5
    assert np.sqrt(np.mean(atoms.per_atom_z**2)) == pytest.approx(1.0, abs=0.4)


def test_p_values_and_scores_of_canonical_runs_are_uniform_and_normal() -> None:
    rng = np.random.default_rng(2)
    masses = np.full(10, 27.0)
    runs = [
        kinetic_distribution(maxwell(rng, 100, masses, 300.0), masses, 300.0).total
        for _ in range(60)
    ]
    p = np.array([run.p_value for run in runs])
    assert abs(p.mean() - 0.5) < 4 / np.sqrt(12 * 60)
    for scores in ([run.z_mean for run in runs], [run.z_width for run in runs]):
        assert abs(np.mean(scores)) < 0.5
        assert np.std(scores) == pytest.approx(1.0, abs=0.3)


def test_correlated_samples_of_a_langevin_bath_are_thinned() -> None:
    oscillators = LangevinOscillator(
        np.zeros((30, 3)),
        spring=1.0,
        mass=27.0,
        friction_time=100.0,
        temperature=500.0,
        stride=10.0,
    )
    rng = np.random.default_rng(3)
    state = oscillators.sample(rng)
    v = []
    for _ in range(2000):
        state = oscillators.step(state, rng)
        v.append(state.velocities)
    masses = np.full(30, 27.0)
    energies = kinetic_distribution(v, masses, 500.0).total
    # Energies decay as exp(-γt) cos²: the mean over the oscillation is g = 1 + 2 · 100/10 · 1/2.
    assert 4 <= energies.spacing <= 25
    assert max(abs(energies.z_mean), abs(energies.z_width), energies.z) < 4
    atoms = velocity_distribution(v, masses, 500.0)
    assert 4 <= atoms.spacing <= 25
    assert atoms.z < 4


def test_a_wrong_temperature_is_found() -> None:
    rng = np.random.default_rng(4)
    masses = np.full(100, 27.0)
    v = maxwell(rng, 200, masses, 570.0)
    energies = kinetic_distribution(v, masses, 600.0).total
    assert energies.from_mean.value == pytest.approx(570, rel=0.01)
    assert energies.z_mean < -5
    assert energies.z > 5
    assert velocity_distribution(v, masses, 640.0).z > 5


def test_a_thermostat_that_holds_the_kinetic_energy_is_found_by_its_width() -> None:
    rng = np.random.default_rng(5)
    masses = np.full(50, 27.0)
    v = maxwell(rng, 300, masses, 600.0)
    kinetic = np.einsum("fia,fia->f", v, v)
    v *= np.sqrt(kinetic.mean() / kinetic)[:, None, None]
    energies = kinetic_distribution(v, masses, 600.0).total
    assert abs(energies.z_mean) < 4
    assert energies.z_width < -8
    assert energies.z > 6
    assert velocity_distribution(v, masses, 600.0).z < 4


def test_frozen_atoms_are_found_though_the_mean_is_right() -> None:
    rng = np.random.default_rng(6)
    masses = np.full(64, 27.0)
    v = maxwell(rng, 300, masses, 600.0)
    v[:, :6] = 0.0
    v *= np.sqrt(64 / 58)
    atoms = velocity_distribution(v, masses, 600.0)
    assert atoms.z > 6
    assert atoms.kurtosis > 0.1
    assert np.all(atoms.per_atom_z[:6] < -10)
    assert np.abs(atoms.per_atom_z[6:]).max() < 6


@pytest.mark.parametrize("judge", [kinetic_distribution, velocity_distribution])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v[:5], "at least 8"),
        (lambda v: np.repeat(v[:4], 20, axis=0), "independent samples"),
        (lambda v: v[:, :1], "one atom"),
    ],
)
def test_bad_input_is_named(judge, change, words: str) -> None:
    v = change(maxwell(np.random.default_rng(7), 80, np.full(5, 27.0), 300.0))
    with pytest.raises(LongstrideError, match=words):
        judge(v, np.full(v.shape[1], 27.0), 300.0)


def test_species_of_another_length_are_named() -> None:
    v = maxwell(np.random.default_rng(8), 20, np.full(5, 27.0), 300.0)
    with pytest.raises(LongstrideError, match="one for each of the 5"):
        kinetic_distribution(v, np.full(5, 27.0), 300.0, species=[13])


def test_widths_of_short_runs_scatter_as_they_say_with_the_correlation_of_the_slowest() -> None:
    """As of crystals in a bath of 1 ps: half of the variance of the kinetic energy is slow."""
    rng = np.random.default_rng(8)
    masses = np.full(40, 27.0)
    n_runs, n_frames, decay = 120, 500, np.exp(-0.06)
    spread = np.sqrt(2.0 / (3.0 * len(masses) - 3.0))

    def heated() -> np.ndarray:
        noise = rng.normal(size=(2, n_frames))
        noise[0, 1:] *= np.sqrt(1.0 - decay**2)
        slow = lfilter([1.0], [1.0, -decay], noise[0])
        v = maxwell(rng, n_frames, masses, 600.0)
        v -= v.mean(axis=1, keepdims=True)
        kinetic = np.einsum("fia,fia->f", v, v)
        wanted = 1.0 + spread * np.sqrt(0.5) * (slow + noise[1])
        return v * np.sqrt(kinetic.mean() * wanted / kinetic)[:, None, None]

    def width(v: np.ndarray, correlation: float) -> KineticTest:
        mean = kinetic_temperature(v, masses).value
        return kinetic_distribution(v, masses, mean, width_inefficiency=correlation).total

    runs = [heated() for _ in range(n_runs)]
    alone = [width(v, 1.0) for v in runs]
    together = []
    for first in range(0, n_runs, 3):
        slowest = max(test.width_inefficiency for test in alone[first : first + 3])
        together += [width(v, slowest).z_width for v in runs[first : first + 3]]
    # A standard deviation of n deviates has an error of 1 / sqrt(2 n).
    assert abs(np.std(together) - 1.0) * np.sqrt(2 * n_runs) < 4
    assert (np.std([test.z_width for test in alone]) - 1.0) * np.sqrt(2 * n_runs) > 4
