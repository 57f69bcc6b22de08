"""Speed of the shipped models on every instruction set of this processor, in turns in one run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

import numpy as np

from longstride.cli.subject import load_subject
from longstride.dynamics import langevin
from longstride.kernels import available_instructions, multiply_adds, peak_rate
from longstride.kernels.native import VARIABLE
from longstride.reference import Langevin, make_engine
from longstride.reference.structure import thermal_velocities
from longstride.units import PS
from longstride.validation import provenance, system
from longstride.validation.bench import stride_split
from longstride.validation.timing import Rounds, time_rounds
from measurements.record import rounded, say

TEMPERATURE = 600.0
ATOMS = 4000
NEIGHBOURS = {"al": 54.0, "al-fast": 42.0}
"""Inside the cutoff of the crystal at rest: 54 and 42 sites."""

SECONDS_OF_PEAK = 0.5


def measure(models: tuple[str, ...], rounds: int, cores: int) -> dict[str, Any]:
    """Every instruction set and LAMMPS once a round, from the same state, on the same cores.

    Args:
        models: shipped ones for aluminium.
        rounds: of each model.
        cores: threads of a model, ranks of LAMMPS.
    """
    sets = available_instructions()
    return rounded(
        {
            "machine": provenance.machine(),
            "software": provenance.software(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "cores": cores,
            "temperature": TEMPERATURE,
            "models": {name: _times(name, sets, rounds, cores) for name in models},
        },
        4,
    )


def _times(name: str, sets: list[str], rounds: int, cores: int) -> dict[str, Any]:
    subjects = {}
    for each in sets:
        with _asked_for(each):
            subjects[each], potentials, make_lattice = load_subject(name, cores)
    regime = subjects[sets[0]].regime
    engine = make_engine(system.reference_settings(potentials, regime.species, cores))
    lattice = make_lattice()
    crystal = lattice.crystal(lattice.repeats(ATOMS), lattice.tabulated(TEMPERATURE))
    rng = np.random.default_rng(1)
    start = thermal_velocities(crystal, 2.0 * TEMPERATURE, rng)
    ensembles = {each: langevin(s.propagator, TEMPERATURE, PS) for each, s in subjects.items()}
    speeds: dict[str, list[float]] = {each: [] for each in sets}
    peaks: dict[str, list[float]] = {each: [] for each in sets}
    reference: list[float] = []
    for number in range(rounds):
        bath = Langevin(TEMPERATURE, PS, number + 1)
        for each, ensemble in ensembles.items():
            first = each == sets[0]
            once = Rounds(1, 0.6 * PS, 2.0, cores)
            timed = time_rounds(ensemble, engine if first else None, start, bath, once)
            speeds[each] += timed.own
            reference += timed.reference
            with _asked_for(each):
                peaks[each].append(2e-9 * (peak_rate(cores, SECONDS_OF_PEAK) or np.nan))
        say(f"{name}: round {number + 1} of {rounds}")
    model = subjects[sets[0]].propagator.model
    operations = 2.0 * multiply_adds(model, NEIGHBOURS[name])
    rows = {}
    for each, subject in subjects.items():
        stride = subject.propagator.stride
        us = [_microseconds(v, stride, start.n_atoms) for v in speeds[each]]
        kicks = stride_split(subject.propagator, ensembles[each], start, rng)["network"]
        gflops = 1e-3 * operations / (kicks * median(us))
        ratios = [a / b for a, b in zip(speeds[each], reference, strict=True)]
        widest = [a / b for a, b in zip(speeds[sets[-1]], speeds[each], strict=True)]
        rows[each] = {
            "us_per_atom_stride": median(us),
            "range": [min(us), max(us)],
            "of_widest": median(widest),
            "ratio": median(ratios),
            "ratio_range": [min(ratios), max(ratios)],
            "gflops": gflops,
            "peak_gflops": max(peaks[each]),
        }
    steps = [_microseconds(v, 2.0, start.n_atoms) for v in reference]
    return {"atoms": start.n_atoms, "rounds": rounds, "lammps_us": median(steps), "sets": rows}


def _microseconds(ns_per_day: float, length: float, n_atoms: int) -> float:
    """Per atom and stride or step of so many fs."""
    return 86400e6 * length * 1e-6 / ns_per_day / n_atoms


@contextmanager
def _asked_for(name: str) -> Iterator[None]:
    """The kernel is that of an instruction set."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
