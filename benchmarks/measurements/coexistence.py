"""A cell that is half crystal and half melt, to see which of the two grows."""

import numpy as np

from longstride.dynamics import draw_velocities
from longstride.reference import Langevin, Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from measurements.guard_cases import crystal

TIME_STEP = 2.0
"""Of the reference, fs."""

HALF = (4, 4, 5)
"""Cubic cells of each half."""

MELTING = 2500.0
"""Temperature of the bath that melts one half, K."""

EXPANSION = 1.065
"""Volume of the melt over that of the crystal near melting, taken up along z."""

GAP = 0.8
"""Å left open at each interface, so that no two atoms of the halves meet."""


def constant_at(constants: dict[float, float], temperature: float) -> float:
    """Lattice constant in Å, between those known or on the line through the nearest two."""
    known = sorted(constants)
    below = [t for t in known if t <= temperature][:-1]
    first = known.index(below[-1]) if below else 0
    first = min(first if temperature < known[first + 1] else first + 1, len(known) - 2)
    low, high = known[first], known[first + 1]
    slope = (constants[high] - constants[low]) / (high - low)
    return constants[low] + slope * (temperature - low)


def solid_and_liquid(engine: Engine, constants: dict[float, float], temperature: float) -> State:
    """Crystal below, melt above, along z: 640 atoms, still to be equilibrated.

    Args:
        engine: the reference, which melts one half by itself and cools it to the temperature.
        constants: relaxed lattice constants in Å by temperature in K.
        temperature: K.
    """
    solid = crystal(constant_at(constants, temperature), HALF)
    stretch = np.array([1.0, 1.0, EXPANSION])
    start = solid.with_(positions=solid.positions * stretch, cell=solid.cell * stretch)
    rng = np.random.default_rng(7)
    phases = [
        Phase(round(time / TIME_STEP), TIME_STEP, langevin=Langevin(at, 200.0, seed))
        for at, time, seed in ((MELTING, 4.0 * PS, 71), (temperature, 2.0 * PS, 72))
    ]
    melt = engine.simulate(draw_velocities(start, MELTING, rng), phases).state
    inside = melt.positions @ np.linalg.inv(melt.cell) % 1.0 @ melt.cell
    height = solid.cell[2, 2]
    cell = solid.cell.copy()
    cell[2, 2] = height + melt.cell[2, 2] + 2.0 * GAP
    return State(
        positions=np.concatenate([solid.positions, inside + [0.0, 0.0, height + GAP]]),
        velocities=np.zeros((2 * solid.n_atoms, 3)),
        masses=np.tile(solid.masses, 2),
        species=np.tile(solid.species, 2),
        cell=cell,
        pbc=solid.pbc,
    )
