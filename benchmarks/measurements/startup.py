"""Time from a command's start to its help page, and to the end of a model's first stride."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

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


def measure(model: str, repeats: int) -> dict[str, Any]:
    """Seconds of fresh processes: median, lowest and highest.

    Args:
        model: a shipped one for aluminium.
        repeats: processes of each kind, in turns.
    """
    program = str(Path(sys.executable).with_name("longstride"))
    commands = {
        "help": [program, "--help"],
        "first_stride": [sys.executable, "-c", FIRST_STRIDE.format(model=model)],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            begin = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - begin)
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
