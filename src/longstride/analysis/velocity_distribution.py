"""Velocities of single atoms against the Maxwell–Boltzmann distribution."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from longstride.analysis.checks import frames, mass_vector, positive
from longstride.analysis.statistics import (
    LEAST_SAMPLES,
    independent_spacing,
    inefficiency_of,
    normal_deviate,
)
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]

_CHUNK = 256
"""Atoms transformed at a time: bounds the memory of the padded FFT."""


@dataclass(frozen=True, slots=True)
class VelocityDistribution:
    """Velocities of single atoms against the normal distribution.

    Attributes:
        p_value: Kolmogorov–Smirnov probability of components ``v sqrt(m / k_B T)``, of all atoms
            and independent frames, at least this unlike the normal distribution.
        z: the same as a two-sided normal deviate, from 0 (alike) to 37 (p < 1e-300).
        kurtosis: excess kurtosis of the components; 0 for a normal distribution, positive where
            hot and cold atoms or moments are mixed.
        per_atom: (N,) kinetic temperature of each atom in K.
        per_atom_z: (N,) its distance from the target in canonical standard errors: a frozen atom
            stands out even where a thermostat holds the mean of all.
        spacing: frames between two samples.
    """

    p_value: float
    z: float
    kurtosis: float
    per_atom: Array
    per_atom_z: Array
    spacing: int


def velocity_distribution(
    velocities: ArrayLike, masses: ArrayLike, temperature: float
) -> VelocityDistribution:
    """Tests single velocities of a run at a known temperature: ``v sqrt(m / k_B T) ~ N(0, 1)``.

    Velocities are taken relative to the center of mass, and an atom's variance is
    ``(1 - m/M) k_B T / m`` with the mass M of the cell. Frames are taken one statistical
    inefficiency of the atoms' kinetic energies apart. In a large cell the test holds for runs at
    constant energy too, at their own temperature.

    Source: Merz and Shirts, PLoS ONE 13, e0202764 (2018).

    Args:
        velocities: (F, N, 3) velocities in Å/fs; N >= 2.
        masses: (N,) masses in amu.
        temperature: the temperature to test against in K.

    Raises:
        LongstrideError: fewer than 8 independent frames, one atom, or no motion.
    """
    v = frames("velocities", velocities, at_least=LEAST_SAMPLES)
    weights = mass_vector(masses, v.shape[1])
    target = positive("temperature", temperature, "K")
    if len(weights) < 2:
        raise LongstrideError(
            "one atom has no temperature beside its center of mass: give at least two atoms"
        )
    share = weights / weights.sum()
    # An atom's variance along each direction, in (Å/fs)².
    variance = BOLTZMANN * target * (1.0 - share) / (MASS_VELOCITY_SQUARED * weights)
    reduced = (v - np.einsum("i,fia->fa", share, v)[:, None]) / np.sqrt(variance)[:, None]
    squares = np.sum(reduced**2, axis=2)
    g = _inefficiency(squares)
    spacing = independent_spacing(g, len(v))
    sample = reduced[::spacing].ravel()
    p_value = float(stats.kstest(sample, "norm").pvalue)
    per_atom = target * squares.mean(axis=0) / 3.0
    error = target * np.sqrt(2.0 * g / (3.0 * len(v)))
    return VelocityDistribution(
        p_value,
        normal_deviate(p_value),
        float(stats.kurtosis(sample)),
        per_atom,
        (per_atom - target) / error,
        spacing,
    )


def _inefficiency(energy: Array) -> float:
    """Statistical inefficiency of one atom's kinetic energy, from the mean autocorrelation of
    all.
    """
    n = len(energy)
    power = np.zeros(n + 1)
    for start in range(0, energy.shape[1], _CHUNK):
        part = energy[:, start : start + _CHUNK]
        part = part - part.mean(axis=0)
        power += (np.abs(np.fft.rfft(part, 2 * n, axis=0)) ** 2).sum(axis=1)
    correlation = np.fft.irfft(power, 2 * n)[:n] / (n - np.arange(n))
    if correlation[0] <= 0.0:
        raise LongstrideError("the kinetic energies do not change: no atom is in thermal motion")
    return inefficiency_of(correlation / correlation[0])
