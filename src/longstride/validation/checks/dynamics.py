"""Dynamics at one temperature: MSD, diffusion, velocity autocorrelation, density of states."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from longstride import analysis
from longstride.units import PS
from longstride.validation.checks.dispersion import (
    dispersion_findings,
    observe_spectra,
    paths_of,
)
from longstride.validation.checks.sampled import Bench, is_solid, relative_l1
from longstride.validation.evidence import Evidence, Findings
from longstride.validation.measures import Observation, Observed, Observer, Profile
from longstride.validation.results import Check
from longstride.validation.samples import Sample

Array = NDArray[np.floating]

MAIN_PEAK = 0.08
"""A peak of the density of states counts if it stands out by this part of the highest."""

REACH, REACH_BINS, TRIED_SHIFTS = 0.15, 3.0, 401
"""Shifts of a peak are sought up to this part of its frequency, at least these bins; how many."""

VACF_LAGS = 1.0 * PS
"""Lags in fs of the compared autocorrelation; later it is noise."""

BLOCK = 2.0 * PS
"""Length of blocks in fs: spectra are resolved to its inverse, 0.5 THz."""

VDOS_WINDOW = 2.0 * BLOCK
"""Longest window in fs of the density of states; longer blocks have several."""

FIT_FROM = 1.0 / 3.0
"""Part of the lags from where the diffusion coefficient is fitted."""


def check(evidence: Evidence) -> Findings:
    """All checks the runs allow; without velocities the MSD alone."""
    bench = Bench.of(evidence, block=BLOCK)
    observers: dict[str, Observer] = {"msd": _msd}
    paths = None
    if bench.has_velocities:
        observers |= {"vacf": _vacf, "vdos": _vdos}
        paths = paths_of(bench)
    if paths is not None:
        observers["dispersion"] = partial(observe_spectra, paths[0])
    found = bench.observe("dynamics", observers)
    msd = found.profiles["msd"]
    checks = [
        bench.distance(
            "nvt.msd.l1",
            found,
            "msd",
            relative_l1(msd.x),
            f"relative L1 distance, all time origins, lags up to {msd.x[-1] / PS:.3g} ps",
        )
    ]
    if not is_solid(bench.first_block()):
        checks.append(_diffusion(bench, msd))
    shown = ["msd"]
    if bench.has_velocities:
        checks += _spectral(bench, found)
        shown += ["vacf", "vdos"]
    curves = [found.profiles[name].curve(f"{name}[{bench.condition}]") for name in shown]
    if paths is not None:
        phonons, branches = dispersion_findings(bench, paths[1], found.profiles["dispersion"])
        checks.append(phonons)
        curves += branches
    return Findings(tuple(checks), tuple(curves))


def _spectral(bench: Bench, found: Observed) -> list[Check]:
    vacf, vdos = found.profiles["vacf"], found.profiles["vdos"]
    nyquist = vdos.x[-1]
    peaks = main_peaks(vdos.x, vdos.known)
    own_peaks = [p + peak_shift(vdos.x, p, vdos.own, vdos.known) for p in peaks]
    shown = ", ".join(f"{own:.2f} ({peak:.2f})" for own, peak in zip(own_peaks, peaks, strict=True))
    mean, mean_known = (_mean_frequency(vdos.x, y) for y in (vdos.own, vdos.known))
    return [
        bench.distance(
            "nvt.vacf.l1",
            found,
            "vacf",
            relative_l1(vacf.x),
            f"relative L1 distance, lags up to {vacf.x[-1] / PS:.3g} ps",
        ),
        bench.distance(
            "nvt.vdos.mismatch",
            found,
            "vdos",
            lambda own, known: 1.0 - analysis.overlap(vdos.x, own, known),
            f"one minus the overlap of the spectra; frames resolve up to {nyquist:.3g} THz",
        ),
        bench.distance(
            "nvt.vdos.mean_frequency",
            found,
            "vdos",
            lambda own, known: _mean_frequency(vdos.x, own) / _mean_frequency(vdos.x, known) - 1.0,
            f"{mean:.3f} THz, reference {mean_known:.3f} THz",
        ),
        bench.distance(
            "nvt.vdos.peak_shift",
            found,
            "vdos",
            _peak_shifts(vdos.x, peaks),
            f"largest relative shift of the main peaks; THz (reference): {shown}",
        ),
    ]


def _msd(sample: Sample) -> Profile:
    """Lags up to half of the block."""
    found = analysis.mean_square_displacement(
        sample.positions,
        sample.interval,
        masses=sample.masses,
        max_lag=max(2, len(sample.positions) // 2),
    )
    return Profile(found.lag, found.value)


def _vacf(sample: Sample) -> Profile:
    n = max(2, min(len(sample.motion) // 2, round(VACF_LAGS / sample.interval)))
    found = analysis.velocity_autocorrelation(
        sample.motion, sample.masses, sample.interval, max_lag=n
    )
    return Profile(found.lag, found.value)


def _vdos(sample: Sample) -> Profile:
    """Windows of a block at most, an even number of frames, so that the grid ends at Nyquist."""
    frames = 2 * max(4, min(len(sample.motion), round(VDOS_WINDOW / sample.interval)) // 2)
    found = analysis.density_of_states(
        sample.motion,
        sample.masses,
        sample.interval,
        resolution=1e3 / (frames * sample.interval),
    )
    return Profile(found.frequency, found.density)


def _mean_frequency(frequency: Array, density: Array) -> float:
    return float(np.trapezoid(frequency * density, frequency) / np.trapezoid(density, frequency))


def main_peaks(frequency: Array, density: Array) -> Array:
    """Frequencies in THz of the peaks that stand out, the highest where none does."""
    indices, _ = find_peaks(density, prominence=MAIN_PEAK * float(density.max()))
    if not len(indices):
        indices = np.array([int(np.argmax(density))])
    return np.array([_refined(frequency, density, int(k)) for k in indices])


def _refined(frequency: Array, density: Array, k: int) -> float:
    """The maximum near a bin, by a parabola through it and its neighbours."""
    if not 0 < k < len(density) - 1:
        return float(frequency[k])
    left, middle, right = (float(value) for value in density[k - 1 : k + 2])
    curvature = left - 2.0 * middle + right
    shift = 0.0 if curvature == 0.0 else 0.5 * (left - right) / curvature
    return float(frequency[k] + np.clip(shift, -1.0, 1.0) * (frequency[1] - frequency[0]))


def peak_shift(frequency: Array, peak: float, own: Array, known: Array) -> float:
    """How far in THz a peak lies above its place in the reference.

    The reference's spectrum around the peak is moved until its correlation with the surrogate's is
    largest: all bins of the peak count, where the highest bin alone would jump with the noise.

    Args:
        frequency: (B,) in THz, evenly spaced.
        peak: where the peak of the reference is.
        own, known: (B,) spectra of surrogate and reference.
    """
    reach = max(REACH * peak, REACH_BINS * float(frequency[1] - frequency[0]))
    near = np.abs(frequency - peak) <= reach
    shifts = np.linspace(-reach, reach, TRIED_SHIFTS)
    moved = np.interp(frequency[near] - shifts[:, None], frequency, known)
    norms = np.linalg.norm(moved, axis=1)
    correlation = np.divide(moved @ own[near], norms, out=np.zeros_like(norms), where=norms > 0.0)
    return float(shifts[np.argmax(correlation)])


def _peak_shifts(frequency: Array, peaks: Array) -> Callable[[Array, Array], float]:
    """Largest relative shift over the reference's main peaks."""

    def distance(own: Array, known: Array) -> float:
        shifts = [peak_shift(frequency, p, own, known) / p for p in peaks if p > 0.0]
        return max(shifts, key=abs, default=0.0)

    return distance


def _slope(lag: Array, value: Array) -> float:
    """D in Å²/ps from the slope at long lags."""
    late = lag >= FIT_FROM * lag[-1]
    return float(np.polyfit(lag[late], value[late], 1)[0]) / 6.0 * PS


def _diffusion(bench: Bench, msd: Observation) -> Check:
    own, known = _slope(msd.x, msd.own), _slope(msd.x, msd.known)
    values = np.array([_slope(msd.x, y) for run in msd.surrogate for y in run])
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0

    def relative(a: Array, b: Array) -> float:
        slope = _slope(msd.x, b)
        return _slope(msd.x, a) / slope - 1.0 if slope != 0.0 else 0.0

    value, floor = msd.distance(relative)
    return bench.evidence.thresholds.judge(
        "nvt.diffusion.relative_error",
        bench.condition,
        value,
        "1",
        floor,
        detail=f"D = {own:.4g} ± {error:.2g} Å²/ps, reference {known:.4g} Å²/ps",
    )
