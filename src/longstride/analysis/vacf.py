"""Velocity autocorrelation function."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import frames, mass_vector, positive
from longstride.analysis.frame_store import ArrayStore, FrameStore
from longstride.errors import LongstrideError

Array = NDArray[np.floating]

_CHUNK = 1_500_000
"""Values transformed at a time: bounds the memory of the padded FFT."""


@dataclass(frozen=True, slots=True)
class Vacf:
    """A velocity autocorrelation function.

    Attributes:
        lag: (L,) lags in fs, from 0.
        value: (L,) normalised, value[0] = 1.
        initial: mass-weighted mean square velocity ``<m v²>`` at lag 0, in amu (Å/fs)²; 3 k_B T in
            equilibrium.
    """

    lag: Array
    value: Array
    initial: float


def velocity_autocorrelation(
    velocities: ArrayLike,
    masses: ArrayLike,
    interval: float,
    *,
    max_lag: int | None = None,
) -> Vacf:
    """``C(k) = Σ_i m_i <v_i(t)·v_i(t + k)> / Σ_i m_i <v_i²>`` over all time origins, by zero-padded
    FFT.

    Mass-weighted, so that its Fourier transform is the vibrational density of states of a compound
    too; for one species it is the plain VACF. Source: Allen and Tildesley (2017), sec. 8.3
    (Wiener-Khinchin).

    Args:
        velocities: (F, N, 3) velocities in Å/fs.
        masses: (N,) masses in amu.
        interval: time between frames in fs.
        max_lag: largest lag in frames; default F - 1 (few origins: noisy).
    """
    v = frames("velocities", velocities, at_least=2)
    return vacf_of(ArrayStore(v), masses, interval, max_lag=max_lag)


def vacf_of(
    velocities: FrameStore, masses: ArrayLike, interval: float, *, max_lag: int | None
) -> Vacf:
    """``velocity_autocorrelation`` of checked velocities, wherever they are kept."""
    step = positive("interval", interval)
    weights = mass_vector(masses, velocities.n_atoms)
    n = velocities.n_frames
    n_lags = n if max_lag is None else int(max_lag) + 1
    if not 2 <= n_lags <= n:
        raise LongstrideError(f"max_lag is {max_lag} for {n} frames: give 1 to {n - 1}")
    power = np.zeros(n + 1)
    width = max(1, _CHUNK // (6 * n))
    for start in range(0, len(weights), width):
        stop = start + width
        part = velocities.atoms(start, stop)
        columns = (part * np.sqrt(weights[start:stop, None])).reshape(n, -1)
        power += (np.abs(np.fft.rfft(columns, 2 * n, axis=0)) ** 2).sum(axis=1)
    correlation = np.fft.irfft(power, 2 * n)[:n_lags] / (n - np.arange(n_lags)) / len(weights)
    if correlation[0] <= 0.0:
        raise LongstrideError("all velocities are zero: their autocorrelation has no meaning")
    return Vacf(step * np.arange(n_lags), correlation / correlation[0], float(correlation[0]))
