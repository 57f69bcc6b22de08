"""ASE's Atoms as a state."""

from typing import TYPE_CHECKING, Final

import numpy as np

from longstride.state import State
from longstride.trajectory.frames import UNITS

if TYPE_CHECKING:
    from ase import Atoms

LAST_ELEMENT: Final = 118


def state_of_atoms(atoms: "Atoms") -> State:
    """The state of atoms: positions as they are, velocities in Å/fs, time 0, arrays of its own."""
    return State(
        positions=np.array(atoms.positions, dtype=np.float64),
        velocities=np.array(atoms.get_velocities() * UNITS["ase"].velocity, dtype=np.float64),
        masses=np.array(atoms.get_masses(), dtype=np.float64),
        species=atoms.numbers.astype(np.int64),
        cell=np.array(atoms.cell.array, dtype=np.float64),
        pbc=np.array(atoms.pbc, dtype=np.bool_),
    )


def fault_of_atoms(atoms: "Atoms") -> str | None:
    """Why atoms cannot be simulated, as a short clause; None if they can."""
    if len(atoms) == 0:
        return "has no atoms"
    unknown = (atoms.numbers < 1) | (atoms.numbers > LAST_ELEMENT)
    if unknown.any():
        return f"atom {int(np.argmax(unknown)) + 1} has no element"
    masses = atoms.get_masses()
    if not (np.isfinite(masses).all() and np.all(masses > 0)):
        return "masses must be positive"
    for what, array in (
        ("positions", atoms.positions),
        ("cell", atoms.cell.array),
        ("velocities", atoms.get_velocities()),
    ):
        if not np.isfinite(array).all():
            return f"{what} not finite"
    if np.any(atoms.pbc) and abs(np.linalg.det(atoms.cell.array)) < 1e-6:
        return "periodic, but the cell has no volume"
    return None
