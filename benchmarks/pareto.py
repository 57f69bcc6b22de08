"""The error of kick-drift maps against their cost: which settings are worth shipping.

    python benchmarks/pareto.py train   --data al.h5 --runs RUNS

A study file (``recipes/compare/pareto.yaml``) names the points. ``train`` trains them one after the
other and keeps their run folders in RUNS.
"""

import argparse
import sys
from pathlib import Path

from longstride.errors import LongstrideError
from longstride.training import TrainingInterrupted

ROOT = Path(__file__).parents[1]


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    description, _, more = (__doc__ or "").partition("\n")
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        description=description, epilog=more, formatter_class=formatter
    )
    parser.add_argument("part", choices=["train"])
    add = parser.add_argument
    add("--study", type=Path, default=ROOT / "recipes" / "compare" / "pareto.yaml")
    add("--data", type=Path, required=True, help="training data")
    add("--runs", type=Path, required=True, help="folder of the run folders, which are large")
    return parser.parse_args(words)


def run(given: argparse.Namespace) -> None:
    """One part."""
    from measurements.study import Study, train_points

    train_points(Study.load(given.study), given.data, given.runs)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    try:
        run(parse(words))
    except TrainingInterrupted as stop:
        print(f"{stop}: the same command does", file=sys.stderr)
        return 130
    except LongstrideError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
