r"""Speed of the shipped models and of training, and the page that says so.

    cd benchmarks/results/speed
    longstride bench -m NAME --atoms 4000,32000 --matched-fidelity --json bench-NAME.json
    longstride bench -m al --atoms 500000,1000000 --reference none --rounds 2 \
        --json bench-million.json
    longstride bench -m cu-snap --atoms 500,2048 --rounds 2 --json bench-cu-snap.json
    longstride validate -m NAME --quick -o quick-NAME   # results.json: ../suite/quick-NAME.json
    cd -
    python benchmarks/performance.py training --recipe recipes/al-model.yaml --data al.h5
    python benchmarks/performance.py means
    python benchmarks/performance.py startup
    python benchmarks/performance.py instructions --machine zen4
    python benchmarks/performance.py page

NAME is al and al-fast, and for the quick suite also cu-snap, with ``--atoms 108``. ``training``
times steps of a recipe with torch alone and with compiled features, ``means`` a kick by torch,
torch.compile and C++, all in turns; ``startup`` times fresh processes; ``instructions`` times
al and al-fast beside LAMMPS on every instruction set of a machine, in turns, and writes
``instructions-MACHINE.json``. The others write ``benchmarks/results/speed/PART-speed.json``;
``page`` makes docs/performance.md from the results, with the study that ``pareto.py`` measures.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "speed"
SUITES = ROOT / "benchmarks" / "results" / "suite"
STUDY = ROOT / "benchmarks" / "results" / "pareto"
CELLS = 8
"""Of the crystal of 2,048 atoms whose kicks are timed, along each axis."""


def means(rounds: int, threads: int) -> dict[str, Any]:
    """A kick of the shipped model, and of one with attention, in every way there is."""
    from measurements.means import measure

    from longstride.kernels import load_propagator
    from longstride.model import KickDriftMap
    from longstride.zoo import resolve

    model = load_propagator(resolve("al")).model
    assert isinstance(model, KickDriftMap)
    return measure(model, CELLS, rounds, threads)


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """The numbers of a part."""
    if given.part == "means":
        return means(given.rounds, given.threads)
    if given.part == "startup":
        from measurements import startup

        return startup.measure("al", given.rounds)
    if given.part == "instructions":
        from measurements import instruction_sets

        return instruction_sets.measure(("al", "al-fast"), given.rounds, given.threads)
    from measurements import training

    return training.measure(given.recipe, given.data, given.rounds, given.threads)


def page() -> str:
    """The text of docs/performance.md."""
    from pages.performance import text

    return text(RESULTS, SUITES, STUDY, ROOT / "docs" / "figures")


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        path = ROOT / "docs" / "performance.md"
        path.write_text(page(), encoding="utf-8")
    else:
        path = RESULTS / f"{given.part}-{given.machine or 'speed'}.json"
        path.write_text(json.dumps(measured(given), indent=1) + "\n", encoding="utf-8")
    print(path)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["training", "means", "startup", "instructions", "page"])
    parser.add_argument("--recipe", type=Path, help="of the model")
    parser.add_argument("--data", type=Path, help="its training data")
    parser.add_argument("--machine", help="a short name of the processor, for instructions")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(words)
    if given.part == "training" and (given.recipe is None or given.data is None):
        parser.error("training needs --recipe and --data")
    if (given.part == "instructions") != (given.machine is not None):
        parser.error("--machine goes with instructions, which need it")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
