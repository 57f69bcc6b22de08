"""The crystal a model is shown on, and the reference program for its potential."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ase.build import bulk
from ase.data import chemical_symbols, reference_states

from longstride.errors import ConfigError
from longstride.reference import Barostat, Engine, Frames, LammpsSettings, Langevin, Phase
from longstride.reference.structure import thermal_velocities
from longstride.state import State
from longstride.units import PS
from longstride.validation.experiment import Listener
from longstride.validation.reuse import fingerprint, read_record, write_record

PAIR_STYLES = {
    (".eam.alloy",): "eam/alloy",
    (".eam.fs",): "eam/fs",
    (".eam",): "eam",
    (".snapcoeff", ".snapparam"): "snap",
}
"""LAMMPS pair styles by the endings of a potential's files, in the order of ``pair_coeff``."""

CUBIC_ATOMS = {"fcc": 4, "bcc": 2, "diamond": 8}
"""Atoms in the cubic cell of each lattice."""


def reference_settings(
    potentials: tuple[str, ...], species: tuple[int, ...], ranks: int
) -> LammpsSettings:
    """LAMMPS with the potential a model was trained on.

    Args:
        potentials: those the model states; the files of one are joined by commas.
        species: atomic numbers, in the order of the model.
        ranks: MPI processes.

    Raises:
        ConfigError: the model states no potential, several, or one whose pair style is not known
            from the names of its files.
    """
    if len(potentials) != 1:
        raise ConfigError(
            f"the model states {'; '.join(potentials) or 'no potential'}: a side-by-side run needs"
            " a model trained on one potential"
        )
    files = tuple(name.strip() for name in potentials[0].split(","))
    return LammpsSettings(
        pair_style=_pair_style(files),
        potential=files,
        elements=tuple(chemical_symbols[number] for number in species),
        ranks=ranks,
    )


def _pair_style(files: tuple[str, ...]) -> str:
    """The style whose files have these endings, in this order."""
    for endings, style in PAIR_STYLES.items():
        if len(files) == len(endings) and all(map(str.endswith, files, endings)):
            return style
    known = ", ".join(" with ".join(endings) for endings in PAIR_STYLES)
    raise ConfigError(
        f"potential {', '.join(files)}: its LAMMPS pair style is not known; side-by-side runs know"
        f" {known}"
    )


def lattice_of(species: tuple[int, ...]) -> str:
    """The cubic lattice of an element at room temperature.

    Raises:
        ConfigError: several elements, or an element that is not fcc, bcc or diamond.
    """
    symbols = ", ".join(chemical_symbols[number] for number in species)
    known = reference_states[species[0]] or {}
    if len(species) != 1 or known.get("symmetry") not in CUBIC_ATOMS:
        raise ConfigError(
            f"model for {symbols}: only crystals of one fcc, bcc or diamond element are built by"
            " themselves; 'longstride validate --recipe RECIPE' takes the structure of any recipe"
        )
    return str(known["symmetry"])


def cells_for(n_atoms: int, lattice: str) -> int:
    """Cubic cells along each axis whose crystal comes closest to ``n_atoms``, at least 2."""
    return max(2, round((n_atoms / CUBIC_ATOMS[lattice]) ** (1.0 / 3.0)))


def cubic_crystal(number: int, mass: float, lattice: str, constant: float, cells: int) -> State:
    """A perfect crystal at rest: ``cells`` cubic cells of ``constant`` Å along each axis."""
    unit = bulk(chemical_symbols[number], lattice, a=constant, cubic=True)
    atoms = unit.repeat((cells, cells, cells))
    return State(
        positions=np.array(atoms.positions, dtype=np.float64),
        velocities=np.zeros((len(atoms), 3)),
        masses=np.full(len(atoms), mass),
        species=np.full(len(atoms), number, dtype=np.int64),
        cell=np.array(atoms.cell, dtype=np.float64),
        pbc=np.ones(3, dtype=np.bool_),
    )


def tabulated_constant(table: Mapping[float, float], temperature: float) -> float | None:
    """Lattice constant in Å at a temperature by linear interpolation; None outside the table."""
    known = sorted(table)
    if not known or not known[0] <= temperature <= known[-1]:
        return None
    return float(np.interp(temperature, known, [table[t] for t in known]))


def lattice_constant(
    engine: Engine,
    table: Mapping[float, float],
    element: tuple[int, float],
    lattice: str,
    temperature: float,
    *,
    seed: int,
    folder: Path,
    listener: Listener,
) -> float:
    """Lattice constant in Å: the table's, or the reference's own, kept in ``lattice.json``.

    Args:
        engine: the reference.
        table: lattice constants in Å by temperature in K; may be empty.
        element: atomic number and mass in amu.
        lattice: fcc, bcc or diamond.
        temperature: K.
        seed: of the reference's run.
        folder: where the record is kept.
        listener: hears of the reference's run.
    """
    known = tabulated_constant(table, temperature)
    if known is not None:
        return known
    path = folder / "lattice.json"
    mark = fingerprint(
        part="lattice",
        engine=engine.describe(),
        crystal=[*element, lattice],
        temperature=temperature,
        seed=seed,
    )
    record = read_record(path, mark)
    if record is not None:
        listener.reused("lattice constant")
        return float(record["lattice_constant"])
    with listener.part("lattice constant", None):
        constant = relaxed_constant(engine, *element, lattice, temperature, seed)
    write_record(path, mark, {"lattice_constant": constant})
    return constant


def relaxed_constant(
    engine: Engine, number: int, mass: float, lattice: str, temperature: float, seed: int
) -> float:
    """Lattice constant in Å at zero pressure: the mean over 8 ps after 4 ps, about 250 atoms."""
    cells = cells_for(250, lattice)
    # ASE's table is at room temperature: close enough for a barostat to go on from.
    known: Any = reference_states[number]
    crystal = cubic_crystal(number, mass, lattice, float(known["a"]), cells)
    start = thermal_velocities(crystal, 2.0 * temperature, np.random.default_rng(seed))
    baths = [Langevin(temperature, 0.2 * PS, seed + k) for k in (1, 2)]
    barostat = Barostat(0.0, 1.0 * PS)
    phases = [
        Phase(2000, 2.0, langevin=baths[0], barostat=barostat),
        Phase(4000, 2.0, every=10, langevin=baths[1], barostat=barostat),
    ]
    volumes: list[np.ndarray] = []

    def record(_: int, frames: Frames) -> None:
        volumes.append(np.abs(np.linalg.det(frames.cells)))

    engine.simulate(start, phases, record)
    return float(np.concatenate(volumes).mean() ** (1.0 / 3.0) / cells)
