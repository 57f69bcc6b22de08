"""How the crystal of the data gets onto a model's card."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.dataset import Block, TrajectorySet
from longstride.training.crystal_of_data import crystal_of_card, crystal_of_recipe
from longstride.trajectory import TrajectoryWriter

STRUCTURE = {"lattice": "hcp", "element": "Mg", "repeat": [6, 4, 4], "vacancies": 2}
EDGES = np.array([3.2, 5.54, 5.22])


def provenance(**structure: Any) -> dict[str, Any]:
    cell = np.diag(EDGES * STRUCTURE["repeat"])
    return {
        "made_by": "longstride generate",
        "recipe": {"structure": {**STRUCTURE, **structure}, "melt": None},
        "relaxed_cells": {
            "300": {"cell": cell.tolist()},
            "1060": {"cell": (1.02 * cell).tolist()},
        },
    }


def test_the_cell_is_one_of_those_repeated_at_the_temperatures_of_the_regime() -> None:
    found = crystal_of_recipe(provenance(), [300.0, 600.0])
    assert found is not None
    assert found["structure"] == {**STRUCTURE, "repeat": [1, 1, 1], "vacancies": 0}
    assert list(found["lengths"]) == ["300"]
    np.testing.assert_allclose(found["lengths"]["300"], EDGES)


@pytest.mark.parametrize(
    "foreign",
    [
        {},
        {**provenance(), "made_by": "another program"},
        {**provenance(), "relaxed_cells": {}},
        {**provenance(), "recipe": {"structure": STRUCTURE, "melt": {"temperature": 2000.0}}},
        provenance(lattice=None, file="glass.extxyz"),
    ],
)
def test_what_is_no_crystal_of_generate_tells_nothing(foreign: dict[str, Any]) -> None:
    assert crystal_of_recipe(foreign, [300.0]) is None


def test_the_file_of_most_frames_speaks(tmp_path: Path) -> None:
    frames = {"few": 3, "glass": 40, "most": 7}
    for name, count in frames.items():
        told = {} if name == "glass" else provenance(seed=count)
        with TrajectoryWriter(tmp_path / f"{name}.h5", provenance=told) as out:
            segment = out.segment(
                name,
                species=np.array([12]),
                masses=np.array([24.3]),
                cell=10.0 * np.eye(3),
                pbc=np.ones(3, dtype=bool),
                interval=1.0,
                metadata={"temperature": 300.0},
            )
            for frame in range(count):
                segment.append(
                    time=float(frame), positions=np.zeros((1, 3)), velocities=np.zeros((1, 3))
                )
    with TrajectorySet([tmp_path / f"{name}.h5" for name in frames]) as data:
        blocks = [Block(segment, 0, segment.n_frames) for segment in data.segments]
        assert crystal_of_card(data, blocks, [300.0])["crystal"]["structure"]["seed"] == 7
        glass = [block for block in blocks if block.segment.name == "glass"]
        assert crystal_of_card(data, glass, [300.0]) == {}
