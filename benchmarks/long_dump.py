"""Memory and time of the analysis of a long LAMMPS dump.

    python benchmarks/long_dump.py FOLDER --repeat 30 --frames 200

LAMMPS writes a text dump of 4 · repeat³ aluminium atoms into FOLDER; ``longstride import`` reads
it, and RDF, MSD and VACF are taken from the imported file, each in a process of its own whose peak
memory is recorded. The numbers go to ``benchmarks/results/long-dump.json``.
"""

import argparse
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from measurements.long_dump import PROGRAMS
from rich.progress import track

from longstride.reference.lammps_program import find_potential, run_program

RESULTS = Path(__file__).parent / "results"

SCRIPT = """units metal
atom_style atomic
lattice fcc 4.1
region box block 0 {n} 0 {n} 0 {n}
create_box 1 box
create_atoms 1 box
pair_style eam/fs
pair_coeff * * {potential} Al
timestep 0.002
velocity all create 1200 1 mom yes
fix 1 all nve
dump 1 all custom {every} partial.lammpstrj id type element xu yu zu vx vy vz
dump_modify 1 element Al units yes time yes
run {steps}
"""
"""Velocities at twice the temperature: half turns into potential energy."""

EVERY = 5
"""Steps of 2 fs between frames."""


def write_dump(folder: Path, repeat: int, frames: int, ranks: int) -> Path:
    """The dump, made if it is not there."""
    path = folder / "dump.lammpstrj"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        steps, potential = EVERY * (frames - 1), find_potential("Al_mm.eam.fs")
        script = SCRIPT.format(n=repeat, potential=potential, every=EVERY, steps=steps)
        (folder / "in.dump").write_text(script, encoding="utf-8")
        run_program(folder, "in.dump", ranks)
        (folder / "partial.lammpstrj").rename(path)
    return path


def measured(arguments: list[str]) -> dict[str, float]:
    """Seconds and peak memory in MiB of one program."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "measurements.long_dump", *arguments],
        cwd=Path(__file__).parent,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds = time.perf_counter() - begin
    return {"seconds": round(seconds, 1), "peak_mib": round(float(done.stdout.split()[-1]))}


def main() -> None:
    """Make, import, analyse, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=30, help="unit cells along each axis")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--ranks", type=int, default=2, help="of LAMMPS")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    dump = write_dump(given.folder.resolve(), given.repeat, given.frames, given.ranks)
    imported = dump.with_name("imported.h5")
    imported.unlink(missing_ok=True)
    content: dict[str, Any] = {
        "part": "long-dump",
        "atoms": 4 * given.repeat**3,
        "frames": given.frames,
        "dump_mib": round(dump.stat().st_size / 2**20),
        "machine": {"system": platform.system(), "architecture": platform.machine()},
        "programs": {
            name: measured([name, str(dump), str(imported)])
            for name in track(PROGRAMS, description="measuring")
        },
    }
    path = given.out / "long-dump.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
