"""Structure factor against a direct sum, an ideal gas, Bragg peaks and the Debye-Waller factor."""

import numpy as np
import pytest

from longstride.analysis import commensurate_wavevectors, static_structure_factor
from longstride.errors import LongstrideError
from longstride.testsystems import fcc_lattice

SKEWED = np.array([[7.0, 0, 0], [2, 8, 0], [1, -3, 9]])


def test_equals_the_direct_sum_in_a_skewed_cell() -> None:
    rng = np.random.default_rng(1)
    q = rng.normal(scale=20, size=(3, 15, 3))
    found = static_structure_factor(q, SKEWED, k_max=3.0, bin_width=0.5)
    direct = np.mean(np.abs(np.exp(-1j * q @ found.vectors.T).sum(axis=1)) ** 2, axis=0) / 15
    np.testing.assert_allclose(found.per_vector, direct, atol=1e-10)
    length = np.linalg.norm(found.vectors, axis=1)
    for k, value, count in zip(found.k, found.value, found.counts, strict=True):
        inside = np.floor(length / 0.5) == np.floor(k / 0.5)
        assert inside.sum() == count
        assert direct[inside].mean() == pytest.approx(value)
        assert length[inside].mean() == pytest.approx(k)


def test_has_every_wavevector_of_the_cell_once() -> None:
    found = static_structure_factor(np.zeros((1, 1, 3)), SKEWED, k_max=3.0).vectors
    expected = commensurate_wavevectors(SKEWED, 3.0)
    assert len(found) == len(expected)
    both = [np.round(np.concatenate([v, -v]), 9) + 0.0 for v in (found, expected)]
    assert {tuple(v) for v in both[0]} == {tuple(v) for v in both[1]}


def test_ideal_gas_is_one_within_its_error() -> None:
    rng = np.random.default_rng(2)
    q = rng.random((200, 50, 3)) @ SKEWED
    found = static_structure_factor(q, SKEWED, k_max=4.0, bin_width=0.4, n_blocks=25)
    z = (found.value - 1.0) / found.error
    assert np.abs(z).max() < 4
    assert abs(z.mean()) * np.sqrt(len(z)) < 4


def test_bragg_peaks_of_fcc() -> None:
    lattice = fcc_lattice(4.05, 3)
    found = static_structure_factor(lattice.positions[None] + 0.3, lattice.cell, k_max=5.0)
    h = found.vectors * 4.05 / (2 * np.pi)
    whole = np.all(np.abs(h - np.round(h)) < 1e-6, axis=1)
    parity = np.round(h).astype(int) % 2
    bragg = whole & (parity == parity[:, :1]).all(axis=1)
    # 8 vectors {111}, 6 {200} and 12 {220}, one of each pair.
    assert bragg.sum() == 4 + 3 + 6
    np.testing.assert_allclose(found.per_vector[bragg], lattice.n_atoms)
    np.testing.assert_allclose(found.per_vector[~bragg], 0.0, atol=1e-9)


def test_debye_waller_factor_of_a_crystal_of_einstein() -> None:
    rng = np.random.default_rng(3)
    lattice = fcc_lattice(4.05, 3)
    sigma = 0.12
    q = lattice.positions + sigma * rng.normal(size=(400, lattice.n_atoms, 3))
    found = static_structure_factor(q, lattice.cell, k_max=5.0)
    k2 = np.sum(found.vectors**2, axis=1)
    factor = np.exp(-k2 * sigma**2)
    bragg = found.per_vector > 10
    # <|ρ|²>/N = e^{-2W} N + 1 - e^{-2W} at the peaks, and 1 - e^{-2W} between them.
    expected = 1 - factor + np.where(bragg, factor * lattice.n_atoms, 0.0)
    assert bragg.sum() == 13
    np.testing.assert_allclose(found.per_vector[bragg], expected[bragg], rtol=0.01)
    z = (found.per_vector / expected - 1)[~bragg] * np.sqrt(400)
    assert np.abs(z).max() < 4.5
    assert z.std() == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k_max": 0.1}, "raise k_max"),
        ({"k_max": 500.0}, "lower k_max"),
        ({"k_max": -1.0}, "positive"),
        ({"bin_width": 0.0}, "positive"),
    ],
)
def test_bad_options_are_named(options: dict, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        static_structure_factor(np.zeros((1, 3, 3)), 8.0 * np.eye(3), **options)
