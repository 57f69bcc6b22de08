"""How the crystal of the training data is made, for those who want it again."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy as np

from longstride.dataset import Block, TrajectorySet

MAKER: Final = "longstride generate"
"""Whose files tell a recipe and the cells it relaxed."""


def crystal_of_card(
    data: TrajectorySet, training: Sequence[Block], temperatures: Collection[float]
) -> dict[str, Any]:
    """The block ``crystal`` of a model's card, from the recipe that the data file holds.

    Of several files, one that is a crystal and gives most frames speaks: an alloy's compositions
    differ.

    Args:
        data: the open files.
        training: what the model is trained on.
        temperatures: of the model's regime, in K.

    Returns:
        ``crystal``: ``structure``, as a recipe has it, of one cell without vacancies, and
        ``lengths``, (3,) edges of that cell in Å, relaxed, by temperature (K, as text). Nothing
        where no file is a crystal of ``longstride generate`` with one of the temperatures.
    """
    frames: Counter[str] = Counter()
    for block in training:
        frames[str(block.segment.path)] += block.stop - block.first
    known = {
        str(file.path): crystal_of_recipe(file.provenance, temperatures) for file in data.files
    }
    for path, _ in frames.most_common():
        crystal = known[path]
        if crystal is not None:
            return {"crystal": crystal}
    return {}


def crystal_of_recipe(
    provenance: Mapping[str, Any], temperatures: Collection[float]
) -> dict[str, Any] | None:
    """The crystal that a file's provenance tells of; None for a liquid, a glass or a foreign file.

    Args:
        provenance: of a trajectory file.
        temperatures: K; others are left out.
    """
    if provenance.get("made_by") != MAKER:
        return None
    recipe, known = provenance["recipe"], provenance["relaxed_cells"]
    structure = recipe["structure"]
    cells = {text: known[text]["cell"] for text in known if float(text) in temperatures}
    if not structure["lattice"] or recipe.get("melt") or not cells:
        return None
    repeat = np.array(structure["repeat"])
    return {
        "structure": {**structure, "repeat": [1, 1, 1], "vacancies": 0},
        "lengths": {
            text: (np.linalg.norm(cell, axis=1) / repeat).tolist() for text, cell in cells.items()
        },
    }
