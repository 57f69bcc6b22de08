"""Measure the one-stride residual of a trained model and its heating, and add them to its card.

    python benchmarks/attach_residuals.py FOLDER DATA [--atom-strides N]

FOLDER is a model folder, or the name of a shipped model; DATA its training data, of which the
recipe in the card takes the validation part; N the length of the rollouts that show the heating,
that of a training by default. Weights and the card's other blocks stay; a block that
is there already is measured anew.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of
from measurements.record import say

from longstride.training.report import Silent


class Printed(Silent):
    """Says what is set up and found."""

    def started(self, message: str) -> None:
        """Print it."""
        say(message)


def attach(name: str, data_file: Path, atom_strides: int | None) -> Path:
    """Add the block; returns the model's folder."""
    import torch

    from longstride.active import state_heating
    from longstride.dataset import TrajectorySet
    from longstride.errors import ConfigError
    from longstride.kernels import compile_features
    from longstride.model import add_to_card, load_checkpoint, read_card
    from longstride.training.config import parse_config
    from longstride.training.residual_fit import residuals_of_card
    from longstride.training.sources import make_sources
    from longstride.zoo import resolve

    torch.set_num_threads(1)
    folder = resolve(name)
    recipe = read_card(folder).get("training", {}).get("recipe")
    if recipe is None:
        raise ConfigError(f"{folder}: the model does not state its recipe")
    recipe = {**recipe, "data": {**recipe["data"], "files": [str(data_file)]}}
    if atom_strides is not None:
        recipe["heating"] = {"atom_strides": atom_strides}
    config = parse_config(recipe, str(folder))
    model = load_checkpoint(folder)
    compile_features(model, 1)
    with TrajectorySet([data_file]) as data:
        add_to_card(folder, residuals_of_card(model, make_sources(config, data), Silent()))
    state_heating(folder, config, Printed())
    return folder


def main(words: list[str] | None = None) -> int:
    """Attach; errors of the user are one line."""
    parser: argparse.ArgumentParser = parser_of(__doc__)
    parser.add_argument("folder", help="a model folder, or the name of a shipped model")
    parser.add_argument("data", type=Path, help="the data it was trained on")
    parser.add_argument("--atom-strides", type=int, metavar="N", help="of the rollouts")
    given = parser.parse_args(words)
    return ended(lambda: print(attach(given.folder, given.data, given.atom_strides)))


if __name__ == "__main__":
    sys.exit(main())
