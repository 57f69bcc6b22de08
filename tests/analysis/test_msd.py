"""MSD against the brute-force sum, Brownian motion and ballistic flight."""

import numpy as np
import pytest

from longstride.analysis import diffusion_coefficient, mean_square_displacement
from longstride.errors import LongstrideError


def test_fft_equals_brute_force() -> None:
    q = np.cumsum(np.random.default_rng(1).normal(size=(37, 5, 3)), axis=0) + 1e4
    msd = mean_square_displacement(q, 2.0)
    direct = [np.mean(np.sum((q[k:] - q[: 37 - k]) ** 2, axis=-1)) for k in range(37)]
    np.testing.assert_allclose(msd.value, direct, rtol=1e-10)
    np.testing.assert_allclose(msd.lag, 2.0 * np.arange(37))


def test_chunks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    q = np.random.default_rng(2).normal(size=(20, 11, 3))
    whole = mean_square_displacement(q, 1.0)
    monkeypatch.setattr("longstride.analysis.msd._CHUNK", 1)
    parts = mean_square_displacement(q, 1.0)
    np.testing.assert_allclose(parts.value, whole.value, rtol=1e-12)
    np.testing.assert_allclose(parts.blocks, whole.blocks, rtol=1e-12)


def test_brownian_motion_is_6dt() -> None:
    rng = np.random.default_rng(3)
    d, dt, n = 0.02, 5.0, 400
    q = np.cumsum(rng.normal(scale=np.sqrt(2 * d * dt), size=(200, n, 3)), axis=0)
    msd = mean_square_displacement(q, dt, max_lag=20, n_blocks=40)
    z = (msd.value[1:] - 6 * d * msd.lag[1:]) / msd.error[1:]
    assert np.abs(z).max() < 4
    estimate = diffusion_coefficient(msd, 5.0, 100.0)
    assert abs(estimate.value - d) < 4 * estimate.error
    assert estimate.error < 0.03 * d


def test_flight_is_quadratic_and_drift_is_removed() -> None:
    rng = np.random.default_rng(4)
    v, masses = rng.normal(size=(6, 3)), rng.uniform(1, 5, 6)
    t = np.arange(30.0)
    q = rng.normal(size=(6, 3)) + t[:, None, None] * v
    free = mean_square_displacement(q, 1.0)
    np.testing.assert_allclose(free.value, np.mean(np.sum(v**2, -1)) * t**2, rtol=1e-9, atol=1e-9)
    relative = v - masses @ v / masses.sum()
    bound = mean_square_displacement(q, 1.0, masses=masses)
    np.testing.assert_allclose(
        bound.value, np.mean(np.sum(relative**2, -1)) * t**2, rtol=1e-9, atol=1e-9
    )


def test_one_atom_has_an_error_too() -> None:
    q = np.cumsum(np.random.default_rng(5).normal(size=(50, 1, 3)), axis=0)
    assert np.isfinite(mean_square_displacement(q, 1.0).error).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_square_displacement(np.zeros((1, 2, 3)), 1.0), "1 frames"),
        (lambda: mean_square_displacement(np.zeros((5, 2)), 1.0), "shape"),
        (
            lambda: mean_square_displacement(np.full((5, 2, 3), np.inf), 1.0),
            "not finite from frame 0",
        ),
        (lambda: mean_square_displacement(np.zeros((5, 2, 3)), 0.0), "interval is 0"),
        (lambda: mean_square_displacement(np.zeros((5, 2, 3)), 1.0, max_lag=5), "give 1 to 4"),
        (
            lambda: mean_square_displacement(np.zeros((5, 2, 3)), 1.0, masses=[1.0]),
            "one mass for each",
        ),
        (
            lambda: diffusion_coefficient(
                mean_square_displacement(np.zeros((5, 2, 3)), 1.0), 9, 10
            ),
            "widen",
        ),
    ],
)
def test_bad_input_is_named(call, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        call()
