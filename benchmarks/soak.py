"""Long runs of a shipped model: nanoseconds in a bath, and at constant energy.

    python benchmarks/soak.py nvt --model al --work WORK
    python benchmarks/soak.py page

``nvt`` runs 10 ns of 500 atoms in a Langevin bath of 1 ps at 300, 600 and 900 K beside runs of the
reference on the same lattice. Trajectories, a frame every picosecond, go to WORK; an interrupted
part goes on where its last restart point was. Each part writes small JSON files to
``benchmarks/results/soak`` and passes over those that are there; ``page`` makes docs/soak.md.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of

from longstride.units import PS

ROOT = Path(__file__).parents[1]


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["nvt", "page"])
    add = parser.add_argument
    add("--model", help="a shipped model, or NAME=FOLDER")
    add("--work", type=Path, help="folder of the trajectories, which are large")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results" / "soak")
    add("--docs", type=Path, default=ROOT / "docs", help="folder of the page")
    add("--temperatures", nargs="+", type=float, metavar="K", default=[300.0, 600.0, 900.0])
    add("--time", type=float, default=10_000.0, help="length of nvt in ps")
    add("--threads", type=int, default=1, help="threads of the model")
    given = parser.parse_args(words)
    if given.part != "page" and (given.model is None or given.work is None):
        parser.error(f"{given.part} needs --model and --work")
    return given


def run(given: argparse.Namespace) -> None:
    """One part."""
    import torch
    from measurements import soak_nvt
    from measurements.subject import Subject

    torch.set_num_threads(given.threads)
    subject = Subject.parse(given.model, "shipped")
    settings = soak_nvt.SoakSettings(time=given.time * PS)
    soak_nvt.measure(subject, tuple(given.temperatures), given.out, given.work, settings)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
