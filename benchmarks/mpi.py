"""Domain-decomposed strides on LAMMPS over MPI: time, memory and halos beside one process.

    python benchmarks/mpi.py run --cells 8 16 32 --exchange kick --ranks 1 2
    python benchmarks/mpi.py run --cells 63 --exchange kick --ranks 2      # a million atoms
    python benchmarks/mpi.py statistics --ranks 0 1 2 4 --strides 1000 --work WORK
    python benchmarks/mpi.py page

``run`` does a few strides of a cubic crystal of ``cells`` cells each way by one process and then on
so many ranks, in turns, and writes a JSON file for each size, exchange and number of ranks to
``benchmarks/results/mpi``. ``statistics`` compares averages of thermostatted runs of 1,000 strides
by one process (0 ranks) and on so many ranks. ``page`` makes docs/mpi.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "mpi"
WORKER = ROOT / "benchmarks" / "measurements" / "mpi_strides.py"


def strides_of(settings: dict[str, Any], ranks: int) -> dict[str, Any]:
    """What the worker measures, by one process without MPI where there are no ranks."""
    from longstride.reference.lammps_program import find_program

    launcher = [find_program("mpiexec"), "-n", str(ranks)] if ranks else []
    with tempfile.TemporaryDirectory() as folder:
        asked, out = Path(folder) / "settings.json", Path(folder) / "out.json"
        asked.write_text(json.dumps(settings), encoding="utf-8")
        subprocess.run(
            [*launcher, sys.executable, str(WORKER), str(asked), str(out)],
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            check=True,
        )
        return dict(json.loads(out.read_text(encoding="utf-8")))


def time_strides(given: argparse.Namespace) -> None:
    """A few strides by one process and on the ranks, for each size and exchange."""
    from measurements.record import rounded, write_piece

    for cells, exchange, ranks in product(given.cells, given.exchange, given.ranks):
        settings = {
            "model": given.model,
            "cells": [cells] * 3,
            "temperature": 600.0,
            "strides": given.strides,
        }

        def measure(
            settings: dict[str, Any] = settings, exchange: str = exchange, n: int = ranks
        ) -> dict[str, Any]:
            alone = strides_of({**settings, "exchange": "none"}, 0)
            hosted = strides_of({**settings, "exchange": exchange}, n)
            return dict(rounded({"one_process": alone, "hosted": hosted}))

        write_piece(
            given.out / f"{cells}-{exchange}-{ranks}.json",
            {**settings, "part": "mpi", "exchange": exchange, "ranks": ranks},
            measure,
        )


def compare_averages(given: argparse.Namespace) -> None:
    """Thermostatted runs by numbers of ranks."""
    from measurements.mpi_statistics import compare
    from measurements.record import make_piece, rounded

    settings = {
        "model": given.model,
        "ranks": given.ranks,
        "seeds": given.seeds,
        "strides": given.strides,
        "skipped": 100,
    }
    make_piece(
        given.out / "statistics.json",
        {"part": "statistics", **settings},
        lambda: dict(rounded(compare(work=given.work, **settings))),
    )


def write_page(given: argparse.Namespace) -> None:
    """docs/mpi.md."""
    from pages.mpi import write

    print(write(given.out, ROOT / "docs"))


PARTS = {"run": time_strides, "statistics": compare_averages, "page": write_page}


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add("part", choices=list(PARTS))
    add("--model", default="al", help="a shipped model of aluminium, or its folder")
    add("--cells", type=int, nargs="+", default=[8, 16, 32, 63])
    add("--exchange", nargs="+", choices=["kick", "substep", "stride"], default=["kick"])
    add("--ranks", type=int, nargs="+", default=[2])
    add("--strides", type=int, default=2)
    add("--seeds", type=int, default=4, help="runs for each number of ranks")
    add("--work", type=Path, help="folder of the runs that statistics compares")
    add("--out", type=Path, default=RESULTS)
    given = parser.parse_args(words)
    if given.part == "statistics" and given.work is None:
        parser.error("statistics needs --work")
    return ended(lambda: PARTS[given.part](given))


if __name__ == "__main__":
    sys.exit(main())
