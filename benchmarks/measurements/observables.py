"""What is computed from one trajectory, the model's and the reference's alike."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride import analysis
from longstride.trajectory import Segment

Array = NDArray[np.float64]

RDF_FRAMES = 500
"""Frames that enter g(r), evenly spaced."""


def observables(segment: Segment, first: int) -> dict[str, Any]:
    """Temperature, amplitude, g(r) and the temperature of wavevectors from frame ``first`` on."""
    positions, velocities = (
        segment.positions(slice(first, None)),
        segment.velocities(slice(first, None)),
    )
    temperature = analysis.kinetic_temperature(velocities, segment.masses)
    amplitude = analysis.mean_square_amplitude(positions, segment.masses)
    step = max(1, len(positions) // RDF_FRAMES)
    rdf = analysis.radial_distribution(positions[::step], segment.cell)
    return {
        "frames": len(positions),
        "temperature": {"value": temperature.value, "error": temperature.error},
        "amplitude": {"value": amplitude.value, "error": amplitude.error},
        "wavevectors": equipartition(
            amplitude.sites, velocities, segment.masses, segment.cell, temperature.value
        ),
        "rdf": {"r": rdf.r, "g": rdf.g},
    }


def equipartition(
    sites: Array, velocities: Array, masses: Array, cell: Array, temperature: float
) -> dict[str, Any]:
    """Kinetic temperature by wavevector, and how far it is from one temperature.

    ``rms`` is the root mean square over the bins of T(k)/T - 1, ``noise`` the same of the standard
    errors of T(k)/T: what is expected where equipartition holds.
    """
    found = analysis.wavevector_temperature(sites, velocities, masses, cell)
    ratio, error = found.value / temperature - 1.0, found.error / temperature
    return {
        "k": found.k,
        "value": found.value,
        "error": found.error,
        "longitudinal": found.longitudinal,
        "transverse": found.transverse,
        "rms": float(np.sqrt(np.mean(ratio**2))),
        "noise": float(np.sqrt(np.mean(error**2))),
        "largest": float(ratio[np.argmax(np.abs(ratio))]),
    }
