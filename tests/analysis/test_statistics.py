"""Statistics against processes whose answers are known."""

import numpy as np
import pytest

from longstride.analysis import (
    autocorrelation,
    block_averages,
    equilibration_start,
    l1_distance,
    linear_drift,
    mean_with_error,
    overlap,
    statistical_inefficiency,
)
from longstride.errors import LongstrideError


def ar1(rng: np.random.Generator, n: int, rho: float) -> np.ndarray:
    """x_t = ρ x_(t-1) + noise, stationary, of variance one; its inefficiency is (1 + ρ)/(1 - ρ)."""
    noise = rng.normal(size=n) * np.sqrt(1 - rho**2)
    x = np.empty(n)
    x[0] = rng.normal()
    for t in range(1, n):
        x[t] = rho * x[t - 1] + noise[t]
    return x


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_inefficiency_of_an_ar1_series(rho: float) -> None:
    rng = np.random.default_rng(1)
    samples = [statistical_inefficiency(ar1(rng, 8000, rho)) for _ in range(12)]
    # Clipping at one and cutting at the first zero bias g by a few percent.
    assert np.mean(samples) == pytest.approx((1 + rho) / (1 - rho), rel=0.12)


def test_autocorrelation_equals_the_sum_over_origins() -> None:
    a = np.random.default_rng(2).normal(size=50)
    d = a - a.mean()
    direct = [np.mean(d[: 50 - k] * d[k:]) / np.mean(d * d) for k in range(50)]
    np.testing.assert_allclose(autocorrelation(a), direct, atol=1e-12)


def test_error_of_a_correlated_mean_is_calibrated() -> None:
    rng = np.random.default_rng(3)
    scores = []
    for _ in range(150):
        estimate = mean_with_error(ar1(rng, 1500, 0.8))
        scores.append(estimate.value / estimate.error)
    assert abs(np.mean(scores)) < 4 / np.sqrt(150)
    assert np.std(scores) == pytest.approx(1.0, abs=0.25)


def test_constant_series_has_no_error() -> None:
    estimate = mean_with_error(np.full(10, 3.3))
    assert (estimate.value, estimate.inefficiency) == (pytest.approx(3.3), 1.0)
    assert estimate.error < 1e-14


def test_drift_is_calibrated_under_correlated_noise() -> None:
    rng = np.random.default_rng(4)
    t = 10.0 * np.arange(1500)
    scores = []
    for _ in range(150):
        estimate = linear_drift(t, 0.01 * t + ar1(rng, 1500, 0.7))
        scores.append((estimate.value - 0.01) / estimate.error)
    assert abs(np.mean(scores)) < 4 / np.sqrt(150)
    assert np.std(scores) == pytest.approx(1.0, abs=0.25)


def test_drift_of_an_exact_line() -> None:
    t = np.arange(20.0)
    estimate = linear_drift(t, 5.0 - 2.0 * t)
    assert estimate.value == pytest.approx(-2.0)
    assert estimate.error < 1e-12


def test_block_averages_drop_the_start() -> None:
    np.testing.assert_allclose(block_averages(np.arange(7.0), 3), [1.5, 3.5, 5.5])


def test_equilibration_start_leaves_the_relaxation_out() -> None:
    rng = np.random.default_rng(5)
    t = np.arange(1000)
    start = equilibration_start(ar1(rng, 1000, 0.3) + 20 * np.exp(-t / 40))
    assert 80 <= start <= 400


def test_distances_of_curves() -> None:
    x = np.linspace(0, 1, 101)
    assert l1_distance(x, np.ones(101), np.ones(101)) == 0.0
    assert l1_distance(x, np.full(101, 1.1), np.ones(101)) == pytest.approx(0.1)
    assert overlap(x, np.full(101, 7.0), np.ones(101)) == pytest.approx(1.0)
    assert overlap(x, x < 0.45, x > 0.55) == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_with_error([1.0]), "at least 2"),
        (lambda: mean_with_error([1.0, np.nan]), "not finite from value 1"),
        (lambda: l1_distance([0, 1], [1, 1, 1], [1, 1]), "one grid"),
        (lambda: l1_distance([0, 1], [1, 1], [0, 0]), "zero everywhere"),
        (lambda: overlap([0, 1], [-1, 1], [1, 1]), "non-negative"),
        (lambda: linear_drift([0, 2, 1], [0, 0, 0]), "increase"),
        (lambda: block_averages([1.0, 2.0], 3), "give 1 to 2"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        call()
