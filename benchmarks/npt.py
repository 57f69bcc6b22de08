"""The model at constant pressure beside LAMMPS: lattice constants and compressibilities.

    python benchmarks/npt.py measure --model al --data al-test.h5
    python benchmarks/npt.py page

``measure`` writes ``benchmarks/results/npt/npt-NAME-TK.json``, what is there already is passed
over; ``page`` makes docs/constant-pressure.md. Data: ``longstride generate recipes/al-test.yaml``.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "npt"


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.pressure import text

        path = ROOT / "docs" / "constant-pressure.md"
        path.write_text(text(RESULTS, ROOT / "docs" / "figures"), encoding="utf-8")
        print(path)
        return
    import torch
    from measurements.npt import NptSettings, measure
    from measurements.subject import Subject
    from measurements.system import Systems

    torch.set_num_threads(given.ranks)
    subject = Subject.parse(given.model, "shipped")
    systems = Systems.of(given.data)
    measure(subject, systems, tuple(given.temperatures), RESULTS, NptSettings(), given.ranks)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["measure", "page"])
    parser.add_argument("--model", default="al", help="its name, or NAME=FOLDER")
    parser.add_argument("--data", type=Path, help="cells at every temperature")
    parser.add_argument("--temperatures", type=float, nargs="+", default=[300.0, 600.0, 900.0])
    parser.add_argument("--ranks", type=int, default=1, help="MPI ranks and threads")
    given = parser.parse_args(words)
    if given.part == "measure" and given.data is None:
        parser.error("measure needs --data")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
