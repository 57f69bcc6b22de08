"""The cell the suite runs in at each temperature."""

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np

from longstride.dynamics import Regime, with_model_masses
from longstride.errors import ConfigError
from longstride.reference import Engine, Recipe
from longstride.reference.sampling import relax_cell
from longstride.reference.structure import build_structure, with_cell
from longstride.state import State
from longstride.trajectory import Segment
from longstride.validation import system
from longstride.validation.suite.parts import Parts, content_of

Crystals = Callable[[float], State]
"""The cell at a temperature in K."""


def lattice_crystals(
    regime: Regime, constants: Mapping[float, float], engine: Engine, atoms: int, parts: Parts
) -> Crystals:
    """The element's lattice of about so many atoms, at the model's or the engine's own constant.

    Raises:
        ConfigError: the model is not for one cubic element.
    """
    lattice = system.lattice_of(regime.species)
    number, mass = regime.species[0], regime.masses[0]
    cells = system.cells_for(atoms, lattice)

    @cache
    def crystal(temperature: float) -> State:
        constant = system.tabulated_constant(constants, temperature)
        if constant is None:
            record = parts.record(
                f"lattice-{temperature:g}K",
                {"engine": engine.describe(), "crystal": [number, mass, lattice]},
                f"{temperature:g}K: lattice constant",
                lambda: {
                    "lattice_constant": system.relaxed_constant(
                        engine, number, mass, lattice, temperature, seed=1
                    )
                },
            )
            constant = float(record["lattice_constant"])
        return system.cubic_crystal(number, mass, lattice, constant, cells)

    return crystal


def recipe_crystals(recipe: Recipe, regime: Regime, engine: Engine, parts: Parts) -> Crystals:
    """The recipe's structure in its relaxed cell.

    Raises:
        LongstrideError: the structure cannot be built.
    """
    structure = with_model_masses(regime, build_structure(recipe.structure))

    @cache
    def crystal(temperature: float) -> State:
        if recipe.relaxation is None:
            return structure
        settings = recipe.model_dump(
            mode="json", include={"relaxation", "pressure", "time_step", "damping"}
        )
        record = parts.record(
            f"cell-{temperature:g}K",
            {
                "engine": engine.describe(),
                "structure": content_of(structure),
                "temperature": temperature,
                **settings,
            },
            f"{temperature:g}K: relaxed cell",
            lambda: {"cell": relax_cell(engine, structure, temperature, recipe).cell.tolist()},
        )
        return with_cell(structure, np.array(record["cell"]))

    return crystal


def file_crystals(groups: Mapping[float, tuple[Segment, ...]], regime: Regime) -> Crystals:
    """The first frame of a file at each temperature.

    Raises:
        ConfigError: it has no velocities, so no phase point.
    """

    @cache
    def crystal(temperature: float) -> State:
        segment = groups[temperature][0]
        if not segment.has_velocities:
            raise ConfigError(f"{segment.path}: segment '{segment.name}' has no velocities")
        return with_model_masses(regime, segment.state(0).with_(time=0.0))

    return crystal
