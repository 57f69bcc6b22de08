"""Time from a process's start to the help page, to a refusal, and to the end of a first stride."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import ase.io
from ase.build import bulk

from longstride.validation import provenance
from measurements.record import rounded

FIRST_STRIDE = """
import numpy as np
from ase.build import bulk
from longstride.dynamics import draw_velocities
from longstride.kernels import load_propagator
from longstride.state import State
from longstride.zoo import resolve
propagator = load_propagator(resolve("{model}"))
atoms = bulk("Al", a=4.07, cubic=True).repeat(10)
crystal = State(atoms.positions, 0.0 * atoms.positions, atoms.get_masses(), atoms.numbers,
                np.array(atoms.cell), np.ones(3, bool))
rng = np.random.default_rng(1)
propagator.step(draw_velocities(crystal, 300.0, rng), rng)
"""
"""Imports, model and first stride of 4,000 atoms of aluminium, neighbour list included."""

STRUCTURE = "al.xyz"
"""Made in the folder that the processes run in."""

TOO_HOT = 5000.0
"""K; off the card of every shipped model."""


@dataclass(frozen=True, slots=True)
class Start:
    """A process that is timed from its start to its end.

    Attributes:
        command: its words.
        code: that it ends with.
    """

    command: tuple[str, ...]
    code: int = 0

    def seconds(self, folder: Path, environment: dict[str, str]) -> float:
        """Of one run in a folder.

        Raises:
            RuntimeError: it ended with another code.
        """
        begin = time.perf_counter()
        done = subprocess.run(
            self.command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - begin
        if done.returncode != self.code:
            raise RuntimeError(f"{' '.join(self.command)}: {done.returncode}: {done.stderr}")
        return seconds


def starts(model: str) -> dict[str, Start]:
    """What is timed, by name."""
    program = str(Path(sys.executable).with_name("longstride"))
    wrong = (program, "run", "-m", model, "-s", STRUCTURE, "-T", f"{TOO_HOT:g}", "--time", "1ps")
    return {
        "help": Start((program, "--help")),
        "refusal": Start((*wrong, "-o", "out.h5"), code=2),
        "first_stride": Start((sys.executable, "-c", FIRST_STRIDE.format(model=model))),
    }


def measure(model: str, repeats: int) -> dict[str, Any]:
    """Seconds of fresh processes: median, lowest and highest.

    Args:
        model: a shipped one for aluminium.
        repeats: processes of each kind, in turns, after one that is not counted: it leaves the
            compiled bytecode of what was never imported before, as an installation does.
    """
    # Where no bytecode may be written, every process would compile its sources anew.
    keeping = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    kinds = starts(model)
    seconds: dict[str, list[float]] = {name: [] for name in kinds}
    with TemporaryDirectory() as folder:
        ase.io.write(Path(folder) / STRUCTURE, bulk("Al", a=4.07, cubic=True))
        for start in kinds.values():
            start.seconds(Path(folder), keeping)
        for _ in range(repeats):
            for name, start in kinds.items():
                seconds[name].append(start.seconds(Path(folder), keeping))
    return rounded(
        {
            "model": model,
            "seconds": {
                name: {"median": median(all_), "lowest": min(all_), "highest": max(all_)}
                for name, all_ in seconds.items()
            },
            "machine": provenance.machine(),
        },
        4,
    )
