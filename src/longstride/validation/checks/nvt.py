"""Constant temperature: kinetic temperature, potential energy, heat capacity, equipartition."""

from collections.abc import Callable
from functools import partial

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from longstride import analysis
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED
from longstride.validation.checks import canonical
from longstride.validation.checks.sampled import Bench, is_solid
from longstride.validation.curves import Curve
from longstride.validation.evidence import Evidence, Findings
from longstride.validation.measures import Number, Observed, Observer, Profile, SeriesObserver
from longstride.validation.results import Check
from longstride.validation.samples import Sample

Array = NDArray[np.floating]

MEV = 1e3
"""One eV in meV."""

ZONE = 1.25
"""Longest wavevector over Debye's: the corners of the zones of fcc, bcc and hcp lie within."""

PER_BIN = 24
"""Wavevectors of one bin of length, at most."""

SERIES_POINTS = 400
"""Most points of the temperature curve."""


def check(evidence: Evidence) -> Findings:
    """All checks the runs allow: temperatures need velocities, energies the reference's."""
    bench = Bench.of(evidence)
    notes = []
    series: dict[str, SeriesObserver] = {}
    profiles: dict[str, Observer] = {}
    kinds = np.unique(bench.first_block().species)
    if bench.has_velocities:
        series["temperature"] = _temperature
        if len(kinds) > 1:
            series |= {chemical_symbols[kind]: _of_species(int(kind)) for kind in kinds}
        profiles |= {"components": _by_component, "equipartition": _by_wavevector}
    else:
        notes.append(f"{bench.condition}: without velocities no temperature is compared")
    if bench.has_energies:
        series["potential_energy"] = potential_energy
    found = bench.observe("temperatures and energies", profiles, series)
    checks: list[Check] = []
    curves: list[Curve] = []
    if bench.has_velocities:
        checks += _temperature_checks(bench, found, [chemical_symbols[kind] for kind in kinds])
        checks += _shares(bench, found)
        curves += [
            found.profiles["equipartition"].curve(f"equipartition[{bench.condition}]"),
            _temperature_curve(bench, found),
        ]
        for test in (canonical.kinetic_energy_check, canonical.velocity_check):
            _add(checks, notes, test, bench)
    if bench.has_energies:
        checks.append(_energy_check(bench, found.number("potential_energy")))
        _add(checks, notes, canonical.heat_capacity_check, bench, found)
    return Findings(tuple(checks), tuple(curves), tuple(notes))


def _add(
    checks: list[Check], notes: list[str], test: Callable[..., Check], bench: Bench, *more: Observed
) -> None:
    """A check that needs many independent samples; without them a note."""
    try:
        checks.append(test(bench, *more))
    except LongstrideError as error:
        notes.append(f"{bench.condition}: {error}")


def _temperature(sample: Sample) -> Array:
    return analysis.kinetic_temperature(sample.motion, sample.masses).series


def _of_species(kind: int) -> SeriesObserver:
    """Kinetic temperature of the atoms of one species, seen from the whole cell's centre of
    mass.
    """

    def observe(sample: Sample) -> Array:
        v = sample.motion - np.average(sample.motion, axis=1, weights=sample.masses)[:, None]
        chosen = sample.species == kind
        masses = sample.masses[chosen]
        square = np.einsum("i,fia,fia->f", masses, v[:, chosen], v[:, chosen])
        # Each atom lost the part of its three degrees of freedom that its mass has in the whole.
        degrees = 3.0 * (chosen.sum() - masses.sum() / sample.masses.sum())
        return np.asarray(MASS_VELOCITY_SQUARED / BOLTZMANN * square / degrees)

    return observe


def potential_energy(sample: Sample) -> Array:
    """meV per atom, of the frames where it is known."""
    assert sample.energies is not None, "asked for only where energies are known"
    known = sample.energies[np.isfinite(sample.energies)]
    return MEV * known / sample.n_atoms


def _wavevectors(sample: Sample) -> analysis.WavevectorTemperature:
    """Temperatures up to the zone's corners; lattice sites resolve a crystal's modes."""
    where = sample.positions
    if is_solid(sample):
        where = analysis.mean_square_amplitude(sample.positions, sample.masses).sites
    density = sample.n_atoms / abs(float(np.linalg.det(sample.cell)))
    return analysis.wavevector_temperature(
        where,
        sample.motion,
        sample.masses,
        sample.cell,
        k_max=ZONE * float((6.0 * np.pi**2 * density) ** (1.0 / 3.0)),
        per_bin=PER_BIN,
    )


