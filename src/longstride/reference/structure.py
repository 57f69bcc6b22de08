"""Starting structures of reference runs: a named lattice or a file, strained or scaled."""

from pathlib import Path
from typing import Literal

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.data import reference_states
from ase.io import read
from ase.io.formats import UnknownFileTypeError
from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from longstride.errors import ConfigError, FileFormatError
from longstride.reference.engine import Array
from longstride.reference.settings import Settings, check_element
from longstride.state import State
from longstride.units import ATOMIC_MASS, BOLTZMANN, MASS_VELOCITY_SQUARED

GRAM_PER_CUBIC_CENTIMETRE = 1.0 / (ATOMIC_MASS * 1e3 * 1e24)
"""One g/cm³ in amu/Å³."""

CUBIC = ("fcc", "bcc", "sc", "diamond")


class StructureSettings(Settings):
    """A crystal lattice, or a structure file, repeated.

    Attributes:
        lattice: fcc, bcc, sc, diamond (cubic cells) or hcp (orthorhombic cells of four atoms).
        element: chemical symbol on the lattice.
        lattice_constant: first guess in Å; the element's tabulated one if not given.
        c_over_a: axis ratio of hcp, ideal if not given.
        file: any structure file ASE reads, in place of a lattice.
        repeat: cells along each axis.
    """

    lattice: Literal["fcc", "bcc", "sc", "diamond", "hcp"] | None = None
    element: str | None = None
    lattice_constant: PositiveFloat | None = None
    c_over_a: PositiveFloat | None = None
    file: Path | None = None
    repeat: tuple[PositiveInt, PositiveInt, PositiveInt] = Field(default=(1, 1, 1))

    @field_validator("element")
    @classmethod
    def _known_element(cls, value: str | None) -> str | None:
        return value if value is None else check_element(value)

    @model_validator(mode="after")
    def _lattice_or_file(self) -> "StructureSettings":
        if (self.lattice is None) == (self.file is None):
            raise ValueError("give either 'lattice' with 'element', or 'file'")
        if self.lattice is not None and self.element is None:
            raise ValueError(f"lattice '{self.lattice}' needs 'element'")
        if self.file is not None and (self.element or self.lattice_constant or self.c_over_a):
            raise ValueError("'element', 'lattice_constant' and 'c_over_a' belong to a lattice")
        if self.c_over_a is not None and self.lattice != "hcp":
            raise ValueError("'c_over_a' belongs to the hcp lattice")
        return self

    @property
    def cubic(self) -> bool:
        """Whether all axes are equal by symmetry."""
        return self.lattice in CUBIC and len(set(self.repeat)) == 1


def build_structure(settings: StructureSettings) -> State:
    """The structure at rest, with ASE's standard masses.

    Raises:
        FileFormatError: the structure file is missing or unreadable.
        ConfigError: no lattice constant is given or tabulated for the element's lattice.
    """
    atoms = _from_file(settings.file) if settings.file is not None else _from_lattice(settings)
    atoms = atoms.repeat(settings.repeat)
    if abs(np.linalg.det(np.array(atoms.cell))) < 1e-6:
        raise ConfigError(f"{settings.file}: the structure has no cell; add one")
    return State(
        positions=np.array(atoms.positions, dtype=np.float64),
        velocities=np.zeros((len(atoms), 3)),
        masses=np.array(atoms.get_masses(), dtype=np.float64),
        species=np.array(atoms.numbers, dtype=np.int64),
        cell=np.array(atoms.cell, dtype=np.float64),
        pbc=np.array(atoms.pbc, dtype=np.bool_),
    )


def _from_lattice(settings: StructureSettings) -> Atoms:
    assert settings.element is not None and settings.lattice is not None
    constant = settings.lattice_constant
    if constant is None:
        known = reference_states[Atoms(settings.element).numbers[0]]
        if not known or known["symmetry"] != settings.lattice or "a" not in known:
            raise ConfigError(
                f"structure.lattice_constant: no tabulated value for {settings.lattice}"
                f" {settings.element}; give a guess in Å"
            )
        constant = known["a"]
    if settings.lattice == "hcp":
        ratio = settings.c_over_a or np.sqrt(8.0 / 3.0)
        return bulk(settings.element, "hcp", a=constant, covera=ratio, orthorhombic=True)
    return bulk(settings.element, settings.lattice, a=constant, cubic=True)


def _from_file(path: Path) -> Atoms:
    if not path.is_file():
        raise FileFormatError(f"{path}: structure file does not exist")
    try:
        atoms = read(path)
    except (UnknownFileTypeError, ValueError, KeyError, IndexError, OSError) as error:
        raise FileFormatError(f"{path}: not a structure file ASE can read ({error})") from None
    if not isinstance(atoms, Atoms) or len(atoms) == 0:
        raise FileFormatError(f"{path}: no atoms in the structure file")
    return atoms


def with_cell(state: State, cell: Array) -> State:
    """The state with its atoms carried along into another cell."""
    scaled = state.positions @ np.linalg.inv(state.cell)
    return state.with_(positions=scaled @ cell, cell=np.array(cell))


def density(state: State) -> float:
    """Mass density in g/cm³."""
    volume = abs(np.linalg.det(state.cell))
    return float(state.masses.sum() / volume / GRAM_PER_CUBIC_CENTIMETRE)


def thermal_velocities(state: State, temperature: float, rng: np.random.Generator) -> State:
    """The state with Maxwell–Boltzmann velocities at ``temperature`` (K), no total momentum."""
    width = np.sqrt(BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * state.masses))
    velocities = width[:, None] * rng.standard_normal((state.n_atoms, 3))
    velocities -= np.average(velocities, axis=0, weights=state.masses)
    return state.with_(velocities=velocities)
