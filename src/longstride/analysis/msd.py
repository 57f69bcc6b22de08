"""Mean square displacement over all time origins, and the diffusion coefficient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import frames, mass_vector, positive
from longstride.analysis.frame_store import ArrayStore, FrameStore
from longstride.analysis.statistics import Estimate
from longstride.errors import LongstrideError

Array = NDArray[np.floating]

_CHUNK = 1_500_000
"""Values transformed at a time: bounds the memory of the padded FFT."""


@dataclass(frozen=True, slots=True)
class Msd:
    """A mean square displacement.

    Attributes:
        lag: (L,) lags in fs, from 0.
        value: (L,) mean square displacement in Å².
        error: (L,) standard error from groups of atoms, which it takes as independent: a lower
            bound in a crystal.
        blocks: (B, L) the curve of each group, in Å².
    """

    lag: Array
    value: Array
    error: Array
    blocks: Array


def mean_square_displacement(
    positions: ArrayLike,
    interval: float,
    *,
    masses: ArrayLike | None = None,
    max_lag: int | None = None,
    n_blocks: int = 10,
) -> Msd:
    """``MSD(k) = 1/(N (F - k)) Σ_i Σ_t |q_i(t + k) - q_i(t)|²`` for every lag k and all time
    origins t.

    The sum over origins is ``S1(k) - 2 S2(k)``: S1 by a running sum of squares, S2 as the
    autocorrelation of the positions by FFT, O(F log F), all in float64 after the first frame is
    subtracted.
    Source: Calandrini et al., Collection SFN 12, 201 (2011), sec. 4.2.

    Args:
        positions: (F, N, 3) **unwrapped** positions in Å.
        interval: time between frames in fs.
        masses: (N,) masses in amu; if given, the drift of the center of mass is removed.
        max_lag: largest lag in frames; default F - 1 (few origins: noisy).
        n_blocks: groups of Cartesian coordinates behind the error.
    """
    q = frames("positions", positions, at_least=2)
    return msd_of(ArrayStore(q), interval, masses=masses, max_lag=max_lag, n_blocks=n_blocks)


def msd_of(
    positions: FrameStore,
    interval: float,
    *,
    masses: ArrayLike | None,
    max_lag: int | None,
    n_blocks: int,
) -> Msd:
    """``mean_square_displacement`` of checked positions, wherever they are kept."""
    step = positive("interval", interval)
    n_frames, n_atoms = positions.n_frames, positions.n_atoms
    n_lags = n_frames if max_lag is None else int(max_lag) + 1
    if not 2 <= n_lags <= n_frames:
        raise LongstrideError(
            f"max_lag is {max_lag} for {n_frames} frames: give 1 to {n_frames - 1}"
        )
    drift = np.zeros((n_frames, 3))
    if masses is not None:
        weights = mass_vector(masses, n_atoms)
        share = weights / weights.sum()
        first = next(positions.frames())
        for k, frame in enumerate(positions.frames()):
            drift[k] = np.einsum("i,ia->a", share, frame - first)
    n_columns = 3 * n_atoms
    n_groups = min(n_blocks, n_columns)
    sums = np.zeros((n_groups, n_lags))
    width = max(1, _CHUNK // (6 * n_frames))
    for start in range(0, n_atoms, width):
        part = positions.atoms(start, start + width)
        part = (part - part[0]) - drift[:, None]
        curves = _column_msd(part.reshape(n_frames, -1), n_lags)
        group = (np.arange(curves.shape[1]) + 3 * start) % n_groups
        for b in range(n_groups):
            sums[b] += curves[:, group == b].sum(axis=1)
    members = np.bincount(np.arange(n_columns) % n_groups, minlength=n_groups)
    # Coordinates count one by one, so the curve of three dimensions is three times the mean.
    blocks = 3.0 * sums / members[:, None]
    value = 3.0 * sums.sum(axis=0) / n_columns
    error = blocks.std(axis=0, ddof=1) / np.sqrt(n_groups)
    return Msd(step * np.arange(n_lags), value, error, blocks)


def _column_msd(x: Array, n_lags: int) -> Array:
    """(n_lags, C) mean square displacement of each column of an (F, C) array."""
    n = len(x)
    square = x * x
    power = np.abs(np.fft.rfft(x, 2 * n, axis=0)) ** 2
    s2 = np.fft.irfft(power, 2 * n, axis=0)[:n_lags]
    # S1(k) = Σ_{t<F-k} x(t)² + Σ_{t>=k} x(t)²
    cumulated = np.concatenate([np.zeros((1, x.shape[1])), np.cumsum(square, axis=0)])
    lags = np.arange(n_lags)
    s1 = cumulated[n - lags] + cumulated[n] - cumulated[lags]
    msd = (s1 - 2.0 * s2) / (n - lags)[:, None]
    msd[0] = 0.0
    return np.asarray(np.maximum(msd, 0.0), dtype=np.float64)


def diffusion_coefficient(msd: Msd, start: float, stop: float) -> Estimate:
    """Self-diffusion coefficient, ``D = (1/6) d MSD / dt`` (Einstein), from a line through lags
    ``start`` to ``stop``.

    Source: Allen and Tildesley (2017), sec. 8.5. The error is the spread of the slopes of the
    groups of atoms.

    Args:
        msd: the curve.
        start, stop: lags in fs, beyond the ballistic time and well below the trajectory length.

    Returns:
        D in Å²/fs.

    Raises:
        LongstrideError: fewer than three lags between ``start`` and ``stop``.
    """
    chosen = (msd.lag >= start) & (msd.lag <= stop)
    if int(chosen.sum()) < 3:
        raise LongstrideError(
            f"{int(chosen.sum())} lags lie between {start:g} and {stop:g} fs:"
            f" widen the range (lags reach {msd.lag[-1]:g} fs)"
        )
    t = msd.lag[chosen] - msd.lag[chosen].mean()
    slopes = msd.blocks[:, chosen] @ t / float(t @ t) / 6.0
    value = float(msd.value[chosen] @ t / (t @ t)) / 6.0
    return Estimate(value, float(slopes.std(ddof=1) / np.sqrt(len(slopes))))
