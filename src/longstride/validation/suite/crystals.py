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
from longstride.validation.lattice import Lattice, relaxed_lengths
from longstride.validation.suite.parts import Parts, content_of

Crystals = Callable[[float], State]
"""The cell at a temperature in K."""


def lattice_crystals(lattice: Lattice, engine: Engine, atoms: int, parts: Parts) -> Crystals:
    """A crystal of about so many atoms, with the model's lattice constants or the engine's own."""
    repeats = lattice.repeats(atoms)

    @cache
    def crystal(temperature: float) -> State:
        lengths = lattice.tabulated(temperature)
        if lengths is None:
            record = parts.record(
                f"lattice-{temperature:g}K",
                {"engine": engine.describe(), "cell": lattice.structure.model_dump(mode="json")},
                f"{temperature:g}K: lattice constants",
                lambda: {"lengths": relaxed_lengths(engine, lattice, temperature, seed=1)},
            )
            a, b, c = record["lengths"]
            lengths = (a, b, c)
        return lattice.crystal(repeats, lengths)

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
