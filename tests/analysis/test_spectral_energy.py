"""Phonon dispersion of the harmonic crystal against its dynamical matrix."""

import numpy as np
import pytest

from longstride.analysis import SpectralEnergy, spectral_energy_density
from longstride.errors import LongstrideError
from longstride.testsystems import HarmonicCrystal
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

A, SPRING, MASS = 4.05, 1.3, 26.9815385


def dynamical_frequencies(q: np.ndarray) -> np.ndarray:
    """(3,) frequencies in THz of fcc with springs between neighbours, ascending."""
    bonds = np.array([[0, 1, 1], [0, 1, -1], [1, 0, 1], [1, 0, -1], [1, 1, 0], [1, -1, 0]]) * A / 2
    unit = bonds / np.linalg.norm(bonds[0])
    matrix = sum(
        2 * SPRING * (1 - np.cos(q @ r)) * np.outer(u, u) for r, u in zip(bonds, unit, strict=True)
    )
    squares = np.linalg.eigvalsh(matrix / (MASS * MASS_VELOCITY_SQUARED))
    return np.sqrt(squares) * 1e3 / (2 * np.pi)


@pytest.fixture(scope="module")
def found() -> SpectralEnergy:
    crystal = HarmonicCrystal.fcc(A, 4, spring=SPRING, mass=MASS)
    rng = np.random.default_rng(1)
    state = crystal.sample(300.0, rng)
    v = []
    for _ in range(400):
        v.append(state.velocities)
        state = crystal.evolve(state, 20.0)
    lattice = crystal.lattice
    return spectral_energy_density(v, lattice.masses, lattice.positions, lattice.cell, 20.0, A)


def test_peaks_are_the_phonons(found: SpectralEnergy) -> None:
    names = [(branch.path, branch.polarisation) for branch in found.branches]
    assert names == [
        ("Γ–X", "longitudinal"),
        ("Γ–X", "transverse"),
        ("Γ–L", "longitudinal"),
        ("Γ–L", "transverse"),
    ]
    ends = {"Γ–X": np.array([2.0, 0, 0]), "Γ–L": np.ones(3)}
    for branch in found.branches:
        end = np.pi / A * ends[branch.path]
        assert branch.fraction[-1] == 1.0
        np.testing.assert_allclose(branch.wavevector, branch.fraction * np.linalg.norm(end))
        for fraction, peak, error in zip(branch.fraction, branch.peak, branch.error, strict=True):
            transverse, _, longitudinal = dynamical_frequencies(fraction * end)
            exact = longitudinal if branch.polarisation == "longitudinal" else transverse
            assert abs(peak - exact) < 4 * error + 0.15 * found.resolution
            assert error < 0.2 * found.resolution


def test_sums_to_the_temperature_of_the_modes() -> None:
    rng = np.random.default_rng(2)
    lattice = HarmonicCrystal.fcc(A, 2).lattice
    sigma = np.sqrt(BOLTZMANN * 500 / (MASS_VELOCITY_SQUARED * lattice.masses[0]))
    v = sigma * rng.normal(size=(800, 32, 3))
    found = spectral_energy_density(
        v, lattice.masses, lattice.positions, lattice.cell, 10.0, A, resolution=2.0
    )
    for branch in found.branches:
        # Complex modes of white noise: two squares each, or one at the zone boundary.
        directions = {"Γ–X": 3, "Γ–L": 4}[branch.path]
        if branch.polarisation == "transverse":
            directions *= 2
        z = (branch.temperature / 500 - 1) / np.sqrt(2 / (800 * directions))
        assert np.abs(z).max() < 4.5
        np.testing.assert_allclose(
            2 * branch.density.sum(axis=1) * found.frequency[1] / BOLTZMANN, branch.temperature
        )
        assert branch.density.shape == (len(branch.fraction), len(found.frequency))


def test_two_runs_of_one_crystal_agree_within_their_errors() -> None:
    crystal = HarmonicCrystal.fcc(A, 2, spring=SPRING, mass=MASS)
    lattice = crystal.lattice
    rng = np.random.default_rng(3)
    peaks = []
    for _ in range(2):
        state = crystal.sample(300.0, rng)
        v = [crystal.evolve(state, 20.0 * k).velocities for k in range(400)]
        peaks.append(
            spectral_energy_density(v, lattice.masses, lattice.positions, lattice.cell, 20.0, A)
        )
    for one, two in zip(peaks[0].branches, peaks[1].branches, strict=True):
        error = np.hypot(one.error, two.error) + 0.1 * peaks[0].resolution
        assert np.abs((one.peak - two.peak) / error).max() < 4


@pytest.mark.parametrize(
    ("cell", "options", "words"),
    [
        (np.diag([8.1, 8.1, 12.15]), {}, "no cube"),
        (8.3 * np.eye(3), {}, "no cube"),
        (8.1 * np.eye(3), {"resolution": 0.1}, "give 1.67 to 6.25 THz"),
    ],
)
def test_bad_input_is_named(cell: np.ndarray, options: dict, words: str) -> None:
    v = np.random.default_rng(4).normal(size=(60, 32, 3))
    with pytest.raises(LongstrideError, match=words):
        spectral_energy_density(v, np.ones(32), np.zeros((32, 3)), cell, 10.0, A, **options)


def test_sites_of_another_shape_are_named() -> None:
    with pytest.raises(LongstrideError, match="sites"):
        spectral_energy_density(
            np.ones((60, 32, 3)), np.ones(32), np.zeros((31, 3)), 8.1 * np.eye(3), 10.0, A
        )
