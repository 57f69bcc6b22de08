"""Add to a model's card how its crystal is made, as a training does by itself.

    python benchmarks/attach_crystal.py FOLDER DATA...

FOLDER is a model folder, or the name of a shipped model; DATA its training data, all files of it.
Weights and the card's other blocks stay.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of


def attach(name: str, files: list[Path]) -> Path:
    """Add the block; returns the model's folder."""
    from longstride.dataset import TrajectorySet
    from longstride.errors import ConfigError
    from longstride.model import add_to_card, read_card
    from longstride.training.config import parse_config
    from longstride.training.sources import make_sources
    from longstride.zoo import resolve

    folder = resolve(name)
    recipe = read_card(folder).get("training", {}).get("recipe")
    if recipe is None:
        raise ConfigError(f"{folder}: the model does not state its recipe")
    recipe = {**recipe, "data": {**recipe["data"], "files": list(map(str, files))}}
    with TrajectorySet(files) as data:
        crystal = make_sources(parse_config(recipe, str(folder)), data).crystal
    if not crystal:
        raise ConfigError(f"{', '.join(map(str, files))}: no crystal of 'longstride generate'")
    add_to_card(folder, crystal)
    return folder


def main(words: list[str] | None = None) -> int:
    """Attach; errors of the user are one line."""
    parser: argparse.ArgumentParser = parser_of(__doc__)
    parser.add_argument("folder", help="a model folder, or the name of a shipped model")
    parser.add_argument("data", type=Path, nargs="+", help="the data it was trained on")
    given = parser.parse_args(words)
    return ended(lambda: print(attach(given.folder, given.data)))


if __name__ == "__main__":
    sys.exit(main())
