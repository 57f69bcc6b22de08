"""Thermostatted runs in one process and on LAMMPS by several ranks: are they equal on average?

Runs of the same noise part within some hundred strides, rounding being what they differ by; so each
run has a seed of its own, and what is compared are averages with their errors.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import ase.io
import numpy as np
from ase.build import bulk

from longstride.analysis import mean_with_error, radial_distribution, variance_with_error
from longstride.dynamics import RunFiles, read_thermo
from longstride.trajectory import TrajectoryFile

TEMPERATURE: Final = 600.0
"""K, of a crystal of 500 atoms with the lattice constant of that temperature."""

CONSTANT: Final = 4.10

Quantities = dict[str, tuple[float, float]]
"""Value and standard error."""


def compare(
    model: str, ranks: list[int], seeds: int, strides: int, skipped: int, work: Path
) -> dict[str, Any]:
    """The quantities of every run, and their means by the number of ranks.

    Args:
        model: of aluminium, with a stride of 60 fs.
        ranks: of LAMMPS; 0 is one process without LAMMPS.
        seeds: runs for each number of ranks.
        strides: of each run that are looked at, after so many ``skipped``.
        work: folder of the runs, made if need be; those that are there are not run again.
    """
    work.mkdir(parents=True, exist_ok=True)
    structure = work / "al.xyz"
    if not structure.exists():
        ase.io.write(structure, bulk("Al", a=CONSTANT, cubic=True).repeat(5), format="extxyz")
    runs: dict[str, list[Quantities]] = {}
    seed = 0
    for n in ranks:
        for _ in range(seeds):
            seed += 1
            out = work / f"{n}-{seed}.h5"
            if not out.exists():
                _run(model, structure, out, n, seed, strides + skipped)
            runs.setdefault(str(n), []).append(quantities(out, skipped))
    return {"runs": runs, "means": {n: pooled(of) for n, of in runs.items()}}


def quantities(out: Path, skipped: int) -> Quantities:
    """What is compared, of one run."""
    temperature = read_thermo(RunFiles(out).thermo).temperature[skipped:]
    with TrajectoryFile(out) as file:
        segment = file["run"]
        positions, velocities = segment.positions()[skipped:], segment.velocities()[skipped:]
        cell = segment.state(0).cell
    deviation = positions - positions.mean(axis=1, keepdims=True)
    deviation -= deviation.mean(axis=0)
    step = np.diff(positions, axis=0)
    correlation = (velocities[1:] * velocities[:-1]).sum(axis=(1, 2))
    correlation /= (velocities**2).sum(axis=(1, 2)).mean()
    rdf = radial_distribution(positions[::5], cell, n_blocks=10)
    peak = int(np.argmin(np.abs(rdf.r - CONSTANT / np.sqrt(2.0))))
    estimates = {
        "temperature_K": mean_with_error(temperature),
        "temperature_variance_K2": variance_with_error(temperature),
        "square_displacement_from_site_A2": mean_with_error((deviation**2).sum(-1).mean(1)),
        "square_displacement_of_a_stride_A2": mean_with_error((step**2).sum(-1).mean(1)),
        "velocity_correlation_of_a_stride": mean_with_error(correlation),
    }
    return {name: (one.value, one.error) for name, one in estimates.items()} | {
        "rdf_at_nearest_neighbours": (float(rdf.g[peak]), float(rdf.error[peak]))
    }


def pooled(runs: list[Quantities]) -> Quantities:
    """Means of independent runs of one length."""
    return {
        name: (
            float(np.mean([run[name][0] for run in runs])),
            float(np.sqrt(np.sum([run[name][1] ** 2 for run in runs])) / len(runs)),
        )
        for name in runs[0]
    }


def _run(model: str, structure: Path, out: Path, ranks: int, seed: int, strides: int) -> None:
    hosted = ["--engine", "lammps", "--ranks", str(ranks)] if ranks else ["--on-leave", "warn"]
    words = ["run", "-m", model, "-s", str(structure), "-T", f"{TEMPERATURE:g}", *hosted]
    words += ["--time", f"{60 * strides}fs", "--seed", str(seed), "-o", str(out)]
    subprocess.run([sys.executable, "-m", "longstride.cli.main", *words], check=True)
