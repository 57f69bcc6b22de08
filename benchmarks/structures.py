"""Structure files of surfaces, a stacking fault and a grain boundary, for reference recipes.

    python benchmarks/structures.py [--out recipes/al-broad]

Writes ``al-slab-100.extxyz``, ``al-slab-111.extxyz``, ``al-fault.extxyz`` and
``al-boundary.extxyz`` at a lattice constant of 4.05 Å. Runs of ``recipes/al-broad`` start from
them: slabs keep their cell but for the strain that the temperature asks for, fault and boundary are
relaxed along each axis.
"""

import argparse
import sys
from pathlib import Path

from ase import Atoms
from ase.io import write
from measurements import defects
from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]

CONSTANT = 4.05
"""Å."""


def structures() -> dict[str, Atoms]:
    """All of them, by the names of their files."""
    return {
        "al-slab-100": defects.slab_100(CONSTANT, (4, 4, 8)),
        "al-slab-111": defects.slab_111(CONSTANT, (4, 4, 8)),
        "al-fault": defects.stacking_fault(CONSTANT, (4, 4, 8)),
        "al-boundary": defects.grain_boundary(CONSTANT, (3, 2, 2)),
    }


def parse(words: list[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = parser_of(__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "recipes" / "al-broad")
    return parser.parse_args(words)


def run(given: argparse.Namespace) -> None:
    """Write the files."""
    for name, atoms in structures().items():
        path = given.out / f"{name}.extxyz"
        write(path, atoms, format="extxyz")
        print(f"{path.name}: {len(atoms)} atoms")


def main(words: list[str] | None = None) -> int:
    """Write the files; errors of the user are one line."""
    given = parse(words)
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
