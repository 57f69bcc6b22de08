r"""What the package does with hostile files, kills and long runs, and the page that says so.

    python benchmarks/robustness.py fuzz --reader all --count 10000 --seed 1
    python benchmarks/robustness.py kills --job all --count 50 --seed 1
    python benchmarks/robustness.py memory --strides 100000 --every 10     # and --every 1000
    python benchmarks/robustness.py page

``fuzz`` feeds mutated files to a reader (``--reader`` NAME or all), ``kills`` kills a command at
random moments and lets it go on (``--job`` NAME or all; the count is for run, train and generate
each), ``memory`` follows the resident size of a long rollout. They write one piece each into
``benchmarks/results/robustness/``; ``page`` makes docs/robustness.md from the pieces.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from measurements.command import ended, parser_of
from measurements.record import write_piece

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "robustness"
PAGE = ROOT / "docs" / "robustness.md"


def fuzz(given: argparse.Namespace) -> None:
    """Every reader asked for, a piece each."""
    from fuzz.campaign import campaign
    from fuzz.targets import TARGETS

    for name in TARGETS if given.reader == "all" else [given.reader]:
        settings = {"part": "fuzz", "reader": name, "seed": given.seed, "count": given.count}
        write_piece(
            RESULTS / f"fuzz-{name}.json",
            settings,
            lambda name=name: campaign(name, given.seed, given.count),
        )


def kills(given: argparse.Namespace) -> None:
    """Every job asked for, a piece each; the three ensembles share the kills of ``run``."""
    from kills.campaign import campaign
    from kills.jobs import ROLLOUTS, Generation, Training, make_data

    with TemporaryDirectory(prefix="kills-") as scratch:
        folder = Path(scratch)
        share = -(-given.count // len(ROLLOUTS))
        jobs = [(rollout, share) for rollout in ROLLOUTS]
        data = make_data(folder / "data")
        jobs += [(Training(data), given.count), (Generation(), given.count)]
        for job, count in jobs:
            if given.job not in ("all", job.name):
                continue
            settings = {"part": "kills", "job": job.name, "seed": given.seed, "count": count}
            write_piece(
                RESULTS / f"kills-{job.name}.json",
                settings,
                lambda job=job, count=count: campaign(job, given.seed, count, folder / job.name),
            )


def memory(given: argparse.Namespace) -> None:
    """The resident size of a rollout over its strides."""
    from measurements.memory import measure

    settings = {
        "part": "memory",
        "model": "al",
        "strides": given.strides,
        "every": given.every,
        "seed": given.seed,
    }
    with TemporaryDirectory(prefix="memory-") as scratch:
        write_piece(
            RESULTS / f"memory-{given.every}.json",
            settings,
            lambda: measure("al", given.strides, given.every, given.seed, Path(scratch)),
        )


def page(given: argparse.Namespace) -> None:
    """docs/robustness.md."""
    from pages.load import Results
    from pages.robustness import text

    partial = PAGE.with_name(PAGE.name + ".partial")
    partial.write_text(text(Results.read(RESULTS)), encoding="utf-8")
    partial.replace(PAGE)
    print(PAGE)


PARTS = {"fuzz": fuzz, "kills": kills, "memory": memory, "page": page}


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--reader", default="all", help="of fuzz")
    parser.add_argument("--job", default="all", help="of kills")
    parser.add_argument("--count", type=int, default=50, help="inputs of a reader, or kills")
    parser.add_argument("--strides", type=int, default=100_000, help="of memory")
    parser.add_argument("--every", type=int, default=10, help="strides between frames of memory")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(words)
    return ended(lambda: PARTS[given.part](given))


if __name__ == "__main__":
    sys.exit(main())
