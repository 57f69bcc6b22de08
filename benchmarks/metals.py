"""One recipe for any metal: data, training with ``model: auto``, and the quick suite, one by one.

    python benchmarks/metals.py run cu ni mg --work WORK
    python benchmarks/metals.py glass
    python benchmarks/metals.py page

``run`` gives the commands that a user would: ``longstride generate`` on the recipe of the metal in
``recipes/metals``, ``longstride train`` on ``recipes/metals/model.yaml`` and ``longstride validate
--quick`` at half the melting temperature, each passed over where its result is in WORK already. The
verdict goes to ``benchmarks/results/metals``. ``glass`` makes the structure of cuzr.yaml, a melt
that is quenched by the reference. ``page`` makes docs/metals.md.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "recipes" / "metals"


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["run", "glass", "page"])
    add = parser.add_argument
    add("metals", nargs="*", metavar="METAL", help="names of recipes in recipes/metals")
    add("--work", type=Path, help="folder of data, trainings and reports, which are large")
    add("--cores", type=int, default=1, help="processes of generate and ranks of validate")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results" / "metals")
    add("--docs", type=Path, default=ROOT / "docs", help="folder of the page")
    given = parser.parse_args(words)
    if given.part == "run" and (not given.metals or given.work is None):
        parser.error("run needs names of metals, and --work")
    return given


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.metals import write_page

        print(write_page(given.out, given.docs))
    elif given.part == "glass":
        from measurements.glass import make_glass

        print(make_glass(RECIPES / "cuzr.extxyz"))
    else:
        from measurements.metals import System, measure

        for name in given.metals:
            measure(System(name), RECIPES, given.work, given.out, cores=given.cores)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
