"""Kinetic energies of a run against the canonical (Gamma) distribution."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from longstride.analysis.checks import frames, mass_vector, positive
from longstride.analysis.fluctuations import square_inefficiency
from longstride.analysis.statistics import (
    LEAST_SAMPLES,
    Estimate,
    independent_spacing,
    normal_deviate,
    statistical_inefficiency,
)
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KineticTest:
    """Kinetic energy of a group of degrees of freedom against its canonical distribution.

    Attributes:
        degrees_of_freedom: f of the group, less its share of the total momentum.
        from_mean: temperature from the mean of the energies in K, over all frames; its error is the
            canonical one at the target.
        from_width: temperature from their standard deviation in K, over all frames; its error is
            the canonical one too.
        z_mean, z_width: signed distance of the two from the target in standard errors.
        width_inefficiency: frames for one independent square of the energy's deviation, as the
            error of ``from_width`` takes it.
        p_value: Kolmogorov–Smirnov probability of samples at least this unlike the distribution.
        z: the same as a two-sided normal deviate, from 0 (alike) to 37 (p < 1e-300).
        samples: (n,) independent kinetic energies in eV.
        spacing: frames between two samples.
    """

    degrees_of_freedom: float
    from_mean: Estimate
    from_width: Estimate
    z_mean: float
    z_width: float
    width_inefficiency: float
    p_value: float
    z: float
    samples: Array
    spacing: int


@dataclass(frozen=True, slots=True)
class KineticDistribution:
    """Canonical tests of the kinetic energy of a run.

    Attributes:
        total: of all degrees of freedom.
        components: of the x, y and z components.
        species: of each atomic number; empty where no species were given.
    """

    total: KineticTest
    components: tuple[KineticTest, KineticTest, KineticTest]
    species: Mapping[int, KineticTest]


def kinetic_distribution(
    velocities: ArrayLike,
    masses: ArrayLike,
    temperature: float,
    *,
    species: ArrayLike | None = None,
    width_inefficiency: float = 1.0,
) -> KineticDistribution:
    """Tests a canonical (NVT) run: ``K ~ Gamma(f/2, k_B T)``.

    Velocities are taken relative to the center of mass. A group of n atoms of mass M_g in a cell of
    mass M then has ``f = 3 (n - M_g / M)`` degrees of freedom: exact for the whole cell, and in the
    mean for a part of it. The Kolmogorov–Smirnov test takes samples one statistical inefficiency
    apart, so that they are nearly independent. Runs at constant energy have a narrower
    distribution and fail by construction.

    Source: Merz and Shirts, PLoS ONE 13, e0202764 (2018), sec. "Kinetic energy distribution";
    Chodera et al., J. Chem. Theory Comput. 3, 26 (2007) for the subsampling.

    Args:
        velocities: (F, N, 3) velocities in Å/fs; N >= 2.
        masses: (N,) masses in amu.
        temperature: target temperature in K.
        species: (N,) atomic numbers; if given, each species is tested too.
        width_inefficiency: frames for one independent square of the energy's deviation, at least,
            as other runs of the same dynamics have told. A short run whose slow fluctuations were
            small by chance is narrow, and takes itself for less correlated than it is.

    Raises:
        LongstrideError: fewer than 8 independent samples, or one atom.
    """
    v = frames("velocities", velocities, at_least=LEAST_SAMPLES)
    weights = mass_vector(masses, v.shape[1])
    target = positive("temperature", temperature, "K")
    if len(weights) < 2:
        raise LongstrideError(
            "one atom has no temperature beside its center of mass: give at least two atoms"
        )
    relative = v - (np.einsum("i,fia->fa", weights, v) / weights.sum())[:, None]
    # (F, N, 3) kinetic energy of each degree of freedom in eV
    energy = 0.5 * MASS_VELOCITY_SQUARED * weights[:, None] * relative**2
    share = weights / weights.sum()
    n_atoms = len(weights)
    test = partial(_test, target=target, width_inefficiency=width_inefficiency)
    x, y, z = (test(energy[:, :, a].sum(axis=1), n_atoms - 1.0) for a in range(3))
    return KineticDistribution(
        test(energy.sum(axis=(1, 2)), 3.0 * (n_atoms - 1)),
        (x, y, z),
        {} if species is None else _by_species(energy.sum(axis=2), share, species, test),
    )


def _by_species(
    energy: Array, share: Array, species: ArrayLike, test: Callable[[Array, float], KineticTest]
) -> dict[int, KineticTest]:
    numbers = np.asarray(species)
    if numbers.shape != share.shape:
        raise LongstrideError(
            f"species have shape {numbers.shape}: give one for each of the {len(share)} atoms"
        )
    return {
        int(number): test(
            energy[:, numbers == number].sum(axis=1),
            3.0 * float(np.sum(1.0 - share[numbers == number])),
        )
        for number in np.unique(numbers)
    }


def _test(energies: Array, degrees: float, target: float, width_inefficiency: float) -> KineticTest:
    n_frames = len(energies)
    g = statistical_inefficiency(energies)
    spacing = independent_spacing(g, n_frames)
    samples = energies[::spacing]
    shape, scale = 0.5 * degrees, BOLTZMANN * target
    mean_error = target * float(np.sqrt(g / (shape * n_frames)))
    squares = np.square(energies - energies.mean())
    # Var(s²) of n samples is σ⁴ (2 / (n - 1) + κ / n) with the excess kurtosis κ = 6 / shape. The
    # squares are less correlated than the energies: all frames say more than every g-th.
    g_width = max(width_inefficiency, square_inefficiency(energies))
    n_width = n_frames / g_width
    width_error = 0.5 * target * float(np.sqrt(2.0 / (n_width - 1.0) + 6.0 / (shape * n_width)))
    from_mean = float(energies.mean()) / (shape * BOLTZMANN)
    # The mean of g correlated frames takes as much of the squares as one frame of independent ones.
    variance = float(squares.sum()) / (n_frames - g)
    from_width = float(np.sqrt(variance / shape)) / BOLTZMANN
    p_value = float(stats.kstest(samples, stats.gamma(shape, scale=scale).cdf).pvalue)
    return KineticTest(
        degrees,
        Estimate(from_mean, mean_error, g),
        Estimate(from_width, width_error, 1.0),
        (from_mean - target) / mean_error,
        (from_width - target) / width_error,
        g_width,
        p_value,
        normal_deviate(p_value),
        samples,
        spacing,
    )
