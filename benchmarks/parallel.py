"""Training by two processes beside one, and in lower precision.

    longstride generate recipes/al.yaml -o al.h5
    python benchmarks/parallel.py steps --data al.h5
    python benchmarks/parallel.py precision --data al.h5
    python benchmarks/parallel.py page

``steps`` takes training steps of the model ``al`` by one process and by two with the same global
batch, in turns in one run; ``precision`` trains it for some steps with products in every precision
(TF32 by rounding operands), and measures the shipped model with them. Both write pieces to
``benchmarks/results/parallel``, which ``page`` makes docs/parallel.md from.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "parallel"
RECIPE = ROOT / "recipes" / "al-model.yaml"
MODEL = "al"

TRAININGS = (("fp32", 1), ("bf16", 1), ("fp32", 2), ("tf32", 1))
"""Precisions and seeds; a second seed tells what the order of the data does."""


def steps(given: argparse.Namespace) -> None:
    """A piece for each size of the global batch."""
    from measurements.parallel import Settings, measure
    from measurements.record import rounded, write_piece

    for windows, count in ((2, 2 * given.steps), (8, given.steps)):
        settings = Settings(str(RECIPE), str(given.data), windows, given.rounds, count)
        write_piece(
            RESULTS / f"steps-{windows}.json",
            {"part": "steps", "recipe": RECIPE.name, "windows": windows, "rounds": given.rounds},
            lambda settings=settings: rounded(measure(settings)),
        )


def precision(given: argparse.Namespace) -> None:
    """A piece for each training, and one for each precision of the shipped model."""
    from measurements.precision import of_a_model, trained
    from measurements.record import make_piece, rounded

    from longstride.zoo import resolve

    for name in (*dict.fromkeys(name for name, _ in TRAININGS), "autocast"):
        make_piece(
            RESULTS / f"model-{name}.json",
            {"part": "model", "model": MODEL, "precision": name, "windows": given.windows},
            lambda name=name: rounded(
                of_a_model(resolve(MODEL), RECIPE, given.data, name, given.windows)
            ),
        )
    for name, seed in TRAININGS:
        make_piece(
            RESULTS / f"trained-{name}-{seed}.json",
            {
                "part": "trained",
                "recipe": RECIPE.name,
                "precision": name,
                "seed": seed,
                "steps": given.train_steps,
                "windows": given.windows,
            },
            lambda name=name, seed=seed: rounded(
                trained(RECIPE, given.data, name, seed, given.train_steps, given.windows)
            ),
        )


def page(given: argparse.Namespace) -> None:
    """docs/parallel.md."""
    from pages.parallel import write

    print(write(RESULTS, ROOT / "docs"))


PARTS = {"steps": steps, "precision": precision, "page": page}


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add("part", choices=PARTS)
    add("--data", type=Path, help="data of recipes/al.yaml")
    add("--rounds", type=int, default=3, help="turns of each kind of steps")
    add("--steps", type=int, default=2, help="in a turn, twice as many with the small batch")
    add("--train-steps", type=int, default=80, help="of a training in some precision")
    add("--windows", type=int, default=4, help="of each temperature, for its errors")
    given = parser.parse_args(words)
    if given.part != "page" and given.data is None:
        parser.error(f"{given.part} needs --data")
    return ended(lambda: PARTS[given.part](given))


if __name__ == "__main__":
    sys.exit(main())
