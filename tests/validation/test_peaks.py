"""Peaks of a density of states: found where they are, moved as far as they were moved."""

import numpy as np
import pytest

from longstride.validation.checks.dynamics import main_peaks, peak_shift

FREQUENCY = np.arange(0.0, 25.0, 0.25)


def spectrum(places: list[float], width: float = 0.6) -> np.ndarray:
    """Gaussian peaks on a broad background."""
    peaks = sum(np.exp(-(((FREQUENCY - f) / width) ** 2)) for f in places)
    return np.asarray(peaks + 0.3 * np.exp(-(((FREQUENCY - 7.0) / 5.0) ** 2)))


def test_main_peaks_are_found_between_bins() -> None:
    assert main_peaks(FREQUENCY, spectrum([5.6, 9.1])) == pytest.approx([5.6, 9.1], abs=0.05)


@pytest.mark.parametrize("shift", [-0.4, -0.1, 0.0, 0.2, 0.6])
def test_a_moved_peak_is_seen_at_its_shift(shift: float) -> None:
    own, known = spectrum([5.6, 9.1 + shift]), spectrum([5.6, 9.1])
    assert peak_shift(FREQUENCY, 9.1, own, known) == pytest.approx(shift, abs=0.04)
    assert peak_shift(FREQUENCY, 5.6, own, known) == pytest.approx(0.0, abs=0.04)


def test_noise_does_not_make_a_peak_jump() -> None:
    rng = np.random.default_rng(3)
    known = spectrum([5.6, 9.1])
    noisy = [known * (1.0 + 0.25 * rng.standard_normal(len(known))) for _ in range(50)]
    shifts = np.array([peak_shift(FREQUENCY, 9.1, own, known) for own in noisy])
    assert np.abs(shifts).max() < 0.5
    assert abs(shifts.mean()) < 4.0 * shifts.std() / np.sqrt(len(shifts))
