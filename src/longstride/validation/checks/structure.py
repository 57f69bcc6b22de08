"""Structure at one temperature: pair and angle distributions, amplitudes, defects."""

import numpy as np
from numpy.typing import NDArray

from longstride import analysis
from longstride.validation.checks.sampled import Bench, is_solid, relative_l1, thinned
from longstride.validation.evidence import Evidence, Findings
from longstride.validation.measures import Observation, Observer, Profile
from longstride.validation.results import Check
from longstride.validation.samples import Sample

Array = NDArray[np.floating]

RDF_FRAMES = 10
"""Frames of a block that enter g(r)."""

FROZEN = 0.1
"""An atom whose mean square amplitude is below this part of the mean does not move."""


def check(evidence: Evidence) -> Findings:
    """All checks; amplitudes only where the atoms have places."""
    bench = Bench.of(evidence)
    solid = is_solid(bench.first_block())
    observers: dict[str, Observer] = {"rdf": _rdf}
    if solid:
        observers["amplitude"] = _amplitudes
    found = bench.observe("structure", observers)
    grid = found.profiles["rdf"].x
    checks = [
        bench.distance(
            "nvt.rdf.l1", found, "rdf", relative_l1(grid), "relative L1 distance of g(r)"
        )
    ]
    if solid:
        checks += _amplitude_checks(bench, found.profiles["amplitude"])
    return Findings(tuple(checks), (found.profiles["rdf"].curve(f"rdf[{bench.condition}]"),))


def _rdf(sample: Sample) -> Profile:
    found = analysis.radial_distribution(thinned(sample, RDF_FRAMES), sample.cell)
    return Profile(found.r, found.g)


def _amplitudes(sample: Sample) -> Profile:
    """Mean square amplitude of every atom in Å² about its mean place in the block."""
    found = analysis.mean_square_amplitude(sample.positions, sample.masses)
    return Profile(np.arange(sample.n_atoms, dtype=float), found.per_atom)


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