def _by_wavevector(sample: Sample) -> Profile:
    found = _wavevectors(sample)
    return Profile(found.k, found.value)


def _by_component(sample: Sample) -> Profile:
    """Kinetic temperature along each axis in K."""
    v = sample.motion - np.average(sample.motion, axis=1, weights=sample.masses)[:, None]
    square = np.einsum("i,fia,fia->a", sample.masses, v, v) / len(v)
    temperatures = MASS_VELOCITY_SQUARED / BOLTZMANN * square / (sample.n_atoms - 1)
    return Profile(np.arange(3.0), temperatures)


def _temperature_checks(bench: Bench, found: Observed, symbols: list[str]) -> list[Check]:
    """Of the whole cell against the bath, and of each species against the reference."""
    judge = bench.evidence.thresholds.judge
    whole = found.number("temperature")
    target = whole.known if bench.runs.target is None else bench.runs.target
    # What the reference itself misses its bath by is not the surrogate's fault.
    missed = abs(whole.known - target)
    checks = [
        judge(
            "nvt.temperature.relative_error",
            bench.condition,
            whole.own / target - 1.0,
            "1",
            max(missed, whole.error) / target,
            detail=f"{whole.own:.1f} ± {whole.own_error:.1f} K"
            + (f" in a bath of {target:g} K" if bench.runs.target is not None else "")
            + f", reference {whole.known:.1f} ± {whole.known_error:.1f} K",
        )
    ]
    for symbol in symbols if len(symbols) > 1 else ():
        part = found.number(symbol)
        checks.append(
            judge(
                "nvt.temperature.species_error",
                f"{bench.condition}, {symbol}",
                part.own / part.known - 1.0,
                "1",
                part.error / part.known,
                detail=f"{part.own:.1f} ± {part.own_error:.1f} K, reference {part.known:.1f} K",
            )
        )
    return checks


def _shares(bench: Bench, found: Observed) -> list[Check]:
    """RMS difference of the shares, relative to their mean: a thermostat fixes only that."""

    def distance(weights: Array, own: Array, known: Array) -> float:
        ratios = (values / np.average(values, weights=weights) for values in (own, known))
        difference = np.subtract(*ratios)
        return float(np.sqrt(np.average(difference**2, weights=weights)))

    # A bin of many wavevectors is known better than one of few.
    counts = _wavevectors(bench.first_block()).counts.astype(float)
    shares = found.profiles["components"].own
    along = ", ".join(f"{temperature:.1f}" for temperature in shares)
    return [
        bench.distance(
            "nvt.equipartition.relative_error",
            found,
            "equipartition",
            partial(distance, counts),
            "RMS difference of the kinetic temperatures of the wavevectors, relative to their mean",
        ),
        bench.distance(
            "nvt.components.relative_error",
            found,
            "components",
            partial(distance, np.ones(3)),
            f"the same of the velocities along x, y and z: {along} K",
        ),
    ]


def _energy_check(bench: Bench, energy: Number) -> Check:
    temperature = bench.runs.target or 300.0
    return bench.evidence.thresholds.judge(
        "nvt.potential_energy.error",
        bench.condition,
        energy.own - energy.known,
        "meV/atom",
        energy.error,
        scale=MEV * BOLTZMANN * temperature,
        detail="mean potential energy of the surrogate's frames in the reference potential",
    )


def _temperature_curve(bench: Bench, found: Observed) -> Curve:
    """The first run's temperature over time; every reference run is a line of its own."""
    own, known = found.series["temperature"]
    lines = [np.concatenate(run) for run in (own[0], *known)]
    count = min(len(line) for line in lines)
    every = max(1, count // SERIES_POINTS)
    kept = np.array([line[:count:every] for line in lines])
    time = bench.blocks.interval * every * np.arange(kept.shape[1])
    return Curve(
        f"temperature[{bench.condition}]",
        time,
        kept[0],
        np.zeros_like(time),
        kept[1:],
        np.zeros_like(kept[1:]),
    )
