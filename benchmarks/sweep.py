"""Studies of 24 runs: one killed twice on its way, one that gives an Arrhenius law.

    python benchmarks/sweep.py killed --work WORK
    python benchmarks/sweep.py liquid --work WORK
    python benchmarks/sweep.py page

``killed`` runs recipes/studies/al-npt.yaml (24 rollouts of `al` at zero pressure). When eight runs
are finished the sweep and every run at work are killed by SIGKILL; when sixteen are, the sweep
alone. The same command then finishes it. ``liquid`` runs recipes/studies/al-liquid.yaml (24 runs
of the reference, diffusion in liquid aluminium). What came out goes to
``benchmarks/results/sweep``, the folders of the studies to WORK; ``page`` makes docs/sweep.md.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
STUDIES = ROOT / "recipes" / "studies"
RESULTS = ROOT / "benchmarks" / "results" / "sweep"
KILLS = {8: True, 16: False}


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "page":
        from pages.sweep import write_page

        for path in write_page(given.out, ROOT / "docs"):
            print(path)
        return
    from measurements.record import make_piece

    study = STUDIES / ("al-npt.yaml" if given.part == "killed" else "al-liquid.yaml")
    folder = given.work / study.stem
    determined = {"part": given.part, "study": study.read_text(encoding="utf-8")}

    def make() -> dict[str, Any]:
        from measurements import killed_sweep

        if given.part == "killed":
            told = killed_sweep.measure(study, folder, given.workers, KILLS)
        else:
            words = ["sweep", str(study), "-o", str(folder), "--workers", str(given.workers)]
            subprocess.run([sys.executable, "-m", "longstride.cli.main", *words], check=True)
            told = {}
        return told | {"sweep": json.loads((folder / "sweep.json").read_text(encoding="utf-8"))}

    make_piece(given.out / f"{given.part}.json", determined, make)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["killed", "liquid", "page"])
    parser.add_argument("--work", type=Path, help="folder of the studies' folders")
    parser.add_argument("--workers", type=int, default=1, help="runs at a time")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args(words)
    if given.part != "page" and given.work is None:
        parser.error(f"{given.part} needs --work")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
