"""The drift of an energy on series whose answer is known."""

import numpy as np
import pytest
from measurements.drift import measure_drift


def test_a_straight_line_is_its_own_drift():
    times = 60.0 * np.arange(1000)
    drift = measure_drift(times, 5.0 + 2e-5 * times, kinetic=40.0, n_atoms=500)
    assert drift.percent == pytest.approx(100.0 * 2e-5 * 1e5 / 40.0)
    assert drift.rate == pytest.approx(1e3 * 2e-5 * 1e3 / 500)
    # the ends are nine tenths of the run's 1000 frames apart
    assert drift.ends_percent == pytest.approx(100.0 * 2e-5 * 60.0 * 900 / 40.0)
    assert drift.length == pytest.approx(59.94)


def test_the_error_covers_the_truth_for_correlated_noise():
    """z-scores of the slope over 200 series of an autoregressive process."""
    rng = np.random.default_rng(5)
    times = 60.0 * np.arange(1500)
    scores = []
    for _ in range(200):
        noise = np.zeros(len(times))
        kicks = rng.normal(size=len(times))
        for k in range(1, len(times)):
            noise[k] = 0.9 * noise[k - 1] + kicks[k]
        drift = measure_drift(times, noise + 1e-4 * times, kinetic=100.0, n_atoms=10)
        scores.append((drift.percent - 10.0) / drift.percent_error)
    assert abs(np.mean(scores)) < 4.0 / np.sqrt(200)
    assert 0.8 < np.std(scores) < 1.3
