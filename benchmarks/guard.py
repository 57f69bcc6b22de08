"""Does the guard fire before a rollout goes wrong, and is it silent while it does not?

    python benchmarks/guard.py run   --model al [--cases heating strain ...]
    python benchmarks/guard.py pages

``run`` takes the crystal out of the regime of the model, and keeps it inside for control, by the
model and six times by LAMMPS under the same protocol, and writes one small JSON file a case to
``benchmarks/results/guard``; a case that is there already is not made again. A rollout is wrong
where the potential energy of its frames by the reference's potential, or their g(r), is off by
more than three times what two of the reference runs differ by, or where it breaks down. The model
looks every stride, to time the departure; ``longstride run`` looks every tenth by default.
``pages`` makes docs/guard.md from the files.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measurements.command import ended, parser_of

from longstride.units import PS

ROOT = Path(__file__).parents[1]

REFERENCES = 6
"""Runs of the reference beside the model."""


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["run", "pages"])
    add = parser.add_argument
    add("--model", default="al", help="a shipped model, or NAME=FOLDER")
    add("--cases", nargs="+", help="some of them only")
    add("--stay", type=float, default=500.0, help="length of the stays inside, ps")
    add("--out", type=Path, default=ROOT / "benchmarks" / "results" / "guard")
    add("--docs", type=Path, default=ROOT / "docs", help="folder of the pages")
    return parser.parse_args(words)


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "pages":
        from pages import guard as page

        for path in page.write(given.out, given.docs):
            print(path)
        return
    import numpy as np
    import torch
    from measurements import guard_cost, guard_relay, guard_runs, guard_verdict, species_check
    from measurements.guard_cases import Case, cases
    from measurements.record import make_piece, rounded
    from measurements.subject import Subject

    from longstride.reference import make_engine
    from longstride.validation.system import reference_settings
    from longstride.zoo import summarise

    torch.set_num_threads(1)
    subject = Subject.parse(given.model, "shipped")
    model = subject.propagator()
    potentials = summarise(subject.folder).potentials
    engine = make_engine(reference_settings(potentials, model.regime.species, 1))

    def measure(case: Case) -> dict[str, Any]:
        starts = []
        for seed in range(1, 2 + (REFERENCES if case.leaves else 0)):
            state = case.build(np.random.default_rng(seed))
            if case.settled:
                _, state = guard_runs.by_reference(engine, state, case.settled, seed)
            starts.append(state)
        flown = guard_runs.by_model(model, starts[0], case.stages, 1, 4)
        if not case.leaves:
            outside = flown.looks[:, 1] > 1.0
            return {
                "n_atoms": starts[0].n_atoms,
                "looks": len(outside),
                "looks_outside": int(outside.sum()),
                "atoms_outside": int(flown.looks[:, 2].sum()),
                "largest_share": float(flown.looks[:, 1].max()),
                "broke": flown.broke,
            }
        references = [
            guard_runs.by_reference(engine, start, case.stages, 1000 * (1 + index))[0]
            for index, start in enumerate(starts[1:])
        ]
        window = guard_verdict.WINDOW * guard_runs.SAMPLE
        verdict = guard_verdict.judge(engine, flown, references, window)
        return {"n_atoms": starts[0].n_atoms, **verdict}

    found = cases(dict(model.regime.lattice_constants), given.stay * PS)
    for case in found:
        if given.cases and case.name not in given.cases:
            continue
        settled = {
            "part": "guard",
            "model": subject.describe(),
            "case": case.name,
            "title": case.title,
            "duration": case.duration,
            "leaves": case.leaves,
        }
        path = given.out / f"{subject.name}-{case.name}.json"
        make_piece(path, settled, lambda case=case: rounded(measure(case)))
    others: dict[str, Callable[[], dict[str, Any]]] = {
        "species": lambda: species_check.measure(model),
        "relay": lambda: guard_relay.measure(model, engine, 6.0 * PS),
        "cost": lambda: guard_cost.measure(model),
    }
    for name, make in others.items():
        if not given.cases or name in given.cases:
            settled = {"part": name, "model": subject.describe()}
            path = given.out / f"{subject.name}-{name}.json"
            make_piece(path, settled, lambda make=make: rounded(make()))


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
