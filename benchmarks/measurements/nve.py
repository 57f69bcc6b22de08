"""Constant energy, nothing corrected: drift of the energies, and equipartition."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.analysis import block_averages, kinetic_temperature, mean_square_amplitude
from longstride.dynamics import Regime, nve
from longstride.reference import Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.trajectory import Segment
from longstride.units import BOLTZMANN, PS
from longstride.validation.reuse import fingerprint
from measurements.drift import EV_TO_MEV, measure_drift
from measurements.observables import equipartition
from measurements.record import make_piece, rounded
from measurements.subject import Subject
from measurements.system import (
    TIME_STEP,
    Systems,
    equilibrated,
    opened,
    run_model,
    run_reference,
    seed_of,
)

Array = NDArray[np.float64]

ENERGY_EVERY = 5
"""Strides between frames whose potential energy the reference computes."""

FEWEST = 20
"""Frames a run that broke down needs for its drift to be fitted."""

POINTS = 100
"""Points of the series kept for figures."""

REFERENCE = "reference"
"""Name of the control: the reference itself, from the same phase point."""


class NveSettings(BaseModel):
    """Lengths in fs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: PositiveFloat = 100.0 * PS
    equilibration: PositiveFloat = 10.0 * PS
    seed: PositiveInt = 3001


def measure(
    subjects: list[Subject],
    systems: Systems,
    temperatures: tuple[float, ...],
    results: Path,
    work: Path,
    settings: NveSettings,
    ranks: int,
) -> None:
    """Write ``nve-NAME-TK.json`` for every temperature and model; beside the shipped one for the
    reference too, a control of the same length.
    """
    for temperature in temperatures:
        engine = systems.engine(temperature, ranks)
        common = {
            "part": "nve",
            "temperature": temperature,
            "data": {"file": systems.path.name, "sha256": systems.sha256},
            "settings": settings.model_dump(mode="json"),
            "reference": engine.describe(),
        }
        for subject in subjects:
            make_piece(
                results / f"nve-{subject.name}-{temperature:g}K.json",
                {**common, "model": subject.describe()},
                lambda s=subject, c=common, e=engine: of_model(s, systems, work, settings, c, e),
            )
        for subject in subjects:
            if subject.role == "shipped":
                make_piece(
                    results / f"nve-{REFERENCE}-{temperature:g}K.json",
                    {**common, "model": {"name": REFERENCE}},
                    lambda s=subject, c=common, e=engine: _of_reference(
                        s, systems, work, settings, c, e
                    ),
                )


def free_start(
    systems: Systems, regime: Regime, temperature: float, settings: NveSettings, engine: Engine
) -> tuple[State, int]:
    """Where all runs at constant energy start, and the seed it was made with."""
    seed = seed_of("nve", settings.seed, temperature)
    crystal = systems.start(temperature, regime)
    return equilibrated(engine, crystal, temperature, seed, settings.equilibration), seed


def of_model(
    subject: Subject,
    systems: Systems,
    work: Path,
    settings: NveSettings,
    common: dict[str, Any],
    engine: Engine,
) -> dict[str, Any]:
    """Breakdown, drifts and series of a model at constant energy.

    Args:
        subject: the model.
        systems: the held-out data.
        work: folder of the trajectory.
        settings: lengths.
        common: what determines the run beside the model; holds ``temperature``.
        engine: equilibrates the start and computes potential energies.
    """
    temperature = common["temperature"]
    propagator = subject.propagator()
    start, seed = free_start(systems, propagator.regime, temperature, settings, engine)
    run = run_model(
        work / f"nve-{subject.name}-{temperature:g}K.h5",
        fingerprint(common=common, model=subject.describe(), seed=seed),
        nve(propagator),
        start,
        propagator.regime,
        round(settings.time / propagator.stride),
        seed,
    )
    with opened(run.path) as segment:
        frames = np.arange(0, segment.n_frames, ENERGY_EVERY)
        result: dict[str, Any] = {"broke": None}
        if run.broke is not None:
            result["broke"] = {"time": float(segment.times[-1]) / PS, "reason": run.broke}
        if segment.n_frames >= FEWEST:
            states = [segment.state(int(frame)) for frame in frames]
            potential = engine.evaluate(states).potential_energy
            result |= drifts(segment, frames, potential)
        return rounded(result)


def _of_reference(
    subject: Subject,
    systems: Systems,
    work: Path,
    settings: NveSettings,
    common: dict[str, Any],
    engine: Engine,
) -> dict[str, Any]:
    temperature = common["temperature"]
    propagator = subject.propagator()
    start, seed = free_start(systems, propagator.regime, temperature, settings, engine)
    every = round(propagator.stride / TIME_STEP)
    path = run_reference(
        work / f"nve-{REFERENCE}-{temperature:g}K.h5",
        fingerprint(common=common, every=every, seed=seed),
        engine,
        start,
        [Phase(round(settings.time / TIME_STEP), TIME_STEP, every=every)],
    )
    with opened(path) as segment:
        frames = np.arange(0, segment.n_frames, ENERGY_EVERY)
        potential = np.asarray(segment.potential_energy())[frames]
        return rounded({"broke": None, **drifts(segment, frames, potential)})


def drifts(segment: Segment, frames: NDArray[np.int64], potential: Array) -> dict[str, Any]:
    """Drift of kinetic and total energy, wavevector temperatures of the second half, series.

    Args:
        segment: of a run at constant energy.
        frames: (F,) those whose potential energy is known.
        potential: (F,) eV.
    """
    times, velocities, masses = segment.times, segment.velocities(), segment.masses
    n_atoms = segment.n_atoms
    temperature = kinetic_temperature(velocities, masses).series
    kinetic = 1.5 * (n_atoms - 1) * BOLTZMANN * temperature
    tenth = max(2, len(kinetic) // 10)
    scale = float(kinetic[:tenth].mean())
    total = kinetic[frames] + potential
    half = len(times) // 2
    sites = mean_square_amplitude(segment.positions(slice(half, None)), masses).sites
    late = float(temperature[half:].mean())
    n_points = min(POINTS, len(frames) // 2)
    change = EV_TO_MEV * (total - total[: max(2, len(total) // 10)].mean()) / n_atoms
    return {
        "kinetic_energy": EV_TO_MEV * scale / n_atoms,
        "temperature": {"first": float(temperature[:tenth].mean()), "second_half": late},
        "kinetic": measure_drift(times, kinetic, scale, n_atoms).as_dict(),
        "total": measure_drift(times[frames], total, scale, n_atoms).as_dict(),
        "wavevectors": equipartition(sites, velocities[half:], masses, segment.cell, late),
        "series": {
            "time": block_averages(times[frames] / PS, n_points),
            "total_energy_change": block_averages(change, n_points),
            "temperature": block_averages(temperature[frames], n_points),
        },
    }
