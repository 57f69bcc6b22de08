"""RDF against ideal gas, crystal shells and a brute-force sum."""

import itertools

import numpy as np
import pytest

from longstride.analysis import largest_radius, radial_distribution
from longstride.errors import LongstrideError


def fcc(n: int, a: float) -> tuple[np.ndarray, np.ndarray]:
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    cells = np.array(list(itertools.product(range(n), repeat=3)))
    return ((cells[:, None] + basis[None]).reshape(-1, 3) * a), n * a * np.eye(3)


@pytest.mark.parametrize(
    "cell",
    [
        np.eye(3) * 12.0,
        np.array([[11.0, 0, 0], [4.0, 10, 0], [-3, 2, 9]]),
        np.array([[0, 9.0, 9], [9, 0, 9], [9, 9, 0]]),
    ],
)
def test_ideal_gas_is_one(cell: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    n, n_frames = 40, 400
    q = rng.random((n_frames, n, 3)) @ cell
    rdf = radial_distribution(q, cell, bin_width=0.5)
    edges = np.linspace(0, rdf.r[-1] + 0.5 * (rdf.r[1] - rdf.r[0]), len(rdf.r) + 1)
    shell = 4 / 3 * np.pi * (edges[1:] ** 3 - edges[:-1] ** 3) / abs(np.linalg.det(cell))
    pairs = n_frames * n * (n - 1) / 2
    sigma = np.sqrt(shell * (1 - shell) * pairs) / (shell * pairs)
    z = (rdf.g - 1) / sigma
    assert np.abs(z).max() < 4.5
    assert abs(z.mean()) * np.sqrt(len(z)) < 4


def test_shells_of_fcc() -> None:
    q, cell = fcc(4, 4.05)
    rdf = radial_distribution(q[None], cell, bin_width=0.05)
    shells = 4.05 * np.sqrt([0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5])
    numbers = np.cumsum([12, 6, 24, 12, 24, 8, 48])
    occupied = rdf.r[rdf.g > 0]
    for radius, number in zip(shells[shells < rdf.r[-1]], numbers, strict=False):
        assert np.abs(occupied - radius).min() < 0.05
        assert rdf.coordination[rdf.r > radius + 0.1][0] == pytest.approx(number)
    assert np.all(np.abs(occupied[:, None] - shells).min(axis=1) < 0.05)


def test_equals_a_brute_force_sum_in_a_rotated_left_handed_cell() -> None:
    rng = np.random.default_rng(3)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    cell = np.array([[9.0, 0, 0], [3.0, 8, 0], [1, -2, 10]])[[1, 0, 2]] @ rotation
    q = rng.normal(scale=20, size=(3, 30, 3))
    radius, bins = 3.5, 35
    rdf = radial_distribution(q, cell, r_max=radius, bin_width=radius / bins)
    shifts = np.array(list(itertools.product((-1, 0, 1), repeat=3)))
    wrapped = (q @ np.linalg.inv(cell)) % 1.0
    delta = wrapped[:, :, None] - wrapped[:, None]
    images = (delta[..., None, :] + shifts) @ cell
    distance = np.linalg.norm(images, axis=-1)
    counts, edges = np.histogram(distance[distance > 1e-9], bins=bins, range=(0, radius))
    volume = abs(np.linalg.det(cell))
    ideal = 4 / 3 * np.pi * (edges[1:] ** 3 - edges[:-1] ** 3) * 30 * 29 / volume * 3
    np.testing.assert_allclose(rdf.g, counts / ideal, atol=1e-4)


def test_partial_of_disjoint_groups_of_an_ideal_gas() -> None:
    rng = np.random.default_rng(4)
    rdf = radial_distribution(
        rng.random((300, 30, 3)) * 10,
        10 * np.eye(3),
        bin_width=1.0,
        first=range(10),
        second=range(10, 30),
    )
    np.testing.assert_allclose(rdf.g[1:], 1.0, atol=0.1)


def test_error_covers_the_deviation() -> None:
    rng = np.random.default_rng(5)
    rdf = radial_distribution(
        rng.random((200, 50, 3)) * 12, 12 * np.eye(3), bin_width=0.25, n_blocks=20
    )
    z = (rdf.g - 1)[4:] / rdf.error[4:]
    assert np.sqrt(np.mean(z**2)) < 1.6


def test_largest_radius_of_a_skewed_cell_is_half_its_height() -> None:
    cell = np.array([[10.0, 0, 0], [8.0, 6.0, 0], [0, 0, 20]])
    assert largest_radius(cell) == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"r_max": 5.1}, "lower r_max"),
        ({"first": [0, 1], "second": [1, 2]}, "overlap"),
        ({"first": [0]}, "no pair"),
    ],
)
def test_bad_options_are_named(options: dict, words: str) -> None:
    q = np.random.default_rng(6).random((2, 5, 3))
    with pytest.raises(LongstrideError, match=words):
        radial_distribution(q, 10 * np.eye(3), **options)


def test_cell_without_volume_is_named() -> None:
    with pytest.raises(LongstrideError, match="no volume"):
        radial_distribution(np.zeros((1, 2, 3)), np.zeros((3, 3)))
