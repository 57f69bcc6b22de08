"""Noise floors: right where the answer is known, and honest where blocks are correlated."""

import numpy as np
import pytest

from longstride.errors import LongstrideError
from longstride.validation.measures import number
from longstride.validation.noise import noise_floor


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(a[0] - b[0])


def test_the_floor_of_a_mean_is_its_standard_deviation() -> None:
    rng = np.random.default_rng(1)
    floors = [
        noise_floor([rng.normal(size=(8, 1)) for _ in range(3)], 8, difference) for _ in range(60)
    ]
    # Both means scatter: 1/8 + 1/24. The distance of runs is a lower bound, so it is a bit more.
    assert np.sqrt(1 / 8 + 1 / 24) * 0.95 < np.mean(floors) < np.sqrt(1 / 8 + 1 / 24) * 1.25


def test_runs_that_differ_more_than_their_blocks_raise_the_floor() -> None:
    rng = np.random.default_rng(2)
    runs = [shift + 0.01 * rng.normal(size=(8, 1)) for shift in (-1.0, 0.0, 1.0)]
    assert noise_floor(runs, 8, difference) > 0.5


def test_equal_blocks_have_no_noise() -> None:
    assert noise_floor([np.ones((4, 3))], 2, lambda a, b: float(np.abs(a - b).sum())) == 0.0


def test_one_block_is_too_few() -> None:
    with pytest.raises(LongstrideError, match="two blocks"):
        noise_floor([np.ones((1, 3))], 2, difference)


def test_a_difference_of_correlated_series_is_judged_by_its_true_scatter() -> None:
    rng = np.random.default_rng(3)

    def run() -> list[np.ndarray]:
        noise = rng.normal(size=4000)
        series = np.empty(4000)
        value = 0.0
        for k, kick in enumerate(noise):
            value = 0.95 * value + np.sqrt(1 - 0.95**2) * kick
            series[k] = value
        return list(series.reshape(8, 500))

    deviates = []
    for _ in range(40):
        found = number([run()], [run(), run()])
        deviates.append((found.own - found.known) / found.error)
    assert np.std(deviates) < 1.2
    assert np.max(np.abs(deviates)) < 4.0
