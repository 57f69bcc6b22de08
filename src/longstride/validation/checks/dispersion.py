"""Phonon dispersion along Γ–X and Γ–L: peaks of the spectral energy density."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride import analysis
from longstride.errors import LongstrideError
from longstride.validation.checks.sampled import Bench, is_solid
from longstride.validation.curves import Curve
from longstride.validation.measures import Observation, Profile
from longstride.validation.results import Check
from longstride.validation.samples import Sample

Array = NDArray[np.floating]

CUBIC = {4: "fcc", 2: "bcc"}
"""Atoms in the cubic unit cell of the lattices whose paths are known."""


@dataclass(frozen=True, slots=True)
class Branches:
    """Where the spectra of the wavevectors of all branches lie in one row of numbers.

    Attributes:
        names: of each branch, as ``Γ–X longitudinal``.
        fractions: of each branch, (Q,) wavevectors as parts of the path.
        frequency: (K,) THz.
    """

    names: tuple[str, ...]
    fractions: tuple[Array, ...]
    frequency: Array

    def peaks(self, row: Array) -> Array:
        """Peaks in THz of all spectra in a row, one after another."""
        spectra = row.reshape(-1, len(self.frequency))
        return np.array([peak_between_halves(self.frequency, spectrum) for spectrum in spectra])


def unit_cell(sample: Sample) -> float | None:
    """Edge in Å of the cubic unit cell of an fcc or bcc crystal in a cube of whole unit cells."""
    edge = float(sample.cell[0, 0])
    if edge <= 0.0 or np.abs(sample.cell - edge * np.eye(3)).max() > 1e-3 * edge:
        return None
    for atoms in CUBIC:
        repeats = round((sample.n_atoms / atoms) ** (1.0 / 3.0))
        if repeats and atoms * repeats**3 == sample.n_atoms:
            return edge / repeats
    return None


def observe_spectra(constant: float, sample: Sample) -> Profile:
    """Spectral energy densities of all wavevectors and branches of a block, in one row."""
    found = _spectra(constant, sample)
    y = np.concatenate([branch.density.ravel() for branch in found.branches])
    return Profile(np.arange(len(y), dtype=float), y)


def branches_of(constant: float, sample: Sample) -> Branches:
    """What the rows of :func:`observe_spectra` hold.

    Raises:
        LongstrideError: the cell has no wavevector on the paths.
    """
    found = _spectra(constant, sample)
    if not found.branches:
        raise LongstrideError("the cell has no wavevector along Γ–X or Γ–L")
    return Branches(
        tuple(f"{branch.path} {branch.polarisation}" for branch in found.branches),
        tuple(branch.fraction for branch in found.branches),
        found.frequency,
    )


def _spectra(constant: float, sample: Sample) -> analysis.SpectralEnergy:
    frames = max(16, len(sample.motion) // 2)
    return analysis.spectral_energy_density(
        sample.motion,
        sample.masses,
        analysis.mean_square_amplitude(sample.positions, sample.masses).sites,
        sample.cell,
        sample.interval,
        constant,
        resolution=1e3 / (frames * sample.interval),
    )


def dispersion_findings(
    bench: Bench, branches: Branches, seen: Observation
) -> tuple[Check, list[Curve]]:
    """RMS relative difference of the peaks, and the branches as curves."""

    def distance(own: Array, known: Array) -> float:
        ratio = branches.peaks(own) / np.maximum(branches.peaks(known), 1e-6)
        return float(np.sqrt(np.mean((ratio - 1.0) ** 2)))

    value, floor = seen.distance(distance)
    ratio = branches.peaks(seen.own) / np.maximum(branches.peaks(seen.known), 1e-6) - 1.0
    check = bench.evidence.thresholds.judge(
        "nvt.dispersion.relative_error",
        bench.condition,
        value,
        "1",
        floor,
        detail=f"RMS over {len(ratio)} wavevectors and branches of the relative difference of the"
        f" phonon frequencies; largest {ratio[np.argmax(np.abs(ratio))]:+.1%}",
    )
    return check, _curves(bench, branches, seen)


def _curves(bench: Bench, branches: Branches, seen: Observation) -> list[Curve]:
    """Of each branch: frequency in THz over the part of the path, errors by jackknife."""
    own, own_error = _peaks_with_errors(branches, np.concatenate(seen.surrogate))
    known = [_peaks_with_errors(branches, run) for run in seen.references]
    curves, begin = [], 0
    for name, fraction in zip(branches.names, branches.fractions, strict=True):
        part = slice(begin, begin + len(fraction))
        begin += len(fraction)
        curves.append(
            Curve(
                f"dispersion[{bench.condition}, {name}]",
                fraction,
                own[part],
                own_error[part],
                np.array([peaks[part] for peaks, _ in known]),
                np.array([errors[part] for _, errors in known]),
            )
        )
    return curves


def _peaks_with_errors(branches: Branches, rows: Array) -> tuple[Array, Array]:
    """Peaks of the mean of some blocks, with jackknife errors."""
    n = len(rows)
    peaks = branches.peaks(rows.mean(axis=0))
    if n < 2:
        return peaks, np.zeros_like(peaks)
    left_out = np.array([branches.peaks((rows.sum(axis=0) - row) / (n - 1)) for row in rows])
    return peaks, np.sqrt((n - 1) / n * np.sum((left_out - left_out.mean(axis=0)) ** 2, axis=0))


def peak_between_halves(frequency: Array, spectrum: Array) -> float:
    """Mean frequency of the highest peak between the points of half its height."""
    top = int(np.argmax(spectrum))
    low = np.flatnonzero(spectrum < 0.5 * spectrum[top])
    before, after = low[low < top], low[low > top]
    part = slice(
        int(before[-1]) + 1 if len(before) else 0, int(after[0]) if len(after) else len(spectrum)
    )
    return float(spectrum[part] @ frequency[part] / spectrum[part].sum())


def paths_of(bench: Bench) -> tuple[float, Branches] | None:
    """The unit cell's edge and the branches, where the system is a crystal that has them."""
    sample = bench.first_block()
    constant = unit_cell(sample)
    if constant is None or not is_solid(sample) or len(sample.positions) < 32:
        return None
    try:
        return constant, branches_of(constant, sample)
    except LongstrideError:
        return None
