"""Long runs of a shipped model: nanoseconds in a bath, and at constant energy.

    python benchmarks/soak.py nvt --model al --work WORK
    python benchmarks/soak.py nve --model al --work WORK
    python benchmarks/soak.py vacf --model al --work WORK
    python benchmarks/soak.py cost --model al
    python benchmarks/soak.py page

``nvt`` runs 10 ns of 500 atoms in a Langevin bath of 1 ps at 300, 600 and 900 K beside runs of the
reference on the same lattice. ``nve`` runs 1 ns at constant energy from 600 K: the map alone, with
calibrated noise, and with its energy held. ``vacf`` compares velocity autocorrelations with and
without noise, and those of the reference. ``cost`` times the energy head beside a stride.
Trajectories, mostly a frame every picosecond, go to WORK; an interrupted ``nvt`` or ``nve`` goes on
where its last restart point was. Each part writes small JSON files to
``benchmarks/results/soak`` and passes over those that are there; ``page`` makes docs/soak.md.
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
    parser.add_argument("part", choices=["nvt", "nve", "vacf", "cost", "page"])
    add = parser.add_argument
    add("--model", help="a shipped model, or NAME=FOLDER")
    add("--work", type=Path, help="folder of the trajectories, which are large")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results" / "soak")
    add("--docs", type=Path, default=ROOT / "docs", help="folder of the page")
    add("--temperatures", nargs="+", type=float, metavar="K", default=[300.0, 600.0, 900.0])
    add("--time", type=float, default=10_000.0, help="length of nvt in ps")
    add("--threads", type=int, default=1, help="threads of the model")
    given = parser.parse_args(words)
    if given.part != "page" and given.model is None:
        parser.error(f"{given.part} needs --model")
    if given.part in ("nvt", "nve", "vacf") and given.work is None:
        parser.error(f"{given.part} needs --work")
    return given


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.soak import write_page

        for path in write_page(given.out, given.docs):
            print(path)
        return
    import torch
    from measurements import head_cost, noise_vacf, soak_nve, soak_nvt
    from measurements.subject import Subject

    torch.set_num_threads(given.threads)
    subject = Subject.parse(given.model, "shipped")
    if given.part == "nvt":
        settings = soak_nvt.SoakSettings(time=given.time * PS)
        soak_nvt.measure(subject, tuple(given.temperatures), given.out, given.work, settings)
    elif given.part == "nve":
        soak_nve.measure(subject, 600.0, given.out, given.work, soak_nve.NveSoakSettings())
    elif given.part == "vacf":
        noise_vacf.measure(subject, 600.0, given.out, given.work, noise_vacf.VacfSettings())
    else:
        head_cost.measure(subject, given.out)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
