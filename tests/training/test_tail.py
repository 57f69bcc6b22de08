"""Levels of tails whose answer is known, by z-scores."""

import numpy as np
import pytest
from scipy import stats

from longstride.errors import ConfigError
from longstride.training.tail import fit_tail

REPEATS, SIZE, RATE = 60, 20_000, 1e-4


def log_ratios(distribution) -> np.ndarray:
    """Logarithms of the rates at which the fitted levels are exceeded, over the rate asked for."""
    rng = np.random.default_rng(5)
    found = []
    for _ in range(REPEATS):
        tail = fit_tail(distribution.rvs(SIZE, random_state=rng))
        assert tail.shape >= 0
        found.append(np.log(distribution.sf(tail.level(RATE)) / RATE))
    return np.array(found)


def z_score(values: np.ndarray, expected: float = 0.0) -> float:
    """Of the median, whose error for a normal distribution is sqrt(π/2) times the mean's."""
    error = (0.5 * np.pi) ** 0.5 * values.std(ddof=1) / len(values) ** 0.5
    return float((np.median(values) - expected) / error)


def test_an_exact_pareto_tail_is_recovered() -> None:
    """Above any threshold a generalised Pareto distribution is one again, of the same shape."""
    known = stats.genpareto(0.25)
    assert abs(z_score(log_ratios(known))) < 4
    rng = np.random.default_rng(6)
    shapes = np.array([fit_tail(known.rvs(SIZE, random_state=rng)).shape for _ in range(REPEATS)])
    assert abs(z_score(shapes, 0.25)) < 4


def test_the_levels_of_an_exponential_tail_are_never_exceeded_more_often_than_stated() -> None:
    """The shape is at its bound, so that the error is on one side: fewer alarms."""
    assert z_score(log_ratios(stats.expon())) < 4


@pytest.mark.parametrize("distribution", [stats.norm(), stats.gamma(3.0), stats.uniform()])
def test_lighter_tails_alarm_less_than_stated(distribution) -> None:
    with np.errstate(divide="ignore"):
        ratios = log_ratios(distribution)
    ratios = np.maximum(ratios, -50.0)
    assert np.median(ratios) < 0


def test_heavy_tails_are_seen_as_heavy() -> None:
    """Student's t with five degrees of freedom: ξ = 1/5, approached from below."""
    rng = np.random.default_rng(7)
    shapes = [fit_tail(stats.t(5).rvs(SIZE, random_state=rng)).shape for _ in range(REPEATS)]
    assert 0.02 < np.mean(shapes) < 0.25


def test_a_level_at_the_share_is_the_threshold() -> None:
    tail = fit_tail(np.random.default_rng(8).exponential(size=SIZE))
    assert tail.level(tail.share) == pytest.approx(tail.threshold)
    assert tail.level(1e-6) > tail.level(1e-5) > tail.level(1e-4)


def test_too_few_samples_and_samples_without_spread_are_refused() -> None:
    with pytest.raises(ConfigError, match="499 atoms of validation data are too few"):
        fit_tail(np.arange(499.0))
    with pytest.raises(ConfigError, match="no spread"):
        fit_tail(np.ones(1000))
