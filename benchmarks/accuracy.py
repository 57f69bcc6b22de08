"""Accuracy and speed of the shipped model and of the maps it was chosen from.

    python benchmarks/accuracy.py onestep --model al --compare kicks=RUN/model ... \
        --data al-test.h5 --training al.h5
    python benchmarks/accuracy.py nvt     --model al --data al-test.h5 --work WORK
    python benchmarks/accuracy.py nve     --model al --compare ... --data al-test.h5 --work WORK
    python benchmarks/accuracy.py verlet  --model al --data al-test.h5 --work WORK
    python benchmarks/accuracy.py speed   --model al --compare ... --data al-test.h5
    python benchmarks/accuracy.py pages

Data: ``longstride generate recipes/al-test.yaml -o al-test.h5`` (and ``recipes/al.yaml`` for the
training data); comparison models: ``longstride train recipes/compare/NAME.yaml``. Each part writes
small JSON files to ``benchmarks/results``, skips those that are there already, and can be split
over processes by ``--temperatures``. ``pages`` makes docs/accuracy.md and docs/maps.md from them.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of

from longstride.units import PS

ROOT = Path(__file__).parents[1]
TEMPERATURES: dict[str, tuple[float, ...]] = {
    "onestep": (300.0, 450.0, 600.0, 750.0, 900.0),
    "nvt": (300.0, 450.0, 600.0, 750.0, 900.0),
    "nve": (300.0, 600.0, 900.0),
    "verlet": (900.0,),
    "speed": (),
}


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=[*TEMPERATURES, "pages"])
    add = parser.add_argument
    add("--model", help="the shipped model: its name, or NAME=FOLDER")
    add("--compare", nargs="+", default=[], metavar="NAME=FOLDER", help="other models")
    add("--data", type=Path, help="held-out data")
    add("--training", type=Path, help="training data: measures the ridge starts too")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results", help="folder of the results")
    add("--docs", type=Path, default=ROOT / "docs", help="folder of the pages")
    add("--work", type=Path, help="folder of the trajectories, which are large")
    add("--temperatures", nargs="+", type=float, metavar="K")
    add("--time", type=float, default=100.0, help="length of nvt and nve runs in ps")
    add("--windows", type=int, default=16, help="windows of onestep at each temperature")
    add("--references", type=int, default=2, help="reference runs of nvt")
    add("--rounds", type=int, default=5, help="rounds of speed")
    add("--repeat", type=int, default=2, help="copies of the data's cell along each axis in speed")
    add("--ranks", type=int, default=1, help="MPI ranks of the reference in nvt and nve")
    add("--threads", type=int, default=1, help="threads of the models in onestep, nvt and nve")
    add("--cores", type=int, default=2, help="threads and ranks in speed")
    given = parser.parse_args(words)
    if given.part != "pages" and (given.data is None or not (given.model or given.compare)):
        parser.error(f"{given.part} needs --data, and --model or --compare")
    if given.part in ("nvt", "nve", "verlet") and given.work is None:
        parser.error(f"{given.part} needs --work")
    return given


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "pages":
        from pages import write_pages

        for path in write_pages(given.out, given.docs):
            print(path)
        return
    import torch
    from measurements import nve, nvt, onestep, speed, verlet
    from measurements.subject import Subject
    from measurements.system import Systems

    torch.set_num_threads(given.threads)
    subjects = [Subject.parse(given.model, "shipped")] if given.model else []
    subjects += [Subject.parse(text, "comparison") for text in given.compare]
    systems = Systems.of(given.data)
    temperatures = tuple(given.temperatures or TEMPERATURES[given.part])
    time = given.time * PS
    if given.part == "onestep":
        for subject in subjects:
            onestep.measure(
                subject,
                systems,
                temperatures,
                given.out,
                n_windows=given.windows,
                training=given.training,
            )
    elif given.part == "nvt":
        settings = nvt.NvtSettings(time=time, references=given.references)
        for subject in subjects:
            nvt.measure(
                subject, systems, temperatures, given.out, given.work, settings, given.ranks
            )
    elif given.part == "nve":
        nve.measure(
            subjects,
            systems,
            temperatures,
            given.out,
            given.work,
            nve.NveSettings(time=time),
            given.ranks,
        )
    elif given.part == "verlet":
        verlet.measure(
            subjects[0],
            systems,
            temperatures,
            given.out,
            given.work,
            nve.NveSettings(time=time),
            given.ranks,
        )
    else:
        speed.measure(
            subjects,
            systems,
            given.out,
            speed.SpeedSettings(rounds=given.rounds, repeat=given.repeat, cores=given.cores),
        )


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
