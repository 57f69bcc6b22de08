"""The horizon against growth of a known rate and crystals of known amplitude."""

import numpy as np
import pytest

from longstride.analysis import decorrelated_distance, displacement_difference
from longstride.errors import LongstrideError
from longstride.testsystems import HarmonicCrystal


def growing(rng: np.random.Generator, n_starts: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs whose difference is 1e-3 Å · exp(rate · t) along a random direction of each atom."""
    direction = rng.normal(size=(n_starts, 1, 20, 3))
    direction /= np.linalg.norm(direction, axis=3, keepdims=True)
    growth = 1e-3 * np.exp(rate * 10.0 * np.arange(101))[:, None, None]
    reference = rng.normal(size=(n_starts, 101, 20, 3))
    return reference + growth * direction, reference


def test_exponential_growth_crosses_where_it_must() -> None:
    found = displacement_difference(*growing(np.random.default_rng(1), 3, 0.01), 10.0)
    np.testing.assert_allclose(found.distance, 1e-3 * np.exp(0.01 * found.time), rtol=1e-9)
    np.testing.assert_allclose(found.per_start[0], found.distance, rtol=1e-9)
    np.testing.assert_allclose(found.error, 0.0, atol=1e-9)
    for crossing, threshold in zip(found.crossings, (0.1, 0.5), strict=True):
        assert crossing.threshold == threshold
        assert crossing.time == pytest.approx(np.log(threshold / 1e-3) / 0.01, abs=0.2)
        assert crossing.reached == 3
        assert crossing.error < 1e-6


def test_never_crossing_is_none_and_crossing_at_the_start_is_zero() -> None:
    q = np.zeros((5, 4, 3))
    apart = q + np.array([0.2, 0.0, 0.0])
    found = displacement_difference(apart, q, 10.0)
    assert [c.time for c in found.crossings] == [0.0, None]
    assert [c.reached for c in found.crossings] == [1, 0]
    assert [c.error for c in found.crossings] == [0.0, 0.0]


def test_drift_of_the_center_of_mass_is_removed_where_masses_are_given() -> None:
    rng = np.random.default_rng(2)
    q = rng.normal(size=(6, 4, 3))
    masses = rng.uniform(10, 60, 4)
    drifting = q + np.array([0.1, 0.2, -0.3]) * np.arange(6)[:, None, None]
    assert displacement_difference(drifting, q, 1.0, masses=masses).distance.max() < 1e-12
    assert displacement_difference(drifting, q, 1.0).distance[-1] == pytest.approx(
        5 * np.sqrt(0.14)
    )


def test_independent_crystals_are_at_the_decorrelated_distance() -> None:
    rng = np.random.default_rng(3)
    crystal = HarmonicCrystal.fcc(repeat=2)
    q = np.array([[crystal.sample(500.0, rng).positions for _ in range(2)] for _ in range(400)])
    found = displacement_difference(q[:200], q[200:], 10.0)
    expected = decorrelated_distance(crystal.mean_square_amplitude(500.0))
    assert np.abs((found.distance - expected) / found.error).max() < 4
    assert found.error[0] == pytest.approx(found.distance.mean() * 0.01, rel=0.6)


@pytest.mark.parametrize(
    ("positions", "reference", "options", "words"),
    [
        (np.zeros((4, 2, 3)), np.zeros((5, 2, 3)), {}, "the same starts"),
        (np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), {}, "two frames"),
        (np.full((4, 2, 3), np.nan), np.zeros((4, 2, 3)), {}, "start 0 are not finite"),
        (np.zeros((4, 2, 3)), np.zeros((4, 2, 3)), {"thresholds": [0.0]}, "threshold is 0"),
    ],
)
def test_bad_input_is_named(
    positions: np.ndarray, reference: np.ndarray, options: dict, words: str
) -> None:
    with pytest.raises(LongstrideError, match=words):
        displacement_difference(positions, reference, 10.0, **options)
