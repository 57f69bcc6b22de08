"""Statistics of correlated time series and of curves."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from longstride.analysis.checks import series as checked
from longstride.errors import LongstrideError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard error.

    Attributes:
        value: the estimate.
        error: its standard error (one sigma), in the unit of the value.
        inefficiency: statistical inefficiency g of the series behind it (1 for independent
            samples).
    """

    value: float
    error: float
    inefficiency: float = 1.0


def autocorrelation(values: ArrayLike) -> Array:
    """Normalised autocorrelation of the fluctuations of a series, by zero-padded FFT.

    ``C(k) = <δa(i) δa(i+k)> / <δa²>`` with every origin i used, (F - k) of them for lag k
    (Wiener-Khinchin).

    Args:
        values: (F,) series, equally spaced.

    Returns:
        (F,) array with C(0) = 1; ones at lag 0 and zeros beyond for a constant series.
    """
    a = checked("series", values)
    fluctuation = a - a.mean()
    n = len(a)
    variance = float(fluctuation @ fluctuation) / n
    if variance <= (1e-14 * max(1.0, float(np.abs(a).max()))) ** 2:
        constant = np.zeros(n)
        constant[0] = 1.0
        return constant
    power = np.abs(np.fft.rfft(fluctuation, 2 * n)) ** 2
    counts = n - np.arange(n)
    return np.asarray(np.fft.irfft(power, 2 * n)[:n] / counts / variance, dtype=np.float64)


def statistical_inefficiency(values: ArrayLike) -> float:
    """Number of correlated samples that weigh as much as one independent sample.

    ``g = 1 + 2 Σ_k (1 - k/F) C(k)``, summed while two neighbouring values of the autocorrelation C
    are positive together: one alone is below zero where a vibration is seen above a slow motion.
    Sources: Chodera et al., J. Chem. Theory Comput. 3, 26 (2007), eqs. 14 and 18; Geyer, Statist.
    Sci. 7, 473 (1992), sec. 3.3, for where the sum ends.

    Args:
        values: (F,) series, equally spaced.

    Returns:
        g >= 1, dimensionless.
    """
    return inefficiency_of(autocorrelation(values))


def inefficiency_of(correlation: Array) -> float:
    """Statistical inefficiency from a normalised autocorrelation (F,) with C(0) = 1."""
    n = len(correlation)
    even = correlation[: n - n % 2]
    negative = np.flatnonzero(even[::2] + even[1::2] <= 0.0)
    stop = 2 * int(negative[0]) if len(negative) else n
    lags = np.arange(1, stop)
    return max(1.0, 1.0 + 2.0 * float(np.sum((1.0 - lags / n) * correlation[1:stop])))


LEAST_SAMPLES: Final = 8
"""Independent samples below which a distribution cannot be judged."""


