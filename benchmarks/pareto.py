"""The error of kick-drift maps against their cost: which settings are worth shipping.

    python benchmarks/pareto.py train   --data al.h5 --runs RUNS
    python benchmarks/pareto.py measure --data al-test.h5 --runs RUNS
    python benchmarks/pareto.py cost    --data al-test.h5 --runs RUNS
    python benchmarks/performance.py page

A study file (``recipes/compare/pareto.yaml``) names the points. ``train`` trains them one after the
other and keeps their run folders in RUNS; ``measure`` writes errors and drift of each to
``benchmarks/results/pareto/NAME.json``; both pass over what is there. ``cost`` times all trained
points in turns and writes ``cost.json``; it takes some minutes, and is repeated when the kernel has
changed. Data: ``longstride generate recipes/al.yaml -o al.h5`` and ``recipes/al-test.yaml``.
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
    parser.add_argument("part", choices=["train", "measure", "cost"])
    add = parser.add_argument
    add("--study", type=Path, default=ROOT / "recipes" / "compare" / "pareto.yaml")
    add("--data", type=Path, required=True, help="of training in train, else held out")
    add("--runs", type=Path, required=True, help="folder of the run folders, which are large")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results" / "pareto")
    add("--time", type=float, default=100.0, help="length of runs at constant energy in ps")
    add("--windows", type=int, default=16, help="windows of one stride at each temperature")
    add("--rounds", type=int, default=7, help="rounds of cost")
    add("--repeat", type=int, default=2, help="copies of the data's cell along each axis in cost")
    add("--threads", type=int, default=1, help="threads in cost; everything else has one")
    return parser.parse_args(words)


def run(given: argparse.Namespace) -> None:
    """One part."""
    import torch
    from measurements import cost, point, study
    from measurements.nve import NveSettings
    from measurements.system import Systems

    chosen = study.Study.load(given.study)
    torch.set_num_threads(1)
    if given.part == "train":
        study.train_points(chosen, given.data, given.runs)
        return
    systems = Systems.of(given.data)
    if given.part == "measure":
        nve = NveSettings(time=given.time * PS)
        settings = point.PointSettings(windows=given.windows, nve=nve)
        point.measure_points(chosen, systems, given.runs, given.out, settings)
    else:
        timing = cost.CostSettings(rounds=given.rounds, repeat=given.repeat, threads=given.threads)
        cost.measure_cost(chosen, systems, given.runs, given.out, timing)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
