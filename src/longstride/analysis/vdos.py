"""Vibrational density of states."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import get_window, welch

from longstride.analysis.checks import frames, mass_vector, positive
from longstride.analysis.vacf import Vacf
from longstride.errors import LongstrideError
from longstride.units import THZ

Array = NDArray[np.floating]

_CHUNK = 1_000_000
"""Values transformed at a time: bounds the memory of the periodogram."""


@dataclass(frozen=True, slots=True)
class Vdos:
    """A vibrational density of states.

    Attributes:
        frequency: (K,) frequencies in THz, from 0 to the Nyquist frequency.
        density: (K,) density in 1/THz, with unit integral.
        error: (K,) standard error of the density from groups of atoms (a lower bound: neighbours
            are correlated).
        nyquist: highest frequency the frame spacing resolves, ``1/(2 interval)``, in THz.
            Vibrations above it are
            folded below it: the spacing must be shorter than half the shortest period.
        resolution: frequency width of the window in THz; sharper features are not resolved.
        peak: frequency of the maximum in THz, from a parabola through the three highest points.
        total: mass-weighted mean square velocity per atom, the integral before normalisation, in
            amu (Å/fs)².
    """

    frequency: Array
    density: Array
    error: Array
    nyquist: float
    resolution: float
    peak: float
    total: float


def density_of_states(
    velocities: ArrayLike,
    masses: ArrayLike,
    interval: float,
    *,
    resolution: float | None = None,
    window: str = "hann",
    n_blocks: int = 10,
) -> Vdos:
    """Density of states as Welch's periodogram of the mass-weighted velocities.

    ``g(ν) ∝ Σ_i m_i <|∫ w(t) v_i(t) e^{-2πiνt} dt|²>`` over half-overlapping windows w.
    Source: Welch, IEEE Trans. Audio Electroacoust. 15, 70 (1967); Dove, Introduction to Lattice
    Dynamics (1993), sec. 9.4.

    Args:
        velocities: (F, N, 3) velocities in Å/fs; F >= 8.
        masses: (N,) masses in amu.
        interval: time between frames in fs; it sets the Nyquist frequency, 1/(2 interval).
        resolution: spacing of the frequencies in THz; default: a window of a quarter of the
            trajectory.
        window: SciPy's name of the window; with ``boxcar`` and one window the integral obeys
            Parseval exactly.
        n_blocks: groups of Cartesian coordinates behind the error.

    Raises:
        LongstrideError: a resolution that the trajectory's length cannot give.
    """
    v = frames("velocities", velocities, at_least=8)
    step = positive("interval", interval)
    weights = mass_vector(masses, v.shape[1])
    n, n_atoms = v.shape[:2]
    size = (
        max(8, n // 4)
        if resolution is None
        else round(1.0 / (positive("resolution", resolution, "THz") * THZ * step))
    )
    if not 8 <= size <= n:
        raise LongstrideError(
            f"a resolution of {resolution or 0:g} THz needs windows of {size} frames,"
            f" the trajectory has {n}:"
            f" give {1 / (n * step * THZ):.3g} to {1 / (8 * step * THZ):.3g} THz"
        )
    n_groups = min(n_blocks, 3 * n_atoms)
    sums = np.zeros((n_groups, size // 2 + 1))
    width = max(1, _CHUNK // (3 * n))
    for start in range(0, n_atoms, width):
        stop = start + width
        columns = (v[:, start:stop] * np.sqrt(weights[start:stop, None])).reshape(n, -1)
        _, power = welch(
            columns, fs=1.0 / (step * THZ), window=window, nperseg=size, detrend=False, axis=0
        )
        group = (np.arange(columns.shape[1]) + 3 * start) % n_groups
        for b in range(n_groups):
            sums[b] += power[:, group == b].sum(axis=1)
    frequency = np.fft.rfftfreq(size, step * THZ)
    weight = get_window(window, size)
    width_thz = size * float(weight @ weight) / float(weight.sum()) ** 2 / (size * step * THZ)
    return _normalised(frequency, sums, n_atoms, 0.5 / (step * THZ), width_thz)


def density_of_states_from_vacf(vacf: Vacf) -> Vdos:
    """Density of states as the cosine transform of the velocity autocorrelation,
    ``g(ν) = 4 ∫ C(t) cos(2πνt) dt``.

    The curve is damped by half a Hann window to its last lag, which sets the resolution.
    Source: Dove (1993), sec. 9.4. Negative ripples are left in, so the density may dip below zero.
    """
    n = len(vacf.lag)
    step = float(vacf.lag[1] - vacf.lag[0])
    damped = vacf.value * 0.5 * (1.0 + np.cos(np.pi * np.arange(n) / n))
    even = np.concatenate([damped, [0.0], damped[:0:-1]])
    spectrum = np.fft.rfft(even).real[None, :]
    frequency = np.fft.rfftfreq(len(even), step * THZ)
    area = float(np.trapezoid(spectrum[0], frequency))
    return _normalised(
        frequency, spectrum * vacf.initial / area, 1, 0.5 / (step * THZ), 0.75 / (n * step * THZ)
    )


def _normalised(
    frequency: Array, sums: Array, n_atoms: int, nyquist: float, resolution: float
) -> Vdos:
    total = sums.sum(axis=0)
    # The periodogram's sum rule is a plain sum over its bins (Parseval), not the trapezoidal rule.
    area = float(total.sum() * frequency[1])
    if area <= 0.0:
        raise LongstrideError("all velocities are zero: there is no density of states")
    groups = len(sums) * sums / area
    error = (
        groups.std(axis=0, ddof=1) / np.sqrt(len(sums)) if len(sums) > 1 else np.zeros_like(total)
    )
    density = total / area
    return Vdos(
        frequency, density, error, nyquist, resolution, _peak(frequency, density), area / n_atoms
    )


def _peak(frequency: Array, density: Array) -> float:
    k = int(np.argmax(density))
    if not 0 < k < len(density) - 1:
        return float(frequency[k])
    left, middle, right = (float(x) for x in density[k - 1 : k + 2])
    curvature = left - 2.0 * middle + right
    shift = 0.0 if curvature == 0.0 else 0.5 * (left - right) / curvature
    return float(frequency[k] + shift * frequency[1])