def independent_spacing(inefficiency: float, n_frames: int) -> int:
    """Frames between two samples that count as independent: the statistical inefficiency,
    rounded.

    Raises:
        LongstrideError: fewer than ``LEAST_SAMPLES`` such samples.
    """
    spacing = max(1, round(inefficiency))
    if -(-n_frames // spacing) < LEAST_SAMPLES:
        raise LongstrideError(
            f"{n_frames} frames hold {n_frames / inefficiency:.1f} independent samples, at least"
            f" {LEAST_SAMPLES} are needed: run longer"
        )
    return spacing


def normal_deviate(p_value: float) -> float:
    """The two-sided normal deviate of a p-value: 0 for p = 1, 1.96 for p = 0.05, at most 37."""
    return float(norm.isf(0.5 * max(p_value, 1e-300)))


def mean_with_error(values: ArrayLike) -> Estimate:
    """Mean of a correlated series, ``error = s sqrt(g / F)`` with the sample deviation s.

    Source: Chodera et al. (2007), eq. 13.
    """
    a = checked("series", values)
    g = statistical_inefficiency(a)
    return Estimate(float(a.mean()), float(a.std(ddof=1) * np.sqrt(g / len(a))), g)


def block_averages(values: ArrayLike, n_blocks: int) -> Array:
    """Means of equal consecutive blocks; frames left over at the start (the least equilibrated) are
    dropped.

    Source: Flyvbjerg and Petersen, J. Chem. Phys. 91, 461 (1989).

    Args:
        values: (F, ...) series.
        n_blocks: number of blocks, 1 to F.

    Returns:
        (n_blocks, ...) block means. Their spread over sqrt(n_blocks) is the standard error of the
        mean when a block is longer than the correlation time.
    """
    a = np.asarray(values, dtype=np.float64)
    if not 1 <= n_blocks <= len(a):
        raise LongstrideError(f"n_blocks is {n_blocks} for {len(a)} values: give 1 to {len(a)}")
    size = len(a) // n_blocks
    tail = a[len(a) - size * n_blocks :]
    return np.asarray(tail.reshape(n_blocks, size, *a.shape[1:]).mean(axis=1), dtype=np.float64)


def equilibration_start(values: ArrayLike, candidates: int = 50) -> int:
    """First frame of the part of a series that holds the most independent samples,
    ``max (F - i) / g(i)``.

    Source: Chodera, J. Chem. Theory Comput. 12, 1799 (2016).
    """
    a = checked("series", values)
    starts = np.unique(np.linspace(0, max(len(a) // 2, 1), candidates, endpoint=False).astype(int))
    samples = [(len(a) - i) / statistical_inefficiency(a[i:]) for i in starts]
    return int(starts[int(np.argmax(samples))])


def l1_distance(x: ArrayLike, curve: ArrayLike, reference: ArrayLike) -> float:
    """Relative L1 distance of two curves, ``∫|a - b| dx / ∫|b| dx`` by the trapezoidal rule (0 for
    equal curves).
    """
    grid, a, b = (
        checked(name, v) for name, v in (("grid", x), ("curve", curve), ("reference", reference))
    )
    if not len(grid) == len(a) == len(b):
        raise LongstrideError(
            f"curves have {len(a)} and {len(b)} points on a grid of {len(grid)}: use one grid"
        )
    weight = float(np.trapezoid(np.abs(b), grid))
    if weight == 0.0:
        raise LongstrideError(
            "the reference curve is zero everywhere: there is nothing to compare with"
        )
    return float(np.trapezoid(np.abs(a - b), grid)) / weight


def overlap(x: ArrayLike, curve: ArrayLike, reference: ArrayLike) -> float:
    """Overlap of two non-negative curves, each normalised to one: ``∫ min(a, b) dx``, 1 for equal
    shapes, 0 for disjoint.
    """
    grid, a, b = (
        checked(name, v) for name, v in (("grid", x), ("curve", curve), ("reference", reference))
    )
    if not len(grid) == len(a) == len(b):
        raise LongstrideError(
            f"curves have {len(a)} and {len(b)} points on a grid of {len(grid)}: use one grid"
        )
    areas = [float(np.trapezoid(c, grid)) for c in (a, b)]
    if min(float(a.min()), float(b.min())) < 0.0 or min(areas) <= 0.0:
        raise LongstrideError("the overlap needs two non-negative curves with a positive area")
    return float(np.trapezoid(np.minimum(a / areas[0], b / areas[1]), grid))


def linear_drift(times: ArrayLike, values: ArrayLike) -> Estimate:
    """Slope of the least-squares line through a time series, with an error that knows of correlated
    residuals.

    ``error² = g Σ(residual²) / (F - 2) / Σ(t - <t>)²``, g the statistical inefficiency of the
    residuals.

    Args:
        times: (F,) times in fs, increasing; F >= 3.
        values: (F,) series.

    Returns:
        slope in units of the series per fs.
    """
    t, a = checked("times", times, 3), checked("series", values, 3)
    if len(t) != len(a):
        raise LongstrideError(f"{len(t)} times for {len(a)} values: give one time for each value")
    if not (np.diff(t) > 0).all():
        raise LongstrideError("times must increase: sort the frames")
    centred = t - t.mean()
    spread = float(centred @ centred)
    slope = float(centred @ a) / spread
    residual = a - a.mean() - slope * centred
    g = statistical_inefficiency(residual)
    variance = g * float(residual @ residual) / (len(a) - 2) / spread
    return Estimate(slope, float(np.sqrt(variance)), g)
