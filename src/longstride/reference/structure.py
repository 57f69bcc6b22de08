"""Starting structures of reference runs: a named lattice or a file, strained or scaled."""

from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from ase.data import atomic_masses, atomic_numbers, reference_states
from pydantic import (
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from longstride.errors import ConfigError
from longstride.reference.engine import Array
from longstride.reference.settings import Settings, check_element
from longstride.state import State
from longstride.trajectory import read_structure
from longstride.units import BOLTZMANN, GRAM_PER_CUBIC_CENTIMETRE, MASS_VELOCITY_SQUARED

if TYPE_CHECKING:
    from ase import Atoms


MOST_ATOMS = 10_000_000
"""Of a reference run."""


class StructureSettings(Settings):
    """A crystal lattice, or a structure file, repeated.

    Attributes:
        lattice: fcc, bcc, sc, diamond (cubic cells) or hcp (orthorhombic cells of four atoms).
        element: chemical symbol on the lattice.
        lattice_constant: first guess in Å; the element's tabulated one if not given.
        c_over_a: axis ratio of hcp, ideal if not given.
        file: a structure file of any format that ``run`` reads, in place of a lattice.
        repeat: cells along each axis.
        composition: share of each element; the sites of the lattice are taken by so many atoms of
            each, at random.
        vacancies: atoms taken out at random after repeating.
        seed: of composition and vacancies.
    """

    lattice: Literal["fcc", "bcc", "sc", "diamond", "hcp"] | None = None
    element: str | None = None
    lattice_constant: PositiveFloat | None = None
    c_over_a: PositiveFloat | None = None
    file: Path | None = None
    repeat: tuple[PositiveInt, PositiveInt, PositiveInt] = Field(default=(1, 1, 1))
    composition: dict[str, float] | None = None
    vacancies: NonNegativeInt = 0
    seed: NonNegativeInt = 0

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

    @model_validator(mode="after")
    def _shares(self) -> "StructureSettings":
        shares = self.composition
        if shares is None:
            return self
        if self.file is not None:
            raise ValueError("'composition' belongs to a lattice")
        for symbol, share in shares.items():
            check_element(symbol)
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"composition.{symbol}: {share} is no share between 0 and 1")
        if abs(sum(shares.values()) - 1.0) > 1e-6:
            raise ValueError(f"composition: the shares add up to {sum(shares.values()):g}, not 1")
        return self


def build_structure(settings: StructureSettings) -> State:
    """The structure at rest; masses are those of the file, or ASE's standard ones.

    Raises:
        FileFormatError: the structure file is missing or unreadable.
        ConfigError: no lattice constant is given or tabulated for the element's lattice, or more
            vacancies than atoms.
    """
    return _with_vacancies(_full_structure(settings), settings)


def _full_structure(settings: StructureSettings) -> State:
    """The structure before vacancies are made in it."""
    if settings.file is not None:
        state, _ = read_structure(settings.file)
        if state.volume < 1e-6:
            raise ConfigError(f"{settings.file}: the structure has no cell with volume; add one")
        return _repeated(state, settings.repeat)
    atoms = _from_lattice(settings)
    state = State(
        positions=np.array(atoms.positions, dtype=np.float64),
        velocities=np.zeros((len(atoms), 3)),
        masses=np.array(atoms.get_masses(), dtype=np.float64),
        species=np.array(atoms.numbers, dtype=np.int64),
        cell=np.array(atoms.cell, dtype=np.float64),
        pbc=np.array(atoms.pbc, dtype=np.bool_),
    )
    return _mixed(_repeated(state, settings.repeat), settings)


