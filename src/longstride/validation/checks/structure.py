"""Structure at one temperature: pair and angle distributions, amplitudes, local order, defects."""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from longstride import analysis
from longstride.validation.checks.sampled import Bench, is_solid, relative_l1, thinned
from longstride.validation.evidence import Evidence, Findings
from longstride.validation.measures import Observation, Observed, Observer, Profile
from longstride.validation.results import Check
from longstride.validation.samples import Sample

Array = NDArray[np.floating]

MOST_WAVEVECTORS = 80_000
"""Wavevectors S(k) is computed on: a larger cell has them up to a shorter length only."""

LONGEST_WAVEVECTOR = 8.0
"""1/Å."""

FROZEN = 0.1
"""An atom whose mean square amplitude is below this part of the mean does not move."""

PERIODIC_ONLY = "without periodic sides all around only amplitudes are compared"


def check(evidence: Evidence) -> Findings:
    """All checks that the system allows: amplitudes and sites where the atoms have places."""
    bench = Bench.of(evidence)
    first = bench.first_block()
    solid, periodic = is_solid(first), bench.is_periodic
    observers: dict[str, Observer] = {}
    if periodic:
        observers |= {
            "rdf": _rdf,
            "adf": partial(_adf, first_minimum(first)),
            "structure_factor": _structure_factor,
            "cna": _local_order,
        }
    if solid:
        observers["amplitude"] = _amplitudes
    if solid and periodic:
        observers["sites"] = _empty_sites
    found = bench.observe("structure", observers)
    checks = _distributions(bench, found) if periodic else []
    if solid:
        checks += _amplitude_checks(bench, found.profiles["amplitude"])
    if solid and periodic:
        checks.append(_sites_check(bench, found.profiles["sites"]))
    shown = [name for name in ("rdf", "adf", "structure_factor", "cna") if name in observers]
    curves = tuple(found.profiles[name].curve(f"{name}[{bench.condition}]") for name in shown)
    return Findings(
        tuple(checks), curves, () if periodic else (f"{bench.condition}: {PERIODIC_ONLY}",)
    )


def first_minimum(sample: Sample) -> float:
    """Distance in Å between the first and the second shell of g(r)."""
    rdf = analysis.radial_distribution(thinned(sample), sample.cell)
    peak = int(np.argmax(rdf.g))
    reach = (rdf.r > rdf.r[peak]) & (rdf.r < 1.6 * rdf.r[peak])
    if not reach.any():
        return float(rdf.r[-1])
    # In a cold crystal g is zero over a range: its middle is the safest.
    lowest = rdf.g[reach] <= rdf.g[reach].min() + 1e-3
    return float(rdf.r[reach][lowest].mean())


def _rdf(sample: Sample) -> Profile:
    found = analysis.radial_distribution(thinned(sample), sample.cell)
    return Profile(found.r, found.g)


def _adf(cutoff: float, sample: Sample) -> Profile:
    found = analysis.angular_distribution(thinned(sample), sample.cell, cutoff)
    return Profile(found.angle, found.density)


def _structure_factor(sample: Sample) -> Profile:
    volume = abs(float(np.linalg.det(sample.cell)))
    # Half of the sphere holds V k³ / 12π² wavevectors.
    reach = (12.0 * np.pi**2 * MOST_WAVEVECTORS / volume) ** (1.0 / 3.0)
    found = analysis.static_structure_factor(
        thinned(sample), sample.cell, k_max=min(LONGEST_WAVEVECTOR, reach)
    )
    return Profile(found.k, found.value)


def _local_order(sample: Sample) -> Profile:
    """Fractions of fcc, hcp, bcc, icosahedral and other atoms."""
    found = analysis.structure_fractions(thinned(sample), sample.cell)
    return Profile(np.arange(len(analysis.STRUCTURES), dtype=float), found.series.mean(axis=0))


def _amplitudes(sample: Sample) -> Profile:
    """Mean square amplitude of every atom in Å² about its mean place in the block."""
    found = analysis.mean_square_amplitude(sample.positions, sample.masses)
    return Profile(np.arange(sample.n_atoms, dtype=float), found.per_atom)


def _empty_sites(sample: Sample) -> Profile:
    """Part of the places at the block's begin that are empty, mean over its frames."""
    early = sample.positions[: max(2, len(sample.positions) // 4)]
    places = analysis.mean_square_amplitude(early, sample.masses).sites
    found = analysis.wigner_seitz_vacancies(thinned(sample), places, sample.cell)
    return Profile(np.zeros(1), np.array([found.vacancies.mean() / sample.n_atoms]))


def _distributions(bench: Bench, found: Observed) -> list[Check]:
    titles = {
        "rdf": "relative L1 distance of g(r)",
        "adf": "relative L1 distance of the distribution of angles between nearest neighbours",
        "structure_factor": "relative L1 distance of S(k) on the wavevectors of the cell",
    }
    checks = [
        bench.distance(f"nvt.{name}.l1", found, name, relative_l1(found.profiles[name].x), title)
        for name, title in titles.items()
    ]
    order = found.profiles["cna"]
    shown = ", ".join(
        f"{name} {own:.1%} ({known:.1%})"
        for name, own, known in zip(analysis.STRUCTURES, order.own, order.known, strict=True)
        if max(own, known) >= 5e-4
    )
    checks.append(
        bench.distance(
            "nvt.cna.l1",
            found,
            "cna",
            lambda own, known: float(np.abs(own - known).sum()),
            f"sum of the differences of the fractions; surrogate (reference): {shown}",
        )
    )
    return checks


def _amplitude_checks(bench: Bench, amplitudes: Observation) -> list[Check]:
    """The mean amplitude, and atoms that do not take part."""

    def relative(own: Array, known: Array) -> float:
        return float(own.mean() / known.mean()) - 1.0

    value, floor = amplitudes.distance(relative)
    limit = FROZEN * float(amplitudes.known.mean())

    def frozen(own: Array, known: Array) -> float:
        return float(np.mean(own < limit) - np.mean(known < limit))

    fraction, fraction_floor = amplitudes.distance(frozen)
    own, known = float(amplitudes.own.mean()), float(amplitudes.known.mean())
    judge = bench.evidence.thresholds.judge
    return [
        judge(
            "nvt.amplitude.relative_error",
            bench.condition,
            value,
            "1",
            floor,
            detail=f"mean square amplitude {own:.5g} Å², reference {known:.5g} Å²"
            f" (blocks of {bench.blocks.length:g} fs)",
        ),
        judge(
            "nvt.amplitude.frozen",
            bench.condition,
            fraction,
            "1",
            fraction_floor,
            detail=f"part of the atoms with less than {FROZEN:g} of the mean amplitude",
        ),
    ]


def _sites_check(bench: Bench, empty: Observation) -> Check:
    value, floor = empty.distance(lambda own, known: float(own[0] - known[0]))
    return bench.evidence.thresholds.judge(
        "nvt.sites.empty",
        bench.condition,
        value,
        "1",
        floor,
        detail=f"part of the places left by their atoms within {bench.blocks.length:g} fs:"
        f" {empty.own[0]:.2%}, reference {empty.known[0]:.2%}",
    )
