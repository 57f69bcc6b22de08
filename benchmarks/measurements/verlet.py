"""Constant energy by velocity Verlet with the true forces, in steps as long as a map's kicks.

A kick-drift map with perfect kicks heats too: kicks every h are a drive of that period. What the
reference's own forces do in such steps is what a learned map of that spacing is compared with.
"""

from pathlib import Path
from typing import Any

import numpy as np

from longstride.analysis import kinetic_temperature
from longstride.errors import LongstrideError
from longstride.reference import Phase
from longstride.units import BOLTZMANN
from longstride.validation.reuse import fingerprint
from measurements.drift import measure_drift
from measurements.nve import REFERENCE, NveSettings, free_start
from measurements.record import make_piece, rounded
from measurements.subject import Subject
from measurements.system import Systems, opened, run_reference

STEPS = (2.0, 5.0, 20.0 / 3.0, 7.5, 10.0, 12.0, 15.0, 20.0)
"""Time steps in fs; all divide the time between frames."""

FRAMES = 60.0
"""Time between frames in fs."""


def measure(
    subject: Subject,
    systems: Systems,
    temperatures: tuple[float, ...],
    results: Path,
    work: Path,
    settings: NveSettings,
    ranks: int,
) -> None:
    """Write ``verlet-TK.json``: for every time step the drift of the total energy, or why LAMMPS
    gave up. They start where the runs of ``nve`` start.
    """
    for temperature in temperatures:
        engine = systems.engine(temperature, ranks)
        common = {
            "part": "verlet",
            "temperature": temperature,
            "data": {"file": systems.path.name, "sha256": systems.sha256},
            "settings": {**settings.model_dump(mode="json"), "steps": STEPS},
            "reference": engine.describe(),
            "model": {"name": REFERENCE},
        }

        def of_steps(t: float = temperature, common: dict[str, Any] = common) -> dict[str, Any]:
            engine = systems.engine(t, ranks)
            start, seed = free_start(systems, subject.propagator().regime, t, settings, engine)
            found = []
            for step in STEPS:
                every = round(FRAMES / step)
                path = work / f"verlet-{step:.3g}fs-{t:g}K.h5"
                phase = Phase(round(settings.time / FRAMES) * every, step, every=every)
                mark = fingerprint(common=common, step=step, seed=seed)
                try:
                    run_reference(path, mark, engine, start, [phase])
                except LongstrideError as error:
                    found.append({"step": step, "broke": str(error)})
                    continue
                found.append({"step": step, "broke": None, **_drift(path)})
            return rounded({"steps": found})

        make_piece(results / f"verlet-{temperature:g}K.json", common, of_steps)


def _drift(path: Path) -> dict[str, Any]:
    """Of the total energy."""
    with opened(path) as segment:
        n_atoms = segment.n_atoms
        temperature = kinetic_temperature(segment.velocities(), segment.masses).series
        kinetic = 1.5 * (n_atoms - 1) * BOLTZMANN * temperature
        total = kinetic + np.asarray(segment.potential_energy())
        scale = float(kinetic[: max(2, len(kinetic) // 10)].mean())
        return {"total": measure_drift(segment.times, total, scale, n_atoms).as_dict()}
