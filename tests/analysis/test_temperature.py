"""Kinetic temperatures against Maxwell-Boltzmann velocities."""

import numpy as np
import pytest

from longstride.analysis import (
    commensurate_wavevectors,
    kinetic_temperature,
    wavevector_temperature,
)
from longstride.errors import LongstrideError
from longstride.state import State
from longstride.testsystems import fcc_lattice
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED


def maxwell(
    rng: np.random.Generator, n_frames: int, masses: np.ndarray, temperature: float
) -> np.ndarray:
    sigma = np.sqrt(BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * masses))
    return rng.normal(size=(n_frames, len(masses), 3)) * sigma[:, None]


def test_maxwell_velocities_by_z_score() -> None:
    rng = np.random.default_rng(1)
    masses = rng.uniform(10, 60, 50)
    temperature = kinetic_temperature(maxwell(rng, 400, masses, 450.0), masses)
    assert abs(temperature.value - 450.0) < 4 * temperature.error
    assert temperature.error == pytest.approx(450 * np.sqrt(2 / 147 / 400), rel=0.3)


def test_equals_the_temperature_of_a_state_at_rest() -> None:
    rng = np.random.default_rng(2)
    masses = rng.uniform(10, 60, 8)
    v = maxwell(rng, 2, masses, 300.0)
    v -= (np.einsum("i,fia->fa", masses, v) / masses.sum())[:, None]
    state = State(np.zeros((8, 3)), v[0], masses, np.full(8, 13), np.eye(3), np.ones(3, bool))
    assert kinetic_temperature(v, masses).series[0] == pytest.approx(state.temperature)
    assert kinetic_temperature(v + 3.0, masses).series[0] == pytest.approx(state.temperature)


def test_modes_of_a_crystal_lose_nothing_to_the_center_of_mass() -> None:
    rng = np.random.default_rng(9)
    lattice = fcc_lattice(4.05, 2)
    masses = np.repeat([20.0, 60.0], 16)
    for at_rest in (masses, lattice.masses):
        v = maxwell(rng, 4000, at_rest, 600.0)
        result = wavevector_temperature(lattice.positions, v, at_rest, lattice.cell, n_bins=3)
        assert np.abs((result.value - 600) / result.error).max() < 4
        assert result.error.max() < 0.006 * 600


@pytest.mark.parametrize("moving", [True, False])
def test_equipartition_over_wavevectors(moving: bool) -> None:
    rng = np.random.default_rng(3)
    cell = np.array([[10.0, 0, 0], [2, 11, 0], [0, 1, 12]])
    masses = rng.uniform(10, 60, 60)
    v = maxwell(rng, 200, masses, 600.0)
    q = rng.random((200, 60, 3) if moving else (60, 3)) @ cell
    result = wavevector_temperature(q, v, masses, cell, n_bins=6)
    assert np.abs((result.value - 600) / result.error).max() < 4
    np.testing.assert_allclose(result.value, (result.longitudinal + 2 * result.transverse) / 3)
    assert np.all(np.diff(result.k) > 0)


def test_a_hot_wave_is_found() -> None:
    rng = np.random.default_rng(4)
    n, a = 8, 3.0
    sites = a * np.stack(np.meshgrid(*[np.arange(n)] * 3, indexing="ij"), -1).reshape(-1, 3)
    cell = n * a * np.eye(3)
    masses = np.full(len(sites), 27.0)
    v = maxwell(rng, 100, masses, 300.0)
    k = 2 * np.pi / (n * a) * np.array([1, 0, 0])
    v[..., 0] += rng.normal(size=(100, 1)) * 0.01 * np.cos(sites @ k)
    result = wavevector_temperature(sites, v, masses, cell, k_max=2 * k[0], n_bins=6)
    assert result.k[0] == pytest.approx(k[0])
    assert result.longitudinal[0] > 10 * 300
    assert result.transverse[0] == pytest.approx(300, rel=0.2)
    assert result.value[-1] == pytest.approx(300, rel=0.2)


def test_wavevectors_are_periodic_in_the_cell_and_complete() -> None:
    cell = np.array([[5.0, 0, 0], [1, 6, 0], [0, 2, 7]])
    k = commensurate_wavevectors(cell, 3.0)
    phases = k @ cell.T / (2 * np.pi)
    np.testing.assert_allclose(phases, np.round(phases), atol=1e-9)
    h = np.stack(np.meshgrid(*[np.arange(-9, 10)] * 3, indexing="ij"), -1).reshape(-1, 3)
    lengths = np.linalg.norm(h @ (2 * np.pi * np.linalg.inv(cell).T), axis=1)
    assert 2 * len(k) == np.sum((lengths <= 3.0) & (lengths > 0))


def test_bad_input_is_named() -> None:
    v = np.ones((3, 1, 3))
    with pytest.raises(LongstrideError, match="at least two atoms"):
        kinetic_temperature(v, [1.0])
    with pytest.raises(LongstrideError, match="no wavevector"):
        wavevector_temperature(np.zeros((2, 3)), np.ones((3, 2, 3)), [1, 1], np.eye(3), k_max=0.1)
    with pytest.raises(LongstrideError, match="give"):
        wavevector_temperature(np.zeros((5, 3)), np.ones((3, 2, 3)), [1, 1], np.eye(3))
