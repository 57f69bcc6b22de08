"""Variances of correlated series, and the heat capacity they measure."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import positive
from longstride.analysis.checks import series as checked
from longstride.analysis.statistics import Estimate, statistical_inefficiency
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN

Array = NDArray[np.float64]

LEAST_BLOCKS: Final = 5
"""Blocks below which their spread is no error."""


def variance_with_error(
    values: ArrayLike, *, n_blocks: int = 20, n_resamples: int = 500, seed: int = 0
) -> Estimate:
    """Variance of a stationary correlated series, with an error by the bootstrap of its blocks.

    ``s² = Σ (a - <a>)² / (F - g)``: the mean takes away the weight of one independent sample, g
    frames. Each resample draws blocks of time with replacement and takes the variance of all their
    frames. Blocks are at least two inefficiencies long, fewer than ``n_blocks`` where need be.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), sec. 8.6 (blocks);
    Flyvbjerg and Petersen, J. Chem. Phys. 91, 461 (1989).

    Args:
        values: (F,) series, equally spaced.
        n_blocks: blocks of time, at most.
        n_resamples: resamples of the bootstrap.
        seed: of the resamples.

    Returns:
        the variance in the square of the series' unit.

    Raises:
        LongstrideError: a series too short for 5 blocks, or a constant one.
    """
    a = checked("series", values, at_least=2 * LEAST_BLOCKS)
    fluctuation = a - a.mean()
    total = float(fluctuation @ fluctuation)
    if total <= len(a) * (1e-14 * max(1.0, float(np.abs(a).max()))) ** 2:
        raise LongstrideError("the series is constant: it has no fluctuations")
    g = statistical_inefficiency(a)
    count = min(n_blocks, int(len(a) / (2.0 * g)))
    if count < LEAST_BLOCKS:
        raise LongstrideError(
            f"{len(a)} values hold {len(a) / g:.1f} independent samples, at least"
            f" {2 * LEAST_BLOCKS} are needed for fluctuations: run longer"
        )
    size = len(a) // count
    blocks = fluctuation[len(a) - size * count :].reshape(count, size)
    drawn = np.random.default_rng(seed).integers(count, size=(n_resamples, count))
    mean = blocks.mean(axis=1)[drawn].mean(axis=1)
    square = (blocks**2).mean(axis=1)[drawn].mean(axis=1)
    # A bootstrap of B blocks scatters like sqrt((B - 1) / B) of the truth.
    error = float((square - mean**2).std(ddof=1)) * float(np.sqrt(count / (count - 1)))
    return Estimate(total / (len(a) - g), error, g)


def square_inefficiency(values: ArrayLike) -> float:
    """Frames for one independent square of a series' fluctuation.

    The variance of a Gaussian series of F frames has the relative error ``sqrt(2 g / F)``; squares
    are less correlated than the series itself.

    Args:
        values: (F,) series, equally spaced.

    Raises:
        LongstrideError: fewer than two values.
    """
    a = checked("series", values, at_least=2)
    return statistical_inefficiency(np.square(a - a.mean()))


def heat_capacity(
    energies: ArrayLike,
    temperature: float,
    *,
    kinetic_degrees: int = 0,
    n_blocks: int = 20,
    seed: int = 0,
) -> Estimate:
    """Heat capacity of a canonical run, ``C_V = <δE²> / (k_B T²) + (f/2) k_B``.

    Give the total energy; or, less noisily, the potential energy and the degrees of freedom f whose
    kinetic part is known exactly.
    Source: Allen and Tildesley, Computer Simulation of Liquids (2017), eq. 2.80.

    Args:
        energies: (F,) total or potential energy of the whole cell in eV, from an NVT run.
        temperature: of the bath in K.
        kinetic_degrees: f, 3 N - 3 (or 3 N where the bath acts on the total momentum) for potential
            energies, 0 for total energies.
        n_blocks, seed: of the bootstrap behind the error.

    Returns:
        C_V of the whole cell in eV/K.
    """
    target = positive("temperature", temperature, "K")
    if kinetic_degrees < 0:
        raise LongstrideError(f"kinetic_degrees is {kinetic_degrees}: give 0 or more")
    variance = variance_with_error(energies, n_blocks=n_blocks, seed=seed)
    scale = 1.0 / (BOLTZMANN * target**2)
    return Estimate(
        scale * variance.value + 0.5 * kinetic_degrees * BOLTZMANN,
        scale * variance.error,
        variance.inefficiency,
    )
