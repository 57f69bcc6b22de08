"""A metallic glass: a random solution is molten and quenched by the reference, then written."""

from pathlib import Path
from typing import Final

import numpy as np
from ase import Atoms
from ase.io import write

from longstride.reference import Barostat, Engine, LammpsSettings, Langevin, Phase, make_engine
from longstride.reference.structure import (
    StructureSettings,
    build_structure,
    thermal_velocities,
)
from longstride.state import State
from longstride.units import PS

POTENTIAL: Final = LammpsSettings(
    pair_style="eam/fs", potential=("CuZr_mm.eam.fs",), elements=("Cu", "Zr")
)
STRUCTURE: Final = StructureSettings(
    lattice="fcc",
    element="Cu",
    lattice_constant=4.15,
    composition={"Cu": 0.5, "Zr": 0.5},
    repeat=(4, 4, 4),
    seed=1,
)
MOLTEN: Final = 2000.0
"""K."""

COLD: Final = 300.0
STEP: Final = 50.0
"""K from one temperature of the quench to the next."""

HOLD: Final = 10.0 * PS
"""At each: 5 K/ps in all."""

TIME_STEP: Final = 2.0


def make_glass(path: Path) -> str:
    """Writes the glass as extended XYZ; returns a line about it."""
    state = quench(make_engine(POTENTIAL))
    atoms = Atoms(state.species, state.positions, cell=state.cell, pbc=state.pbc)
    atoms.wrap()
    write(path, atoms, format="extxyz", columns=["symbols", "positions"])
    return f"{path}: {state.n_atoms} atoms, {state.volume / state.n_atoms:.3f} Å³ each"


def quench(engine: Engine) -> State:
    """The structure at the end of the quench."""
    start = build_structure(STRUCTURE)
    state = thermal_velocities(start, MOLTEN, np.random.default_rng(1))
    steps = round(HOLD / TIME_STEP)
    ladder = [MOLTEN, MOLTEN, *np.arange(MOLTEN - STEP, COLD - 1.0, -STEP)]
    phases = [
        Phase(
            steps,
            TIME_STEP,
            langevin=Langevin(float(temperature), 0.2 * PS, seed),
            barostat=Barostat(0.0, 1.0 * PS),
        )
        for seed, temperature in enumerate(ladder, start=1)
    ]
    return engine.simulate(state, phases, lambda phase, frames: None).state
