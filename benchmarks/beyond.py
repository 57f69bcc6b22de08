"""Beyond the perfect crystal: liquids, vacancies, surfaces, strains, boundaries, melting, sizes.

    python benchmarks/beyond.py run   --data DATA --scratch DIR --models al al-broad=RUN/model
    python benchmarks/beyond.py pages

``run`` measures each case (``measurements/beyond_cases.py``) with every model and with two runs of
LAMMPS, the perfect crystal at several sizes and temperatures with every model, and writes one small
JSON file each to ``benchmarks/results/beyond``; what is there already is not made again. DATA holds
what ``longstride generate`` makes of the recipes NAME of ``recipes/al-broad``, as
``al-broad-NAME.h5``; only cells and first places are taken from it, every run has its own seeds.
Trajectories of the reference are kept in DIR, and so are the cells of crystal and melt
(``measurements/beyond_melting.py``). ``pages`` makes docs/beyond.md from the files.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]

CONSTANTS_OF = "al"
"""The shipped model whose card tells the lattice constants."""


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["run", "pages"])
    add = parser.add_argument
    add("--models", nargs="+", default=["al"], help="shipped models, or NAME=FOLDER")
    add("--data", type=Path, help="folder of the data of recipes/al-broad")
    add("--scratch", type=Path, help="folder of the reference's trajectories")
    add("--cases", nargs="+", help="some of them only")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results" / "beyond")
    add("--docs", type=Path, default=ROOT / "docs", help="folder of the pages")
    return parser.parse_args(words)


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "pages":
        from pages import beyond as page

        for path in page.write(given.out, given.docs):
            print(path)
        return
    import torch
    from measurements import beyond_cases, beyond_melting, beyond_runs, beyond_strides
    from measurements.record import make_piece, rounded
    from measurements.subject import Subject

    from longstride.errors import ConfigError
    from longstride.reference import make_engine
    from longstride.validation.system import reference_settings
    from longstride.zoo import summarise

    if given.data is None or given.scratch is None:
        raise ConfigError("run needs --data and --scratch")
    torch.set_num_threads(1)
    shipped = Subject.parse(CONSTANTS_OF, "shipped")
    regime = shipped.propagator().regime
    constants = dict(regime.lattice_constants)
    settings = reference_settings(summarise(shipped.folder).potentials, (13,), 1)
    engine = make_engine(settings)
    runs = beyond_runs.Runs(given.scratch, engine)
    models = [
        (subject, subject.propagator())
        for subject in (Subject.parse(text, "comparison") for text in given.models)
    ]

    def piece(name: str, told: dict[str, Any], make: Callable[[], dict[str, Any]]) -> None:
        make_piece(given.out / f"{name}.json", told, lambda: rounded(make(), 5))

    def wanted(name: str) -> bool:
        return not given.cases or any(name.startswith(case) for case in given.cases)

    for case in (
        *beyond_cases.cases(given.data),
        *beyond_melting.cases(given.scratch, settings, constants),
    ):
        if not wanted(case.name):
            continue
        told = {
            "case": case.name,
            "title": case.title,
            "temperature": case.temperature,
            "duration": case.duration,
        }
        for subject, model in models:
            about = {"part": "beyond", "model": subject.describe(), **told}
            piece(
                f"{case.name}-{subject.name}",
                about,
                lambda case=case, model=model: beyond_runs.of_model(case, runs, engine, model),
            )
        piece(
            f"{case.name}-reference",
            {"part": "reference", **told},
            lambda case=case: beyond_runs.of_reference(case, runs, engine),
        )
    for part, crystals in (
        ("size", beyond_strides.SIZES),
        ("temperature", beyond_strides.TEMPERATURES),
    ):
        for one in crystals:
            for subject, model in models if wanted(one.name) else []:
                about = {
                    "part": part,
                    "model": subject.describe(),
                    "temperature": one.temperature,
                    "cells": list(one.cells),
                }
                piece(
                    f"{one.name}-{subject.name}",
                    about,
                    lambda one=one, model=model: beyond_strides.measure(
                        one, constants, given.scratch, engine, model
                    ),
                )
    for subject, model in models if wanted("large") else []:
        piece(
            f"large-{subject.name}",
            {"part": "large", "model": subject.describe()},
            lambda model=model: beyond_strides.large(constants, engine, model),
        )


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