def _mixed(state: State, settings: StructureSettings) -> State:
    """The state with its sites taken by the elements of the composition, at random."""
    if settings.composition is None:
        return state
    shares = np.array(list(settings.composition.values()))
    # Largest remainders: counts add up to the number of sites, each within one of its share.
    wanted = shares * state.n_atoms / shares.sum()
    counts = np.floor(wanted).astype(int)
    missing = state.n_atoms - counts.sum()
    counts[np.argsort(counts - wanted, kind="stable")[:missing]] += 1
    numbers = [atomic_numbers[symbol] for symbol in settings.composition]
    species = np.repeat(np.array(numbers, dtype=np.int64), counts)
    np.random.default_rng(settings.seed).shuffle(species)
    return state.with_(species=species, masses=atomic_masses[species].astype(np.float64))


def _with_vacancies(state: State, settings: StructureSettings) -> State:
    """The state without so many of its atoms, chosen at random."""
    if not settings.vacancies:
        return state
    if settings.vacancies >= state.n_atoms:
        raise ConfigError(
            f"structure.vacancies: {settings.vacancies} of {state.n_atoms} atoms; leave some"
        )
    rng = np.random.default_rng([settings.seed, settings.vacancies])
    missing = rng.choice(state.n_atoms, settings.vacancies, replace=False)
    arrays = ("positions", "velocities", "masses", "species")
    kept = {name: np.delete(getattr(state, name), missing, axis=0) for name in arrays}
    return state.with_(**kept)


def _repeated(state: State, repeat: tuple[int, int, int]) -> State:
    """Copies of the atoms, at rest, along each cell vector.

    Raises:
        ConfigError: too many.
    """
    if prod(repeat) * state.n_atoms > MOST_ATOMS:
        raise ConfigError(
            f"structure.repeat: {list(repeat)} makes {prod(repeat) * state.n_atoms:.3g} atoms, "
            f"more than {MOST_ATOMS:,}; repeat it less"
        )
    corners = np.stack(np.meshgrid(*map(np.arange, repeat), indexing="ij"), axis=-1).reshape(-1, 3)
    shifts = corners @ state.cell
    copies = len(shifts)
    return State(
        positions=(shifts[:, None] + state.positions).reshape(-1, 3),
        velocities=np.zeros((copies * state.n_atoms, 3)),
        masses=np.tile(state.masses, copies),
        species=np.tile(state.species, copies),
        cell=np.array(repeat)[:, None] * state.cell,
        pbc=state.pbc,
    )


def _from_lattice(settings: StructureSettings) -> "Atoms":
    from ase.build import bulk  # takes a second to load, and worker processes do not need it

    if settings.element is None or settings.lattice is None:
        raise ConfigError("structure: give 'lattice' and 'element', or 'file'")
    constant = settings.lattice_constant
    if constant is None:
        known: Any = reference_states[atomic_numbers[settings.element]]
        if not known or known["symmetry"] != settings.lattice or "a" not in known:
            raise ConfigError(
                f"structure.lattice_constant: no tabulated value for {settings.lattice}"
                f" {settings.element}; give a guess in Å"
            )
        constant = float(known["a"])
    if settings.lattice == "hcp":
        ratio = settings.c_over_a or np.sqrt(8.0 / 3.0)
        return bulk(settings.element, "hcp", a=constant, covera=ratio, orthorhombic=True)
    return bulk(settings.element, settings.lattice, a=constant, cubic=True)


def with_cell(state: State, cell: Array) -> State:
    """The state with its atoms carried along into another cell."""
    scaled = state.positions @ np.linalg.inv(state.cell)
    return state.with_(positions=scaled @ cell, cell=np.array(cell))


def density(state: State) -> float:
    """Mass density in g/cm³."""
    volume = state.volume
    return float(state.masses.sum() / volume / GRAM_PER_CUBIC_CENTIMETRE)


def thermal_velocities(state: State, temperature: float, rng: np.random.Generator) -> State:
    """The state with Maxwell–Boltzmann velocities at ``temperature`` (K), no total momentum."""
    width = np.sqrt(BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * state.masses))
    velocities = width[:, None] * rng.standard_normal((state.n_atoms, 3))
    velocities -= np.average(velocities, axis=0, weights=state.masses)
    return state.with_(velocities=velocities)
