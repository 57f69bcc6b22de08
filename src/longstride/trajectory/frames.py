"""One frame of someone else's trajectory, and what the reader of a file has to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import ConfigError, FileFormatError
from longstride.units import ASE_TIME, METAL_VELOCITY, PS, REAL_ENERGY

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SourceUnits:
    """Factors from a program's units to Å, fs, eV (lengths are Å and masses amu in all of them).

    Attributes:
        name: what the user calls them.
        velocity: one unit of velocity in Å/fs.
        time: one unit of time in fs.
        energy: one unit of energy in eV.
    """

    name: str
    velocity: float
    time: float
    energy: float


UNITS: Final = {
    units.name: units
    for units in (
        SourceUnits("metal", velocity=METAL_VELOCITY, time=PS, energy=1.0),
        SourceUnits("real", velocity=1.0, time=1.0, energy=REAL_ENERGY),
        SourceUnits("ase", velocity=1.0 / ASE_TIME, time=1.0, energy=1.0),
    )
}
"""LAMMPS metal and real; ase is ASE's own velocities, Å·sqrt(eV/amu), with times in fs."""


@dataclass(frozen=True)
class SourceFrame:
    """One frame as a file has it, in Å, fs, eV, amu, atoms in the order of their ids.

    Attributes:
        number: counted from 0.
        positions: (N, 3).
        wrapped: whether positions may have been moved by lattice vectors between frames.
        velocities: (N, 3) in Å/fs, if the file has them.
        species: (N,) atomic numbers.
        masses: (N,) in amu, if the file has them.
        ids: (N,) names of the atoms in messages.
        cell: (3, 3) rows.
        pbc: (3,) periodic directions.
        potential_energy: eV, if the file has it.
        stress: (3, 3) in eV/Å³, positive in tension, if the file has it.
        step: MD step count, if the file has it.
        time: fs, if the file has it.
        fraction: how much of the file has been read, 0 to 1.
    """

    number: int
    positions: Array
    wrapped: bool
    velocities: Array | None
    species: NDArray[np.int64]
    masses: Array | None
    ids: NDArray[np.int64]
    cell: Array
    pbc: NDArray[np.bool_]
    potential_energy: float | None = None
    stress: Array | None = None
    step: int | None = None
    time: float | None = None
    fraction: float = 0.0


def find_units(name: str | None) -> SourceUnits | None:
    """The units of that name.

    Raises:
        ConfigError: no such name.
    """
    if name is not None and name not in UNITS:
        raise ConfigError(f"--units {name}: not known; use one of {', '.join(UNITS)}")
    return None if name is None else UNITS[name]


def atomic_numbers(symbols: Sequence[str], where: str) -> NDArray[np.int64]:
    """Atomic numbers of element symbols.

    Args:
        symbols: one an atom.
        where: start of the message.

    Raises:
        FileFormatError: not an element.
    """
    # ASE takes a third of a second to import, which other commands should not wait for.
    from ase.data import atomic_numbers as known

    table = {}
    for symbol in set(symbols):
        number = known.get(symbol.capitalize(), 0)
        if number < 1:
            raise FileFormatError(
                f"{where}: '{symbol}' is not a chemical element; "
                "correct the file, or name the types with --elements"
            )
        table[symbol] = number
    return np.array([table[symbol] for symbol in symbols], dtype=np.int64)


def standard_masses(species: NDArray[np.int64]) -> Array:
    """(N,) IUPAC masses in amu of (N,) atomic numbers."""
    from ase.data import atomic_masses

    return np.asarray(atomic_masses[species], dtype=np.float64)


def frame_name(path: Path, number: int, step: int | None = None) -> str:
    """How messages call a frame."""
    return f"{path}: frame {number}" + (f" (step {step})" if step is not None else "")
