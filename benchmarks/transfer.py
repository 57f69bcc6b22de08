"""How much reference data a new potential takes, from scratch and from a model that is there.

    longstride generate recipes/metals/cu.yaml -o cu.h5
    longstride generate recipes/al-zhou.yaml -o al-zhou.h5
    python benchmarks/transfer.py run --cu cu.h5 --al al-zhou.h5
    python benchmarks/transfer.py page

``run`` trains on 2 to 128 segments with the same small budget of processor time, from scratch and
from the shipped model ``al``, and writes a JSON file each to ``benchmarks/results/transfer``; what
is there already is passed over. ``page`` makes docs/transfer.md.
"""

import argparse
import sys
from pathlib import Path

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "transfer"


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.transfer import write

        for path in write(RESULTS, ROOT / "docs"):
            print(path)
        return
    import torch
    from measurements.learning_curve import Target, measure
    from measurements.record import make_piece, rounded

    torch.set_num_threads(1)
    targets = (
        Target(
            "cu",
            "Al → Cu (Cu_mishin1.eam.alloy)",
            given.cu,
            (1360.0, 340.0, 750.0, 950.0, 540.0, 1150.0),
            (1, 2),
            ("T340_seed3", "T750_seed3", "T1360_seed3"),
        ),
        Target(
            "al-zhou",
            "Al → Al of another potential (Al_zhou.eam.alloy)",
            given.al,
            (900.0, 300.0, 600.0),
            (1, 2),
            ("T300_seed3", "T600_seed3", "T900_seed3"),
        ),
    )
    settings = {"parent": given.parent, "minutes": given.minutes, "windows": given.windows}
    for count in given.segments:
        for target in targets:
            for kind in ("scratch", "parent"):
                determined = {
                    "part": "transfer",
                    "target": target.name,
                    "title": target.title,
                    "segments": count,
                    "kind": kind,
                    **settings,
                }
                make_piece(
                    given.out / f"{target.name}-{count}-{kind}.json",
                    determined,
                    lambda target=target, count=count, kind=kind: rounded(
                        measure(
                            target,
                            given.parent,
                            count,
                            from_parent=kind == "parent",
                            minutes=given.minutes,
                            windows=given.windows,
                        )
                    ),
                )


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    add = parser.add_argument
    add("part", choices=["run", "page"])
    add("--cu", type=Path, help="data of recipes/metals/cu.yaml")
    add("--al", type=Path, help="data of recipes/al-zhou.yaml")
    add("--parent", default="al", help="a shipped model, or its folder")
    add("--segments", type=int, nargs="+", default=[2, 128, 8, 32])
    add("--minutes", type=float, default=0.3, help="of training, processor time")
    add("--windows", type=int, default=4, help="of the closed-form fits")
    add("--out", type=Path, default=RESULTS)
    given = parser.parse_args(words)
    if given.part == "run" and None in (given.cu, given.al):
        parser.error("run needs --cu and --al")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
