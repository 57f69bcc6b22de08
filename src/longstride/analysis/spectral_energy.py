"""Spectral energy density of a cubic crystal and the phonon dispersion it shows."""

import itertools
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import get_window

from longstride.analysis.checks import frames, mass_vector, positive
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED, THZ

Array = NDArray[np.floating]
Field = NDArray[np.complex128]
Polarisation = Literal["longitudinal", "transverse"]

PATHS: Final = {"Γ–X": (2, (1, 0, 0)), "Γ–L": (1, (1, 1, 1))}
"""Names of the fcc paths: their end is this many times π/a along this direction. In bcc crystals
the same vectors end at H and P."""

_PADDING: Final = 4
"""Zero padding of the spectra: the peak lies between the frequencies of the window."""


@dataclass(frozen=True, slots=True)
class SpectralBranch:
    """Spectral energy density of one polarisation along one path.

    Attributes:
        path: ``Γ–X`` or ``Γ–L``.
        polarisation: along (longitudinal) or across (transverse) the wavevector.
        fraction: (Q,) wavevectors as a fraction of the path, in (0, 1].
        wavevector: (Q,) their lengths in 1/Å.
        density: (Q, K) kinetic energy per mode and frequency in eV/THz; each row sums to k_B T / 2.
        peak: (Q,) frequency of the strongest peak in THz, the mean over its half height.
        error: (Q,) its standard error in THz, by jackknife over directions, polarisations and
            windows of time. A peak narrower than the window is not known better than a part of
            ``resolution``.
        temperature: (Q,) kinetic temperature of the modes in K: equipartition makes all equal.
    """

    path: str
    polarisation: Polarisation
    fraction: Array
    wavevector: Array
    density: Array
    peak: Array
    error: Array
    temperature: Array


@dataclass(frozen=True, slots=True)
class SpectralEnergy:
    """Spectral energy density along Γ–X and Γ–L.

    Attributes:
        frequency: (K,) frequencies in THz, from 0 to the Nyquist frequency.
        resolution: frequency width of the window in THz.
        branches: longitudinal and transverse, of each path the cell has wavevectors on.
    """

    frequency: Array
    resolution: float
    branches: tuple[SpectralBranch, ...]


