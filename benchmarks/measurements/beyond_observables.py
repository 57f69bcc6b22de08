"""Numbers of a run beyond the perfect crystal, of model and reference alike.

Every function takes frames and the time between them in fs, and returns values with their standard
errors, ``{name: [value, error]}``, and curves as arrays under names of their own.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import (
    diffusion_coefficient,
    largest_radius,
    mean_square_amplitude,
    mean_square_displacement,
    mean_with_error,
    radial_distribution,
    structure_fractions,
    wigner_seitz_vacancies,
)
from longstride.state import State
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED, PS
from measurements.crystal_front import front
from measurements.guard_cases import crystal

Array = NDArray[np.float64]

LAYERS = 8
"""Of the slabs."""

CELLS = (3, 3, 3)
"""Of the crystal with a vacancy."""

SEEN = 2
"""Frames in a row that a vacancy must be found on a new site: thermal excursions are no jumps."""


def rdf(frames: list[State], interval: float) -> dict[str, Any]:
    """g(r) up to 7 Å, or as far as the cell lets."""
    cell = frames[0].cell
    reach = min(7.0, 0.999 * largest_radius(cell))
    found = radial_distribution(_positions(frames), cell, r_max=reach, bin_width=0.1)
    return {"r": found.r, "g": found.g}


def diffusion(frames: list[State], interval: float) -> dict[str, Any]:
    """Self-diffusion coefficient in Å²/ps, from lags of 1 to 6 ps."""
    msd = mean_square_displacement(_positions(frames), interval, masses=frames[0].masses)
    found = diffusion_coefficient(msd, 1.0 * PS, 6.0 * PS)
    return {"diffusion": [found.value * PS, found.error * PS]}


def amplitude(frames: list[State], interval: float) -> dict[str, Any]:
    """Mean square amplitude of the vibrations in Å²."""
    found = mean_square_amplitude(_positions(frames), frames[0].masses)
    return {"amplitude": [found.value, found.error]}


def jumps(frames: list[State], interval: float) -> dict[str, Any]:
    """Jumps of a vacancy to another site, per ns; the error is that of a Poisson count."""
    cell = frames[0].cell
    sites = crystal(float(cell[0, 0]) / CELLS[0], CELLS).positions
    found = wigner_seitz_vacancies(_positions(frames), sites, cell)
    alone = (found.vacancies == 1) & (found.interstitials == 0)
    empty = np.argmin(found.occupation[alone], axis=1)
    count, held = 0, empty[0]
    for first in range(1, len(empty) - SEEN + 1):
        now = empty[first : first + SEEN]
        if now[0] != held and (now == now[0]).all():
            count, held = count + 1, now[0]
    nanoseconds = (len(frames) - 1) * interval / (1000.0 * PS)
    return {
        "jumps": [count / nanoseconds, float(np.sqrt(max(count, 1))) / nanoseconds],
        "count": count,
        "nanoseconds": nanoseconds,
        "one_vacancy": float(alone.mean()),
    }


def layers(frames: list[State], interval: float) -> dict[str, Any]:
    """Spacings in Å and temperatures in K of the layers of a slab, from the surface inwards.

    Atoms belong to layers by their height in each frame; both surfaces count.
    """
    gaps, heat = [], []
    mass = MASS_VELOCITY_SQUARED / (3.0 * BOLTZMANN)
    for frame in frames:
        order = np.argsort(frame.positions[:, 2]).reshape(LAYERS, -1)
        spacing = np.diff(frame.positions[order, 2].mean(axis=1))
        squares = (frame.masses[:, None] * frame.velocities**2).sum(axis=1)
        warmth = mass * squares[order].mean(axis=1)
        gaps.append(0.5 * (spacing + spacing[::-1])[: LAYERS // 2])
        heat.append(0.5 * (warmth + warmth[::-1])[: LAYERS // 2])
    found: dict[str, Any] = {}
    for name, rows in (("spacing", gaps), ("warmth", heat)):
        for k, series in enumerate(np.array(rows).T):
            estimate = mean_with_error(series)
            found[f"{name}_{k + 1}"] = [estimate.value, estimate.error]
    return found


def structure(frames: list[State], interval: float) -> dict[str, Any]:
    """Share of atoms in fcc and in hcp surroundings, at the start and at the end of the run."""
    fractions = structure_fractions(_positions(frames), frames[0].cell).series
    part = max(2, len(frames) // 5)
    found: dict[str, Any] = {}
    for when, rows in (("first", fractions[:part]), ("last", fractions[-part:])):
        for k, name in enumerate(("fcc", "hcp")):
            estimate = mean_with_error(rows[:, k])
            found[f"{name}_{when}"] = [estimate.value, estimate.error]
    return found


OBSERVABLES: dict[str, Callable[[list[State], float], dict[str, Any]]] = {
    f.__name__: f for f in (rdf, diffusion, amplitude, jumps, layers, structure, front)
}


def observed(names: tuple[str, ...], frames: list[State], interval: float) -> dict[str, Any]:
    """The temperature and what else is asked for.

    Args:
        names: keys of ``OBSERVABLES``.
        frames: states in one cell, at least two.
        interval: between them, fs.
    """
    temperature = mean_with_error(np.array([frame.temperature for frame in frames]))
    found: dict[str, Any] = {"temperature": [temperature.value, temperature.error]}
    for name in names:
        found |= OBSERVABLES[name](frames, interval)
    return found


def _positions(frames: list[State]) -> Array:
    return np.stack([frame.positions for frame in frames])
