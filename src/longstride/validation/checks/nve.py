"""Constant energy: drift of the kinetic energy, and of kinetic plus true potential energy.

The potential energy is the reference's, on the rollout's frames. A drift is the slope of the
least-squares line, its error knows of correlated residuals. The noise floor is the slope of the
reference's own run from the same start, or the standard error of that slope where it is larger.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import Estimate, block_averages, kinetic_temperature, linear_drift
from longstride.units import BOLTZMANN, PS
from longstride.validation.curves import Curve
from longstride.validation.evidence import Evidence, Findings
from longstride.validation.results import Check
from longstride.validation.samples import Run

Array = NDArray[np.floating]

MEV = 1e3
"""One eV in meV."""

SPAN = 100.0 * PS
"""Time in fs over which thresholds count the drift in parts of the kinetic energy."""

FEWEST = 20
"""Frames that a slope is fitted through."""

CHUNK = 5_000_000
"""Velocity components in memory at a time."""

POINTS = 200
"""Most points of the curves."""


@dataclass(frozen=True, slots=True)
class _Energies:
    """Series of one run in meV per atom; total is empty where no potential energy is known."""

    time: Array
    kinetic: Array
    total_time: Array
    total: Array

    def drifts(self) -> tuple[Estimate, Estimate | None]:
        """Slopes in meV per atom and ps."""
        total = None
        if len(self.total) >= FEWEST:
            total = _slope(self.total_time, self.total)
        return _slope(self.time, self.kinetic), total


def check(evidence: Evidence) -> Findings:
    """Drift of both energies, and their course over time."""
    runs = evidence.free()
    if runs.surrogate.segment.n_frames < FEWEST:
        return Findings(notes=(f"{evidence.condition}: too short at constant energy for a drift",))
    own = _energies(runs.surrogate)
    known = None if runs.reference is None else _energies(runs.reference)
    judge = _Judge(evidence, own, known)
    kinetic, total = own.drifts()
    of_known = (None, None) if known is None else known.drifts()
    checks = [judge.drift("nve.kinetic_drift", kinetic, of_known[0])]
    notes = []
    if total is not None:
        checks.insert(0, judge.drift("nve.energy_drift", total, of_known[1]))
    else:
        notes.append(
            f"{evidence.condition}: without the reference's potential energy of the rollout's"
            " frames the drift of the total energy is not known"
        )
    return Findings(tuple(checks), tuple(_curves(evidence, own, known)), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Judge:
    evidence: Evidence
    own: _Energies
    known: _Energies | None

    def drift(self, stem: str, own: Estimate, known: Estimate | None) -> Check:
        """The check of one slope."""
        kinetic = float(self.own.kinetic[: max(2, len(self.own.kinetic) // 10)].mean())
        # Not the surrogate's own error, where there is a reference: a leak would excuse itself.
        floor = own.error if known is None else max(abs(known.value), known.error)
        length = self.own.time[-1] / PS
        detail = (
            f"{own.value:.3g} ± {own.error:.2g} over {length:.4g} ps,"
            f" {own.value / PS * SPAN / kinetic:+.2%} of the kinetic energy in 100 ps"
        )
        if known is not None:
            detail += f"; reference {known.value:.2g} ± {known.error:.1g}"
        return self.evidence.thresholds.judge(
            stem,
            self.evidence.condition,
            own.value,
            "meV/atom/ps",
            floor,
            scale=kinetic * PS / SPAN,
            detail=detail,
        )


def _slope(time: Array, energy: Array) -> Estimate:
    slope = linear_drift(time, energy)
    return Estimate(slope.value * PS, slope.error * PS, slope.inefficiency)


def _energies(run: Run) -> _Energies:
    segment = run.segment
    time = segment.times - segment.times[0]
    per_chunk = max(2, CHUNK // (3 * segment.n_atoms))
    # Never one frame alone, which has no series.
    begins = list(range(0, max(1, segment.n_frames - 1), per_chunk))
    ends = [*begins[1:], segment.n_frames]
    temperature = np.concatenate(
        [
            kinetic_temperature(segment.velocities(slice(a, b)), segment.masses).series
            for a, b in zip(begins, ends, strict=True)
        ]
    )
    # Per atom, of the degrees of freedom without the total momentum.
    share = 1.5 * (segment.n_atoms - 1) / segment.n_atoms
    kinetic = MEV * share * BOLTZMANN * temperature
    potential = run.energies if run.energies is not None else segment.potential_energy()
    if potential is None:
        return _Energies(time, kinetic, time[:0], kinetic[:0])
    known = np.isfinite(potential)
    total = kinetic[known] + MEV * potential[known] / segment.n_atoms
    return _Energies(time, kinetic, time[known], total)


def _curves(evidence: Evidence, own: _Energies, known: _Energies | None) -> list[Curve]:
    """Change of the energies in meV per atom over fs, averaged to a readable number of points."""
    found = []
    names = {"nve_kinetic": ("time", "kinetic"), "nve_total": ("total_time", "total")}
    for name, (time, energy) in names.items():
        x, y = getattr(own, time), getattr(own, energy)
        if len(y) < FEWEST:
            continue
        n = min(POINTS, len(y))
        grid = block_averages(x, n)
        other = np.zeros((0, n))
        if known is not None and len(getattr(known, energy)) >= FEWEST:
            series = getattr(known, energy)
            other = np.interp(grid, getattr(known, time), series - series[0])[None]
        nothing = np.zeros(n)
        change = block_averages(y - y[0], n)
        found.append(
            Curve(f"{name}[{evidence.condition}]", grid, change, nothing, other, 0.0 * other)
        )
    return found
