"""FlashMD trained on our data for as long as ours, and both before the same judge and clock.

    python benchmarks/peers/compare.py convert --data al.h5 --work WORK
    python benchmarks/peers/compare.py train --data al.h5 --work WORK --peer PYTHON \\
        --name flashmd-60fs --lag 60 --minutes 12
    python benchmarks/peers/compare.py onestep --test al-test.h5 --work WORK --peer PYTHON
    python benchmarks/peers/compare.py rollout --test al-test.h5 --work WORK --peer PYTHON
    python benchmarks/peers/compare.py time --test al-test.h5 --work WORK --peer PYTHON
    python benchmarks/peers/compare.py page

PYTHON is that of an environment with FlashMD and metatrain, made with ``requirements.txt`` beside
this file; its pins need not fit ours. ``al.h5`` is made by ``longstride generate recipes/al.yaml``,
``al-test.h5`` by ``recipes/al-test.yaml``. ``train`` is given once for every FlashMD; the other
parts take those that ``--names`` lists. What came out goes to ``benchmarks/results/peers``, weights
and trajectories to WORK; ``page`` makes docs/peers.md.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "peers"
# A script's own folder is searched for modules, those that this one shares lie one above.
sys.path.insert(0, str(ROOT / "benchmarks"))

from measurements.command import ended, parser_of  # noqa: E402

NEEDED = {
    "convert": ["data", "work"],
    "train": ["data", "work", "peer", "name"],
    "onestep": ["test", "work", "peer"],
    "rollout": ["test", "work", "peer"],
    "time": ["test", "work", "peer"],
    "page": [],
}


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.peers import write_page

        for path in write_page(given.out, ROOT / "docs"):
            print(path)
        return
    from peers import parts

    if given.part == "convert":
        from peers.training import convert

        print(convert(given.data, given.work.resolve(), given.lag))
    elif given.part == "train":
        parts.train(given.data, given.peer, given.work.resolve(), given.out, _training(given))
    else:
        contest = parts.Contest.of(
            given.test, given.peer, given.work.resolve(), given.out, given.names
        )
        if given.part == "rollout":
            parts.rollout(contest, given.temperatures)
        else:
            {"onestep": parts.onestep, "time": parts.timing}[given.part](contest)


def _training(given: argparse.Namespace) -> Any:
    from peers.settings import SIZES, PeerTraining

    return PeerTraining(
        name=given.name,
        lag=given.lag,
        minutes=given.minutes,
        network=SIZES[given.size],
        epochs=given.epochs,
        batch_size=given.batch,
        learning_rate=given.learning_rate,
    )


def _program(text: str) -> str:
    """A program that is run in other folders; a link to an interpreter stays one."""
    return str(Path(text).absolute()) if "/" in text else text


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=list(NEEDED))
    parser.add_argument("--data", type=Path, help="trajectories to train on")
    parser.add_argument("--test", type=Path, help="held-out trajectories")
    parser.add_argument("--work", type=Path, help="folder of files that are not kept")
    parser.add_argument("--peer", type=_program, help="a Python with FlashMD and metatrain")
    parser.add_argument("--name", help="of the FlashMD that is trained")
    parser.add_argument("--names", nargs="*", default=["flashmd-60fs"], help="those measured")
    parser.add_argument("--temperatures", nargs="+", type=float, default=[300.0, 600.0, 900.0])
    parser.add_argument("--lag", type=float, default=60.0, help="stride, fs")
    parser.add_argument("--minutes", type=float, default=12.0, help="of one core")
    parser.add_argument("--size", choices=["small", "middle", "full"], default="small")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=1, help="windows a step")
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(words)
    for option in NEEDED[given.part]:
        if getattr(given, option) is None:
            parser.error(f"{given.part} needs --{option}")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
