"""A state inside LAMMPS: its box, its atoms, and the way back to the state's own axes."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from longstride.engines.lammps.ranks import Ranks
from longstride.engines.lammps.schedule import SKIN, Schedule
from longstride.errors import EngineError
from longstride.kernels.species import species_indices
from longstride.state import State, triangular
from longstride.units import METAL_VELOCITY

Array = NDArray[np.float64]

_CHUNK: Final = 100_000
"""Atoms that are handed to LAMMPS at once: every rank sees all, and keeps its own."""

_FACE: Final = 1e-12
"""Part of a cell that is kept between atoms and faces."""


class Axes:
    """The axes of a state and those of LAMMPS, whose first cell vector lies along x.

    Args:
        cell: (3, 3) rows in Å.
    """

    def __init__(self, cell: Array) -> None:
        self.cell, self._turn = triangular(cell)

    def inside(self, vectors: Array) -> Array:
        """Vectors (..., 3) of the state as LAMMPS has them."""
        return np.asarray(vectors @ self._turn.T)

    def outside(self, vectors: Array) -> Array:
        """And back."""
        return np.asarray(vectors @ self._turn)


def make_box(
    lammps: Any, cell: Array, masses: tuple[float, ...], schedule: Schedule, reach: float
) -> None:
    """The box, the atom types and what ranks tell each other.

    Args:
        lammps: an instance without a box.
        cell: (3, 3) rows in Å, lower triangular; periodic.
        masses: of the types, amu.
        schedule: of the strides; says how deep a halo they need.
        reach: Å that an atom may move between two exchanges.
    """
    (lx, _, _), (xy, ly, _), (xz, yz, lz) = cell.tolist()
    # Ghosts are moved only where more kicks follow before the next exchange.
    velocities = "yes" if schedule.kicks > 1 else "no"
    for command in (
        "units metal",
        "boundary p p p",
        "atom_style atomic",
        # In bins about as wide as a cutoff, so that near atoms are near in memory.
        "atom_modify sort 1000 6.0",
        "box tilt large",
        f"region cell prism 0 {lx!r} 0 {ly!r} 0 {lz!r} {xy!r} {xz!r} {yz!r}",
        f"create_box {len(masses)} cell",
        *(f"mass {kind} {mass!r}" for kind, mass in enumerate(masses, start=1)),
        # An atom on either side may have moved by half the skin since ghosts were made.
        f"comm_modify mode single cutoff {schedule.depth(reach) + SKIN!r} vel {velocities}",
        f"neighbor {SKIN!r} bin",
        "neigh_modify every 1 delay 0 check yes",
    ):
        lammps.command(command)


def place_atoms(
    lammps: Any, ranks: Ranks, state: State | None, axes: Axes, species: tuple[int, ...]
) -> int:
    """Hand the atoms of a state to LAMMPS, numbered from 1; returns how many there are.

    Args:
        lammps: an instance with a box.
        ranks: that share it.
        state: on the first rank.
        axes: of the state and of LAMMPS.
        species: atomic numbers, in the order of the types.

    Raises:
        EngineError: LAMMPS did not take all atoms.
    """
    size = np.array([0 if state is None else state.n_atoms])
    ranks.share(size)
    n_atoms = int(size[0])
    for first in range(0, n_atoms, _CHUNK):
        count = min(_CHUNK, n_atoms - first)
        vectors = np.empty((2, count, 3))
        kinds = np.empty(count, dtype=np.int64)
        turns = np.empty((count, 3), dtype=np.int64)
        if state is not None:
            here = slice(first, first + count)
            vectors[0], turns[:] = wrapped(axes.inside(state.positions[here]), axes.cell)
            vectors[1] = axes.inside(state.velocities[here]) / METAL_VELOCITY
            kinds[:] = species_indices(species, state.species[here]) + 1
        ranks.share(vectors)
        ranks.share(kinds)
        ranks.share(turns)
        numbers = np.arange(first + 1, first + count + 1)
        flags = image_flags(turns, 8 * lammps.extract_setting("imageint"))
        each = (numbers.tolist(), kinds.tolist(), vectors[0].ravel(), vectors[1].ravel())
        lammps.create_atoms(count, *each, flags.tolist())
    if lammps.get_natoms() != n_atoms:
        raise EngineError(
            f"LAMMPS took {lammps.get_natoms():.0f} of {n_atoms} atoms: a position or the cell is "
            "damaged"
        )
    return n_atoms


def wrapped(positions: Array, cell: Array) -> tuple[Array, NDArray[np.int64]]:
    """Positions (N, 3) inside the cell, and the whole cells (N, 3) that were taken off.

    An atom on a face is moved inside by a billionth of an Å: LAMMPS would take one that rounding
    leaves outside to the other face, and not count that.
    """
    fractions = positions @ np.linalg.inv(cell)
    turns = np.floor(fractions)
    inside = np.clip(fractions - turns, _FACE, 1.0 - _FACE)
    return (inside @ cell), turns.astype(np.int64)


def image_flags(turns: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """(N,) whole cells (N, 3) as LAMMPS packs them into one integer of so many bits.

    Raises:
        EngineError: an atom is too many cells away.
    """
    width = 10 if bits == 32 else 21
    middle = 1 << (width - 1)
    if np.abs(turns).max(initial=0) >= middle:
        raise EngineError(
            f"an atom is {np.abs(turns).max()} cells away; LAMMPS counts {middle - 1}"
        )
    counted = turns + middle
    return counted[:, 0] | counted[:, 1] << width | counted[:, 2] << 2 * width


def image_turns(flags: NDArray[np.integer]) -> NDArray[np.int64]:
    """The whole cells (N, 3) of :func:`image_flags`."""
    width = 10 if flags.dtype.itemsize == 4 else 21
    mask, middle = (1 << width) - 1, 1 << (width - 1)
    turns = [(flags >> (axis * width)) & mask for axis in range(3)]
    return np.stack(turns, axis=1).astype(np.int64) - middle
