"""What is computed from one trajectory before trajectories are compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride import analysis
from longstride.errors import LongstrideError
from longstride.trajectory import Segment

Array = NDArray[np.floating]

RDF_FRAMES = 40
"""Frames of a trajectory that enter its g(r): more are correlated and change nothing."""

BLOCKS = 4
"""Equal blocks of a reference run, compared with each other for the noise floor."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of every trajectory that is compared.

    Attributes:
        discard: fs left out at the start.
        length: fs compared.
        vdos_window: fs of one window of the density of states.
    """

    discard: float
    length: float
    vdos_window: float


@dataclass(frozen=True, slots=True)
class Observed:
    """Quantities of one trajectory.

    Attributes:
        time: (F,) fs since the trajectory's start, discarded part included, for ``temperature``.
        temperature_series: (F,) K, discarded part included.
        temperature: mean of the compared part.
        rdf, msd, vdos, amplitude, wavevectors: of the compared part.
        energy: mean potential energy per atom in eV, or None.
    """

    time: Array
    temperature_series: Array
    temperature: analysis.Estimate
    rdf: analysis.Rdf
    msd: analysis.Msd
    vdos: analysis.Vdos
    amplitude: analysis.Amplitude
    wavevectors: analysis.WavevectorTemperature
    energy: analysis.Estimate | None


def common_window(segments: list[Segment], discard: float) -> Window:
    """The window that all segments cover.

    Raises:
        LongstrideError: fewer than 32 frames of the shortest segment are left.
    """
    duration = min(segment.interval * (segment.n_frames - 1) for segment in segments)
    interval = max(segment.interval for segment in segments)
    length = duration - discard
    if length < 31 * interval:
        raise LongstrideError(
            f"{segments[0].path}: {max(length, 0):g} fs are left to compare after {discard:g} fs of"
            f" equilibration, 32 frames {interval:g} fs apart are needed: run longer"
        )
    return Window(discard, length, length / 4.0)


def observe(
    segment: Segment,
    window: Window,
    *,
    block: int | None = None,
    energies: Array | None = None,
) -> Observed:
    """Analyse the compared part of a segment, or one of its ``BLOCKS`` equal blocks.

    Args:
        segment: positions and velocities at a constant interval.
        window: what to compare.
        block: index of the block to take; None takes the whole window.
        energies: (K,) potential energies of frames of the window in eV, in order; default: the
            segment's own, if it has them.
    """
    begin, length = window.discard, window.length
    if block is not None:
        length /= BLOCKS
        begin += block * length
    first = round(begin / segment.interval)
    count = round(length / segment.interval) + 1
    chosen = slice(first, first + count)
    positions = segment.positions(chosen)
    velocities = segment.velocities(chosen)
    masses = segment.masses
    if energies is None:
        own = segment.potential_energy(chosen)
        energies = None if own is None else np.atleast_1d(own)
    temperature = analysis.kinetic_temperature(velocities, masses)
    before = segment.velocities(slice(0, first)) if block is None and first else velocities[:0]
    series = np.concatenate([_temperatures(before, masses), temperature.series])
    amplitude = analysis.mean_square_amplitude(positions, masses)
    # Blocks are sampled as densely as the whole, so that their noise can be scaled to it.
    stride = max(1, round(window.length / segment.interval) // RDF_FRAMES)
    # An even number of frames, so that the grid ends at the Nyquist frequency.
    frames = min(round(window.vdos_window / segment.interval), len(positions))
    vdos_frames = max(8, 2 * (frames // 2))
    return Observed(
        time=segment.interval * (np.arange(len(series)) + (first - len(before))),
        temperature_series=series,
        temperature=analysis.Estimate(
            temperature.value, temperature.error, temperature.inefficiency
        ),
        rdf=analysis.radial_distribution(positions[::stride], segment.cell),
        msd=analysis.mean_square_displacement(
            positions, segment.interval, masses=masses, max_lag=len(positions) // 3
        ),
        vdos=analysis.density_of_states(
            velocities,
            masses,
            segment.interval,
            resolution=1e3 / (vdos_frames * segment.interval),
        ),
        amplitude=amplitude,
        wavevectors=analysis.wavevector_temperature(
            amplitude.sites, velocities, masses, segment.cell
        ),
        energy=None if energies is None else analysis.mean_with_error(energies / segment.n_atoms),
    )


def _temperatures(velocities: Array, masses: Array) -> Array:
    if len(velocities) < 2:
        return np.zeros(0)
    return analysis.kinetic_temperature(velocities, masses).series
