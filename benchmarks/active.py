"""Frames that the guard chooses for the reference to label, against as many random ones.

    python benchmarks/active.py run --data al.h5 --test al-test.h5
    python benchmarks/active.py page

``run`` trains on aluminium at 250 to 600 K, rolls the model out at 300 to 900 K, at rest and
stretched, has frames labelled by LAMMPS (chosen by the guard, or at random out of the same
rollouts, as many), trains on from the same weights with the same budget, and measures errors on
held-out frames and the guard's alarms in rollouts at 900 K. It writes
``benchmarks/results/active/active.json``; ``page`` makes docs/active.md.
Data: ``longstride generate`` of recipes/al.yaml and recipes/al-test.yaml.
"""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "active"


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.active import write

        print(write(RESULTS, ROOT / "docs"))
        return
    import torch
    from measurements.active_gain import Settings, measure
    from measurements.record import make_piece, rounded

    torch.set_num_threads(1)
    settings = Settings()
    with TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        work.mkdir(exist_ok=True)
        make_piece(
            given.out / "active.json",
            {"part": "active", "settings": asdict(settings)},
            lambda: rounded(measure(given.data, given.test, settings, work)),
        )


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["run", "page"])
    parser.add_argument("--data", type=Path, help="of recipes/al.yaml")
    parser.add_argument("--test", type=Path, help="of recipes/al-test.yaml")
    parser.add_argument("--work", type=Path, help="folder to keep the trainings in")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(words)
    if given.part == "run" and None in (given.data, given.test):
        parser.error("run needs --data and --test")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
