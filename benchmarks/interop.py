"""Exported models under the integrators of another program, beside the same runs here.

    python benchmarks/interop.py hosted --flashmd PYTHON --work WORK
    python benchmarks/interop.py approach
    python benchmarks/interop.py readers --ovito PYTHON --work WORK
    python benchmarks/interop.py page

``hosted`` exports shipped models and runs them by FlashMD's ASE integrators and its i-PI steppers
at constant energy, and by its Langevin integrator; PYTHON is that of an environment with FlashMD,
whose dependencies need not fit ours (``pip install flashmd ipi``). ``approach`` tells how near
atoms come within a stride of a hot crystal, which the skin of a neighbour list must cover.
``readers`` opens exported trajectories by OVITO, ASE and MDAnalysis; PYTHON is one with OVITO and
MDAnalysis. Results go to ``benchmarks/results/interop``; ``page`` makes docs/interop.md.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "interop"


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.interop import write_page

        for path in write_page(given.out, ROOT / "docs"):
            print(path)
        return
    from measurements.record import make_piece

    if given.part == "readers":
        from measurements.opened_files import measure as opened

        make_piece(
            given.out / "readers.json",
            {"part": "readers"},
            lambda: opened(given.ovito, given.work.resolve()),
        )
        return
    from measurements import approach, hosted_runs
    from measurements.subject import Subject

    if given.part == "approach":
        for name in given.models:
            subject = Subject.parse(name, "shipped").describe()
            size = {"atoms": 2048, "strides": 500}
            make_piece(
                given.out / f"approach-{name}.json",
                {"part": "approach", "model": subject, "settings": size},
                lambda name=name, size=size: approach.measure(name, **size),
            )
        return
    settings: dict[str, Any] = {
        "strides": given.strides,
        "temperature_K": 600.0,
        "atoms": given.atoms,
        "bath_strides": given.bath_strides,
        "friction_time_fs": 500.0,
    }
    for name in given.models:
        subject = Subject.parse(name, "shipped").describe()
        make_piece(
            given.out / f"hosted-{name}.json",
            {"part": "hosted", "model": subject, "settings": settings},
            lambda name=name: hosted_runs.measure(
                name, given.flashmd, given.engines, given.work.resolve(), settings
            ),
        )


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["hosted", "approach", "readers", "page"])
    parser.add_argument("--flashmd", help="a Python with FlashMD")
    parser.add_argument("--ovito", help="a Python with OVITO and MDAnalysis")
    parser.add_argument("--work", type=Path, help="folder of files that are not kept")
    parser.add_argument("--models", nargs="+", default=["al", "cuni"])
    parser.add_argument("--engines", nargs="+", choices=["nve", "ipi"], default=["nve", "ipi"])
    parser.add_argument("--strides", type=int, default=100)
    parser.add_argument("--atoms", type=int, default=256, help="of the crystal")
    parser.add_argument("--bath-strides", type=int, default=400)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(words)
    needed = {"hosted": ["flashmd", "work"], "readers": ["ovito", "work"]}
    for option in needed.get(given.part, []):
        if getattr(given, option) is None:
            parser.error(f"{given.part} needs --{option}")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
