"""How a model's crystal is made: as its card tells, or as the cubic lattice of its element."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase.data import chemical_symbols
from pydantic import ValidationError

from longstride.dynamics import Regime
from longstride.errors import FileFormatError
from longstride.reference import Barostat, Engine, Frames, Langevin, Phase
from longstride.reference.structure import (
    StructureSettings,
    build_structure,
    thermal_velocities,
    with_cell,
)
from longstride.state import State
from longstride.units import PS
from longstride.validation.experiment import Listener
from longstride.validation.reuse import fingerprint, read_record, write_record
from longstride.validation.system import lattice_of

Lengths = tuple[float, float, float]
"""Edges of a cell in Å."""

Repeats = tuple[int, int, int]
"""Cells along each axis."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """A crystal of any size and temperature.

    Attributes:
        structure: one cell, of right angles.
        table: edges of the relaxed cell by temperature in K; may be empty.
        regime: of the model, whose masses the atoms get.
    """

    structure: StructureSettings
    table: Mapping[float, Lengths]
    regime: Regime

    def tabulated(self, temperature: float) -> Lengths | None:
        """Edges at a temperature by linear interpolation; None outside the table."""
        known = sorted(self.table)
        if not known or not known[0] <= temperature <= known[-1]:
            return None
        edges = np.array([self.table[t] for t in known])
        a, b, c = (float(np.interp(temperature, known, edge)) for edge in edges.T)
        return a, b, c

    def repeats(self, n_atoms: int) -> Repeats:
        """Cells along each axis of the near-cube that comes closest to ``n_atoms``, at least 2."""
        cell = build_structure(self.structure)
        edges = np.linalg.norm(cell.cell, axis=1)
        side = (n_atoms / cell.n_atoms * cell.volume) ** (1.0 / 3.0)
        a, b, c = (max(2, round(side / float(edge))) for edge in edges)
        return a, b, c

    def crystal(self, repeats: Repeats, lengths: Lengths | None = None) -> State:
        """The crystal at rest; without ``lengths`` in the cell a recipe would start from."""
        state = build_structure(self.structure.model_copy(update={"repeat": repeats}))
        if lengths is not None:
            state = with_cell(state, np.diag(np.multiply(repeats, lengths)))
        masses = state.masses.copy()
        for number, mass in zip(self.regime.species, self.regime.masses, strict=True):
            masses[state.species == number] = mass
        return state.with_(masses=masses)

    def in_words(self, lengths: Lengths) -> str:
        """Lattice and its constants."""
        a, _, c = lengths
        ratio = f", c = {c:.4f} Å" if self.structure.lattice == "hcp" else ""
        return f"{self.structure.lattice} with a = {a:.4f} Å{ratio}"


def lattice_of_card(
    card: Mapping[str, Any], regime: Regime, constants: Mapping[float, float], where: str
) -> Lattice:
    """The lattice a card's block ``crystal`` tells of; without one, that of the element.

    Args:
        card: content of ``model.json``.
        regime: of the model.
        constants: cubic lattice constants in Å by temperature in K, for cards without the block.
        where: the model's name, for errors.

    Raises:
        FileFormatError: the block is damaged.
        ConfigError: there is none, and the model is not for one cubic element.
    """
    if "crystal" not in card:
        kind = lattice_of(regime.species)
        structure = StructureSettings.model_validate(
            {"lattice": kind, "element": chemical_symbols[regime.species[0]]}
        )
        return Lattice(structure, {t: (a, a, a) for t, a in constants.items()}, regime)
    try:
        block = card["crystal"]
        table: dict[float, Lengths] = {}
        for temperature, edges in block["lengths"].items():
            a, b, c = map(float, edges)
            if not min(a, b, c) > 0.0:
                raise ValueError(f"edges {edges}")
            table[float(temperature)] = (a, b, c)
        return Lattice(StructureSettings.model_validate(block["structure"]), table, regime)
    except (ValidationError, KeyError, TypeError, ValueError, AttributeError):
        raise FileFormatError(
            f"{where}: the block 'crystal' of its card is damaged; copy the model again"
        ) from None


def known_lengths(
    lattice: Lattice,
    engine: Engine,
    temperature: float,
    *,
    seed: int,
    folder: Path,
    listener: Listener,
) -> Lengths:
    """Edges in Å: the table's, or the reference's own, kept in ``lattice.json``.

    Args:
        lattice: with its table.
        engine: the reference.
        temperature: K.
        seed: of the reference's run.
        folder: where the record is kept.
        listener: hears of the reference's run.
    """
    known = lattice.tabulated(temperature)
    if known is not None:
        return known
    path = folder / "lattice.json"
    mark = fingerprint(
        part="lattice",
        engine=engine.describe(),
        cell=lattice.structure.model_dump(mode="json"),
        temperature=temperature,
        seed=seed,
    )
    record = read_record(path, mark)
    if record is not None:
        listener.reused("lattice constants")
        a, b, c = record["lengths"]
        return a, b, c
    with listener.part("lattice constants", None):
        lengths = relaxed_lengths(engine, lattice, temperature, seed)
    write_record(path, mark, {"lengths": lengths})
    return lengths


def relaxed_lengths(engine: Engine, lattice: Lattice, temperature: float, seed: int) -> Lengths:
    """Edges in Å at zero pressure: the mean over 8 ps after 4 ps, about 250 atoms."""
    repeats = lattice.repeats(250)
    # Tables are at room temperature: close enough for a barostat to go on from.
    crystal = lattice.crystal(repeats)
    start = thermal_velocities(crystal, 2.0 * temperature, np.random.default_rng(seed))
    baths = [Langevin(temperature, 0.2 * PS, seed + k) for k in (1, 2)]
    barostat = Barostat(0.0, 1.0 * PS, "xy" if lattice.structure.lattice == "hcp" else "iso")
    phases = [
        Phase(2000, 2.0, langevin=baths[0], barostat=barostat),
        Phase(4000, 2.0, every=10, langevin=baths[1], barostat=barostat),
    ]
    cells: list[np.ndarray] = []

    def record(_: int, frames: Frames) -> None:
        cells.append(np.linalg.norm(frames.cells, axis=2))

    engine.simulate(start, phases, record)
    a, b, c = (float(edge) for edge in np.concatenate(cells).mean(axis=0) / np.array(repeats))
    return a, b, c
