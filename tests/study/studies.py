"""A small study of the reference, as a file in the working directory."""

from pathlib import Path
from typing import Any

import yaml

RECIPE = {
    "structure": {"lattice": "fcc", "element": "Al", "repeat": [2, 2, 2]},
    "engine": {
        "kind": "lammps",
        "pair_style": "eam/fs",
        "potential": ["Al_mm.eam.fs"],
        "elements": ["Al"],
    },
    "time_step": 2.0,
    "interval": 10.0,
    "runs": [{"temperatures": [300.0], "segment_length": 100.0}],
}

STUDY: dict[str, Any] = {
    "kind": "generate",
    "recipe": "recipe.yaml",
    "temperatures": [300, 600],
    "seeds": [1, 2],
}


def write_study(**changes: Any) -> Path:
    """``study.yaml`` in the working directory."""
    path = Path("study.yaml")
    path.write_text(yaml.safe_dump(STUDY | changes))
    return path
