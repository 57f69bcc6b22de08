"""One model, many metals: Cu-Ni over its whole range of compositions, and pure metals together.

    python benchmarks/alloys.py compositions --work WORK
    python benchmarks/alloys.py shared --work WORK
    python benchmarks/alloys.py page

``compositions`` trains one model at 0, 25, 50, 75 and 100 % nickel (``recipes/alloys``) and puts it
through the quick suite at 12.5, 37.5, 62.5 and 87.5 %. ``shared`` trains one model on Cu, Ni and
Al, each with its own potential, and puts it through the quick suite on each; the single models
beside it are those of ``benchmarks/metals.py``. Data and trainings go to WORK, where what is there
is used; verdicts to ``benchmarks/results/alloys``; ``page`` makes docs/alloys.md.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["compositions", "shared", "page"])
    add = parser.add_argument
    add("--work", type=Path, help="folder of data, trainings and reports, which are large")
    add("--cores", type=int, default=1, help="processes of generate and ranks of validate")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results" / "alloys")
    add("--docs", type=Path, default=ROOT / "docs", help="folder of the page")
    given = parser.parse_args(words)
    if given.part != "page" and given.work is None:
        parser.error(f"{given.part} needs --work")
    return given


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.alloys import write_page

        metals = given.out.parent / "metals"
        print(write_page(given.out, metals, given.docs))
        return
    from measurements.alloys import Bench, compositions, shared

    bench = Bench(ROOT / "recipes", given.work, given.out, given.cores)
    (compositions if given.part == "compositions" else shared)(bench)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
