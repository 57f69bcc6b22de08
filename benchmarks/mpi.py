"""Domain-decomposed strides on LAMMPS over MPI: time, memory and halos beside one process.

    python benchmarks/mpi.py run --cells 8 16 32 --exchange kick --ranks 1 2
    python benchmarks/mpi.py run --cells 63 --exchange kick --ranks 2      # a million atoms
    python benchmarks/mpi.py page

``run`` does a few strides of a cubic crystal of ``cells`` cells each way by one process and then on
so many ranks, in turns, and writes a JSON file for each size, exchange and number of ranks to
``benchmarks/results/mpi``. ``page`` makes docs/mpi.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
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


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.mpi import write

        print(write(RESULTS, ROOT / "docs"))
        return
    from measurements.record import rounded, write_piece

    for cells in given.cells:
        for exchange in given.exchange:
            for ranks in given.ranks:
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
                    return rounded(
                        {"one_process": alone}
                        | {"hosted": strides_of({**settings, "exchange": exchange}, n)}
                    )

                write_piece(
                    RESULTS / f"{cells}-{exchange}-{ranks}.json",
                    {**settings, "part": "mpi", "exchange": exchange, "ranks": ranks},
                    measure,
                )


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add("part", choices=["run", "page"])
    add("--model", default="al", help="a shipped model of aluminium, or its folder")
    add("--cells", type=int, nargs="+", default=[8, 16, 32, 63])
    add("--exchange", nargs="+", choices=["kick", "substep", "stride"], default=["kick"])
    add("--ranks", type=int, nargs="+", default=[2])
    add("--strides", type=int, default=2)
    given = parser.parse_args(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
