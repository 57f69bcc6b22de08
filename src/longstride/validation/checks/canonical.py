"""Distributions of a run at constant temperature: kinetic energy, velocities, heat capacity.

Each is judged at the run's own mean temperature, which has a check of its own. The statistic of a
test is a normal deviate; its noise floor is one, or what the reference itself deviates by.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from longstride import analysis
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN
from longstride.validation.checks.sampled import Bench
from longstride.validation.measures import Observed
from longstride.validation.results import Check
from longstride.validation.samples import Block

Array = NDArray[np.floating]

MOST_VALUES = 20_000_000
"""Velocity components that are tested at once: a run with more is thinned."""


def kinetic_energy_check(bench: Bench) -> Check:
    """Width of the distribution of the kinetic energy, that of Gamma(f/2, k_B T).

    The most correlated of all runs tells how independent the frames of each are.

    Raises:
        LongstrideError: too few independent samples.
    """

    def tested(velocities: Array, masses: Array, correlation: float) -> analysis.KineticTest:
        mean = analysis.kinetic_temperature(velocities, masses).value
        return analysis.kinetic_distribution(
            velocities, masses, mean, width_inefficiency=correlation
        ).total

    runs = (*bench.blocks.surrogate, *bench.blocks.references)
    correlation = max(tested(*_velocities(run), 1.0).width_inefficiency for run in runs)

    def width(velocities: Array, masses: Array) -> tuple[float, str]:
        found = tested(velocities, masses, correlation)
        return found.z_width, f"{found.from_width.value:.0f} ± {found.from_width.error:.0f} K"

    return _test(
        bench,
        "nvt.kinetic_distribution.z",
        width,
        "deviation of the width of the kinetic energy's distribution from the canonical one;"
        " temperature by the width",
    )


def velocity_check(bench: Bench) -> Check:
    """Velocities of single atoms against the normal distribution (Kolmogorov–Smirnov).

    Raises:
        LongstrideError: too few independent samples.
    """

    def normality(velocities: Array, masses: Array) -> tuple[float, str]:
        mean = analysis.kinetic_temperature(velocities, masses).value
        found = analysis.velocity_distribution(velocities, masses, mean)
        return found.z, f"{found.kurtosis:+.3f}"

    return _test(
        bench,
        "nvt.velocity_distribution.z",
        normality,
        "deviation of single velocities from the Maxwell–Boltzmann distribution (KS test);"
        " excess kurtosis",
    )


def _test(
    bench: Bench,
    stem: str,
    statistic: Callable[[Array, Array], tuple[float, str]],
    detail: str,
) -> Check:
    """The largest deviate of the surrogate's runs."""
    own, known = (
        [statistic(*_velocities(run)) for run in side]
        for side in (bench.blocks.surrogate, bench.blocks.references)
    )
    floor = float(np.sqrt(np.mean([z**2 for z, _ in known])))
    value, words = max(own, key=lambda found: abs(found[0]))
    return bench.evidence.thresholds.judge(
        stem,
        bench.condition,
        value,
        "1σ",
        max(1.0, floor),
        detail=f"{detail} {words}, reference {known[0][1]}",
    )


def _velocities(run: Sequence[Block]) -> tuple[Array, Array]:
    """Velocities of all blocks of a run, one after another, and masses."""
    samples = [block.load() for block in run]
    size = sum(sample.motion.size for sample in samples)
    every = max(1, size // MOST_VALUES)
    return np.concatenate([s.motion[::every] for s in samples]), samples[0].masses


def heat_capacity_check(bench: Bench, found: Observed) -> Check:
    """Constant-volume heat capacity from the fluctuations of the potential energy.

    The floor is the error of the variance of a Gaussian series as long as the surrogate's and of
    one as long as the reference's, as correlated as the most correlated of all runs: a short run
    whose slow fluctuations were small by chance knows little of its own error.

    Raises:
        LongstrideError: too few independent samples.
    """
    n_atoms = bench.blocks.references[0][0].run.segment.n_atoms
    temperature = bench.runs.target
    if temperature is None:
        temperature = found.number("temperature").known
    series = [
        [np.concatenate(list(blocks)) for blocks in side]
        for side in found.series["potential_energy"]
    ]
    own, known = (_mean_capacity(side, n_atoms, temperature) for side in series)
    slowest = max(analysis.square_inefficiency(run) for side in series for run in side)
    inverse = sum(1.0 / sum(len(run) for run in side) for side in series)
    fluctuating = known.value - 1.5 * (n_atoms - 1) / n_atoms
    error = fluctuating * float(np.sqrt(2.0 * slowest * inverse))
    return bench.evidence.thresholds.judge(
        "nvt.heat_capacity.relative_error",
        bench.condition,
        own.value / known.value - 1.0,
        "1",
        error / known.value,
        detail=f"{own.value:.2f} ± {own.error:.2f} k_B per atom, reference {known.value:.2f} ±"
        f" {known.error:.2f}, from fluctuations",
    )


def _mean_capacity(runs: Sequence[Array], n_atoms: int, temperature: float) -> analysis.Estimate:
    """Mean over the runs in k_B per atom; the series are potential energies in meV per atom."""
    estimates = []
    for run in runs:
        energies = run * 1e-3 * n_atoms
        estimates.append(
            analysis.heat_capacity(energies, temperature, kinetic_degrees=3 * n_atoms - 3)
        )
    scale = 1.0 / (n_atoms * BOLTZMANN)
    error = np.sqrt(np.sum([e.error**2 for e in estimates])) / len(estimates)
    value = float(np.mean([e.value for e in estimates]))
    if not value > 0.0:
        raise LongstrideError("the potential energy does not fluctuate")
    return analysis.Estimate(scale * value, scale * float(error))