def spectral_energy_density(
    velocities: ArrayLike,
    masses: ArrayLike,
    sites: ArrayLike,
    cell: ArrayLike,
    interval: float,
    lattice_constant: float,
    *,
    resolution: float | None = None,
) -> SpectralEnergy:
    """``Φ(q, ν) = |∫ Σ_i sqrt(m_i) v_i(t)·e e^{-i(q·R_i + 2πνt)} dt|² / (2 N τ)``, e along and
    across q, over half-overlapping Hann windows of length τ.

    All equivalent directions of the cube and, across, both polarisations are averaged. A peak is a
    phonon where the crystal has one atom in its primitive cell (else the strongest of several); its
    frequency is that of the anharmonic crystal at the run's temperature.

    Source: Thomas et al., Phys. Rev. B 81, 081411 (2010); Larkin, Turney, Massicotte, Amon and
    McGaughey, J. Comput. Theor. Nanosci. 11, 249 (2014), eq. 10.

    Args:
        velocities: (F, N, 3) velocities in Å/fs; F >= 16.
        masses: (N,) masses in amu.
        sites: (N, 3) lattice or mean positions in Å.
        cell: (3, 3) a cube along the axes with a whole number of unit cells, rows in Å.
        interval: time between frames in fs, shorter than half the shortest period.
        lattice_constant: edge of the cubic unit cell in Å.
        resolution: spacing of the windows' frequencies in THz; default: windows of a quarter of the
            trajectory.

    Raises:
        LongstrideError: a cell that is not such a cube, other shapes, or a resolution that the
            trajectory's length cannot give.
    """
    v = frames("velocities", velocities, at_least=16)
    weights = mass_vector(masses, v.shape[1])
    places = np.asarray(sites, dtype=np.float64)
    if places.shape != (v.shape[1], 3) or not np.isfinite(places).all():
        raise LongstrideError(f"sites have shape {places.shape}: give finite {(v.shape[1], 3)}")
    step = positive("interval", interval)
    edge = positive("lattice_constant", lattice_constant, "Å")
    repeats = _repeats(np.asarray(cell, dtype=np.float64), edge)
    size = _window(resolution, step, len(v))
    weighted = v - (np.einsum("i,fia->fa", weights, v) / weights.sum())[:, None]
    root = np.sqrt(weights)
    weighted *= root[:, None]
    window = get_window("hann", size)
    frequency = np.fft.rfftfreq(_PADDING * size, step * THZ)
    branches = []
    for name, (end, direction) in PATHS.items():
        # q = n 2π/(repeats a) direction is a wavevector of the cell for every whole n.
        steps = np.arange(1, end * repeats // 2 + 1)
        if not len(steps):
            continue
        units = 2.0 * np.pi * steps / (repeats * edge)
        star = _star(direction)
        spectra = [_spectra(weighted, root, places, u * star, window, step) for u in units]
        polarisations: tuple[Polarisation, ...] = ("longitudinal", "transverse")
        for which, polarisation in enumerate(polarisations):
            rows = [_row(spectrum[which], frequency) for spectrum in spectra]
            branches.append(
                SpectralBranch(
                    name,
                    polarisation,
                    2.0 * steps / (end * repeats),
                    units * float(np.linalg.norm(direction)),
                    np.array([row[0] for row in rows]),
                    *np.array([row[1:] for row in rows]).T,
                )
            )
    width = float(window @ window) / float(window.sum()) ** 2 / (step * THZ)
    return SpectralEnergy(frequency, width, tuple(branches))


def _star(direction: tuple[int, ...]) -> Array:
    """(D, 3) the directions of a cube equivalent to one, one of each pair ±."""
    images = {
        tuple(s * x for s, x in zip(sign, order, strict=True))
        for order in itertools.permutations(direction)
        for sign in itertools.product((1, -1), repeat=3)
    }
    return np.array(sorted(v for v in images if v > (0, 0, 0)), dtype=np.float64)


def _repeats(box: Array, edge: float) -> int:
    repeats = round(float(box[0, 0]) / edge) if box.shape == (3, 3) else 0
    if repeats < 1 or np.abs(box - repeats * edge * np.eye(3)).max() > 1e-3 * edge:
        raise LongstrideError(
            f"the cell {box.tolist()} is no cube of whole unit cells of {edge:g} Å along the axes:"
            " phonon paths need one"
        )
    return repeats


def _window(resolution: float | None, step: float, n_frames: int) -> int:
    if resolution is None:
        return max(16, n_frames // 4)
    size = round(1.0 / (positive("resolution", resolution, "THz") * THZ * step))
    if not 16 <= size <= n_frames:
        raise LongstrideError(
            f"a resolution of {resolution:g} THz needs windows of {size} frames, the trajectory has"
            f" {n_frames}:"
            f" give {1 / (n_frames * step * THZ):.3g} to {1 / (16 * step * THZ):.3g} THz"
        )
    return size


def _spectra(
    weighted: Array, root: Array, sites: Array, star: Array, window: Array, step: float
) -> tuple[Array, Array]:
    """(S, K) energy per mode in eV/THz of the samples along and across the wavevectors of a star
    (D, 3): one sample a direction, polarisation and window of time.
    """
    along, across = [], []
    for q in star:
        phase = np.exp(-1j * (sites @ q))
        # Modes less what the motion of the center of mass, taken out, would have had.
        modes = len(sites) - abs(phase @ root) ** 2 / float(root @ root)
        field = np.einsum("i,fia->fa", phase / np.sqrt(modes), weighted, optimize=True)
        first = q / np.linalg.norm(q)
        other = np.array([0.0, 0.0, 1.0]) if first[2] == 0.0 else np.array([1.0, -1.0, 0.0])
        second = np.cross(first, other)
        second /= np.linalg.norm(second)
        along.append(field @ first)
        across += [field @ second, field @ np.cross(first, second)]
    return _power(np.array(along), window, step), _power(np.array(across), window, step)


def _power(signals: Field, window: Array, step: float) -> Array:
    """(S, K) kinetic energy per THz in the half-overlapping windows of complex signals (D, F), both
    signs of the frequency together.
    """
    size = len(window)
    parts = np.lib.stride_tricks.sliding_window_view(signals, size, axis=1)
    parts = parts[:, :: size // 2].reshape(-1, size) * window
    n = _PADDING * size
    power = np.abs(np.fft.fft(parts, n, axis=1)) ** 2 * (step * THZ / float(window @ window))
    half = n // 2 + 1
    folded = np.array(power[:, :half])
    folded[:, 1 : half - 1] += power[:, : half - 1 : -1]
    return 0.5 * MASS_VELOCITY_SQUARED * folded


def _row(samples: Array, frequency: Array) -> tuple[Array, float, float, float]:
    """Mean spectrum, its peak with a jackknife error, and the temperature."""
    mean = samples.mean(axis=0)
    n = len(samples)
    peaks = np.array([_peak(frequency, (n * mean - one) / (n - 1)) for one in samples])
    error = float(np.sqrt((n - 1) * np.mean((peaks - peaks.mean()) ** 2)))
    temperature = 2.0 * float(mean.sum()) * float(frequency[1]) / BOLTZMANN
    return mean, _peak(frequency, mean), error, temperature


def _peak(frequency: Array, spectrum: Array) -> float:
    """Mean frequency of the highest peak between the points of half its height."""
    top = int(np.argmax(spectrum))
    low = np.flatnonzero(spectrum < 0.5 * spectrum[top])
    before, after = low[low < top], low[low > top]
    start = int(before[-1]) + 1 if len(before) else 0
    stop = int(after[0]) if len(after) else len(spectrum)
    weight = spectrum[start:stop]
    return float(weight @ frequency[start:stop] / weight.sum())
