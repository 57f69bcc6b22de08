"""ADF against crystal angles, an ideal gas and a brute-force sum."""

import itertools

import numpy as np
import pytest

from longstride.analysis import angular_distribution
from longstride.errors import LongstrideError
from longstride.testsystems import fcc_lattice


def test_angles_of_fcc() -> None:
    lattice = fcc_lattice(4.05, 3)
    adf = angular_distribution(lattice.positions[None], lattice.cell, 3.4, n_bins=60)
    assert adf.neighbors == 12
    # Of the 66 angles: 24 of 60, 12 of 90, 24 of 120 and 6 of 180 degrees; on a bin's edge,
    # rounding decides the side.
    for angle, number in [(60, 24), (90, 12), (120, 24), (180, 6)]:
        near = np.abs(adf.angle - angle) < 2
        assert 3 * adf.density[near].sum() == pytest.approx(number / 66)
    assert 3 * adf.density.sum() == pytest.approx(1.0)
    assert not adf.error.any()


def test_one_atom_in_a_primitive_cell_has_the_same_angles() -> None:
    cell = 2.025 * np.array([[0.0, 1, 1], [1, 0, 1], [1, 1, 0]])
    adf = angular_distribution(np.full((1, 1, 3), 7.3), cell, 3.4, n_bins=7)
    lattice = fcc_lattice(4.05, 3)
    large = angular_distribution(lattice.positions[None], lattice.cell, 3.4, n_bins=7)
    np.testing.assert_allclose(adf.density, large.density)


def test_ideal_gas_is_half_a_sine_within_its_error() -> None:
    rng = np.random.default_rng(1)
    cell = np.array([[8.0, 0, 0], [3, 8, 0], [1, -2, 9]])
    q = rng.random((100, 40, 3)) @ cell
    adf = angular_distribution(q, cell, 4.0, n_bins=18, n_blocks=25)
    edges = np.radians(np.linspace(0, 180, 19))
    expected = (np.cos(edges[:-1]) - np.cos(edges[1:])) / 2 / 10
    z = (adf.density - expected) / adf.error
    assert np.abs(z).max() < 4
    assert adf.neighbors == pytest.approx(40 / np.linalg.det(cell) * 4 / 3 * np.pi * 64, rel=0.05)


def test_equals_a_brute_force_sum_over_images() -> None:
    rng = np.random.default_rng(2)
    cell = np.array([[6.0, 0, 0], [2, 5.5, 0], [1, -2, 6]])
    q = rng.normal(scale=9, size=(2, 12, 3))
    adf = angular_distribution(q, cell, 3.2, n_bins=12)
    shifts = np.array(list(itertools.product(range(-2, 3), repeat=3))) @ cell
    angles = []
    for frame in (q @ np.linalg.inv(cell) % 1.0) @ cell:
        images = (frame[None] + shifts[:, None]).reshape(-1, 3)
        for atom in frame:
            bonds = images - atom
            length = np.linalg.norm(bonds, axis=1)
            bonds = bonds[(length < 3.2) & (length > 1e-9)]
            for a, b in itertools.combinations(bonds, 2):
                cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
                angles.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    counts, _ = np.histogram(angles, bins=12, range=(0, 180))
    np.testing.assert_allclose(adf.density * 15 * len(angles), counts)


@pytest.mark.parametrize(
    ("cutoff", "words"), [(0.5, "raise the cutoff"), (-1.0, "positive"), (np.inf, "positive")]
)
def test_bad_cutoffs_are_named(cutoff: float, words: str) -> None:
    q = fcc_lattice(4.05, 2).positions[None]
    with pytest.raises(LongstrideError, match=words):
        angular_distribution(q, 8.1 * np.eye(3), cutoff)
