"""A small copper crystal under each engine, and the smallest useful recipes."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from longstride.reference import AseSettings, LammpsSettings, make_engine
from longstride.reference.ase_engine import AseEngine
from longstride.reference.engine import Engine
from longstride.reference.structure import (
    StructureSettings,
    build_structure,
    thermal_velocities,
)
from longstride.state import State

EMT = AseSettings(kind="ase", calculator="ase.calculators.emt:EMT")
MISHIN = LammpsSettings(pair_style="eam/alloy", potential="Cu_mishin1.eam.alloy", elements="Cu")


@pytest.fixture(params=[EMT, MISHIN], ids=["ase", "lammps"])
def engine(request) -> Engine:
    return make_engine(request.param)


def crystal(repeat: tuple[int, int, int]) -> State:
    """Copper near 600 K, displaced from the lattice."""
    settings = StructureSettings(lattice="fcc", element="Cu", lattice_constant=3.65, repeat=repeat)
    rng = np.random.default_rng(1)
    state = thermal_velocities(build_structure(settings), 600.0, rng)
    return state.with_(positions=state.positions + 0.05 * rng.standard_normal((state.n_atoms, 3)))


@pytest.fixture
def copper() -> State:
    """32 atoms."""
    return crystal((2, 2, 2))


@pytest.fixture
def small_copper(engine) -> State:
    """For long runs: fewer atoms where the engine is slow."""
    return crystal((2, 1, 1)) if isinstance(engine, AseEngine) else crystal((2, 2, 2))


def recipe_content(engine: str) -> dict:
    """Two runs of 32 atoms, a few hundred steps in all."""
    engines = {
        "ase": {"kind": "ase", "calculator": "ase.calculators.emt:EMT"},
        "lammps": MISHIN.model_dump(mode="json"),
    }
    return {
        "structure": {"lattice": "fcc", "element": "Cu", "repeat": [2, 2, 2]},
        "engine": engines[engine],
        "relaxation": {"time": 400.0, "damping": 300.0},
        "time_step": 2.0,
        "interval": 4.0,
        "damping": 100.0,
        "runs": [
            {
                "temperatures": [300.0],
                "strains": [0.0, 0.01],
                "seeds": [1],
                "equilibration": 100.0,
                "segments": 2,
                "segment_length": 40.0,
                "decorrelation": 50.0,
            }
        ],
    }


@pytest.fixture
def write_recipe(tmp_path: Path):
    """Writes a recipe, changed at the given places, and returns its path."""

    def write(program: str = "lammps", **changes: object) -> Path:
        content = recipe_content(program)
        for group in content["runs"]:
            group.update(changes.pop("runs_changes", {}))
        content.update(changes)
        path = tmp_path / "recipe.yaml"
        path.write_text(yaml.safe_dump(content))
        return path

    return write
