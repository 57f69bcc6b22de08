"""VACF, VDOS and mean square amplitude against harmonic oscillators."""

import numpy as np
import pytest

from longstride.analysis import (
    density_of_states,
    density_of_states_from_vacf,
    mean_square_amplitude,
    velocity_autocorrelation,
)
from longstride.errors import LongstrideError


def oscillators(
    frequency: float, interval: float, n_frames: int, n_atoms: int = 40
) -> tuple[np.ndarray, np.ndarray]:
    """Positions and velocities of oscillators of one frequency (THz), random phases."""
    rng = np.random.default_rng(1)
    omega = 2 * np.pi * frequency * 1e-3
    phase = rng.uniform(0, 2 * np.pi, (n_atoms, 3))
    t = interval * np.arange(n_frames)[:, None, None]
    return np.cos(omega * t + phase), -omega * np.sin(omega * t + phase)


def test_vacf_of_an_oscillator_is_a_cosine() -> None:
    _, v = oscillators(5.0, 4.0, 500)
    vacf = velocity_autocorrelation(v, np.ones(40), 4.0, max_lag=200)
    np.testing.assert_allclose(vacf.value, np.cos(2 * np.pi * 5e-3 * vacf.lag), atol=0.02)


def test_vacf_equals_the_sum_over_origins() -> None:
    rng = np.random.default_rng(2)
    v, m = rng.normal(size=(25, 4, 3)), rng.uniform(1, 9, 4)
    direct = np.array(
        [np.mean(np.einsum("i,fia,fia->f", m, v[: 25 - k], v[k:])) / 4 for k in range(25)]
    )
    vacf = velocity_autocorrelation(v, m, 1.0)
    np.testing.assert_allclose(vacf.value * vacf.initial, direct, atol=1e-12)


@pytest.mark.parametrize("frequency", [3.3, 7.1, 9.9])
def test_peak_of_an_oscillator(frequency: float) -> None:
    _, v = oscillators(frequency, 20.0, 500)
    vdos = density_of_states(v, np.ones(40), 20.0)
    assert vdos.nyquist == pytest.approx(25.0)
    assert vdos.peak == pytest.approx(frequency, abs=0.1)
    other = density_of_states_from_vacf(velocity_autocorrelation(v, np.ones(40), 20.0, max_lag=250))
    assert other.peak == pytest.approx(frequency, abs=0.1)
    assert np.sum(other.density) * other.frequency[1] == pytest.approx(1.0)


def test_vibration_above_the_nyquist_limit_is_folded() -> None:
    _, v = oscillators(10.0, 60.0, 500)
    vdos = density_of_states(v, np.ones(40), 60.0)
    assert vdos.nyquist == pytest.approx(25.0 / 3)
    assert vdos.peak == pytest.approx(2 * 25.0 / 3 - 10.0, abs=0.1)


def test_parseval() -> None:
    rng = np.random.default_rng(3)
    v, m = rng.normal(size=(64, 7, 3)), rng.uniform(1, 9, 7)
    vdos = density_of_states(v, m, 10.0, resolution=100 / 64, window="boxcar")
    assert vdos.total == pytest.approx(np.mean(np.einsum("i,fia,fia->f", m, v, v)) / 7)
    assert np.sum(vdos.density) * vdos.frequency[1] == pytest.approx(1.0)


def test_white_noise_is_flat_within_its_error() -> None:
    v = np.random.default_rng(4).normal(size=(512, 100, 3))
    vdos = density_of_states(v, np.ones(100), 10.0, n_blocks=30)
    z = (vdos.density[2:-2] - 1 / vdos.nyquist) / vdos.error[2:-2]
    assert np.sqrt(np.mean(z**2)) < 1.4


def test_amplitude_of_oscillators_with_drift() -> None:
    q, _ = oscillators(5.0, 4.0, 500)
    drifting = q + np.array([0.01, -0.02, 0.03]) * np.arange(500)[:, None, None]
    amplitude = mean_square_amplitude(drifting, np.ones(40))
    # 3 directions × 1/2, less the share of the center of mass, 1/40.
    assert amplitude.value == pytest.approx(1.5, rel=0.06)
    assert amplitude.value == pytest.approx(mean_square_amplitude(q, np.ones(40)).value)
    assert amplitude.debye_waller == pytest.approx(8 * np.pi**2 / 3 * amplitude.value)


def test_amplitude_of_gaussian_noise_by_z_score() -> None:
    q = 0.1 * np.random.default_rng(5).normal(size=(400, 50, 3)) + 3.0
    amplitude = mean_square_amplitude(q, np.full(50, 27.0))
    expected = 0.03 * (1 - 1 / 50) * (1 - 1 / 400)
    assert abs(amplitude.value - expected) < 4 * amplitude.error
    np.testing.assert_allclose(amplitude.sites, 3.0, atol=0.2)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: density_of_states(np.zeros((10, 2, 3)), np.ones(2), 1.0),
            "all velocities are zero",
        ),
        (
            lambda: velocity_autocorrelation(np.zeros((10, 2, 3)), np.ones(2), 1.0),
            "all velocities are zero",
        ),
        (
            lambda: density_of_states(np.ones((10, 2, 3)), np.ones(2), 20.0, resolution=0.1),
            "give 5 to 6.25 THz",
        ),
        (lambda: density_of_states(np.ones((5, 2, 3)), np.ones(2), 1.0), "at least 8"),
        (lambda: mean_square_amplitude(np.ones((5, 2, 3)), [1.0, 0.0]), "positive"),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        call()
