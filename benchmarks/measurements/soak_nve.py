"""A nanosecond at constant energy: the map alone, with its noise, with its energy held."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.analysis import block_averages, linear_drift, mean_with_error
from longstride.dynamics import (
    ENERGY_COLUMNS,
    CorrectionObserver,
    EnergyCorrection,
    EnergyObserver,
    Ensemble,
    NoisyPropagator,
    Observer,
    RememberedPotential,
    RunPlan,
    nve,
    read_thermo,
    residual_noise,
)
from longstride.kernels.propagator import EnergyPropagator
from longstride.model.residuals import BLOCK
from longstride.propagator import Propagator
from longstride.reference.engine import Engine
from longstride.trajectory import TrajectoryFile
from longstride.units import PS
from longstride.validation.reuse import fingerprint
from measurements.drift import EV_TO_MEV
from measurements.record import make_piece, rounded
from measurements.soak_nvt import potential_of
from measurements.soak_run import crystal_of, engine_of, soak, weights_of
from measurements.subject import Subject
from measurements.system import equilibrated, seed_of

Array = NDArray[np.float64]

LARGE = "calibrated-large"
VARIANTS = (
    "plain",
    "calibrated",
    LARGE,
    "corrected",
    "corrected-at-once",
    "calibrated-corrected",
)
"""The map alone; with calibrated noise, in the small and in the large crystal; held by the default
correction; by one of f = 1; both noise and the default correction."""

POINTS = 100
"""Points of the series kept for figures."""


class NveSoakSettings(BaseModel):
    """Lengths in fs.

    Attributes:
        time: of the rollout.
        n_atoms: of the crystal.
        n_large: of the one in which the walk of the energy is narrower.
        every: strides between frames and energies; 17 of 60 fs are 1.02 ps.
        equilibration: by the reference.
        correction_time: time constant of the correction.
        seed: of everything.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: PositiveFloat = 1000.0 * PS
    n_atoms: PositiveInt = 500
    n_large: PositiveInt = 8788
    every: PositiveInt = 17
    equilibration: PositiveFloat = 10.0 * PS
    correction_time: PositiveFloat = 1.0 * PS
    seed: PositiveInt = 4002


def measure(
    subject: Subject, temperature: float, results: Path, work: Path, settings: NveSoakSettings
) -> None:
    """Write ``nve-NAME-VARIANT-TK.json`` for every variant; trajectories go to ``work``."""
    engine = engine_of(subject, 1)
    for variant in VARIANTS:
        determined_by = {
            **_mark(subject, variant, temperature, settings),
            "reference": engine.describe(),
        }
        make_piece(
            results / f"nve-{subject.name}-{variant}-{temperature:g}K.json",
            determined_by,
            lambda v=variant: _of_variant(subject, v, temperature, work, settings, engine),
        )


def _mark(
    subject: Subject, variant: str, temperature: float, settings: NveSoakSettings
) -> dict[str, Any]:
    """Plain data that determines a run."""
    if variant == LARGE:
        settings = settings.model_copy(update={"n_atoms": settings.n_large})
    known: dict[str, Any] = {
        "part": "soak-nve",
        "variant": variant,
        "model": weights_of(subject),
        "temperature": temperature,
        "settings": settings.model_dump(mode="json", exclude={"n_large"}),
    }
    if variant.startswith("calibrated"):
        known["residuals"] = subject.card()[BLOCK]
    return known


def _of_variant(
    subject: Subject,
    variant: str,
    temperature: float,
    work: Path,
    settings: NveSoakSettings,
    engine: Engine,
) -> dict[str, Any]:
    propagator = subject.propagator()
    assert isinstance(propagator, EnergyPropagator)
    made = _mark(subject, variant, temperature, settings)
    crystal = crystal_of(propagator.regime, made["settings"]["n_atoms"], temperature)
    seed = seed_of("soak-nve", settings.seed, temperature)
    start = equilibrated(engine, crystal, temperature, seed, settings.equilibration)
    plan = RunPlan(
        n_strides=round(settings.time / propagator.stride / settings.every) * settings.every,
        frame_every=settings.every,
        restart_every=50 * settings.every,
        shortest_distance=propagator.regime.shortest_distance,
    )
    ensemble, observers = moved_by(variant, propagator, settings)
    mark = fingerprint(**made)
    path = work / f"soak-nve-{subject.name}-{variant}-{temperature:g}K.h5"
    run = soak(path, mark, ensemble, start, plan, seed, observers)
    if run.broke is not None:
        return {"broke": run.broke}
    thermo = read_thermo(run.files.thermo)
    rows = slice(None, None, settings.every)
    times, kinetic = thermo.time[rows], thermo.kinetic_energy[rows]
    head = crystal.n_atoms * thermo.observed[ENERGY_COLUMNS[1]][rows]
    with TrajectoryFile(run.files.out) as file:
        segment = file["run"]
        potential = potential_of(engine, segment, np.arange(segment.n_frames))
    reference = kinetic + potential
    scale = float(kinetic.mean())
    half = len(thermo.time) // 2
    halves = [mean_with_error(part) for part in np.split(thermo.temperature[1:], [half])]
    result = {
        "broke": None,
        "length": float(times[-1]) / PS,
        "n_atoms": crystal.n_atoms,
        "kinetic_energy": EV_TO_MEV * scale / crystal.n_atoms,
        "head": _drift(times, head, scale, crystal.n_atoms),
        "reference": _drift(times, reference, scale, crystal.n_atoms),
        "temperature_halves": [{"value": one.value, "error": one.error} for one in halves],
        "series": {
            "time": block_averages(times / PS, POINTS),
            "reference": block_averages(
                EV_TO_MEV * (reference - reference[0]) / crystal.n_atoms, POINTS
            ),
        },
    }
    given = [name for name in thermo.observed if name not in ENERGY_COLUMNS]
    for name in given:
        result["given"] = EV_TO_MEV * float(thermo.observed[name][-1])
    return rounded(result)


def moved_by(
    variant: str, propagator: EnergyPropagator, settings: NveSoakSettings
) -> tuple[Ensemble, tuple[Observer, ...]]:
    """What moves the atoms in a variant, and who observes them."""
    potential = RememberedPotential(propagator)
    energies = EnergyObserver(potential, settings.every)
    moving: Propagator = propagator
    if variant.startswith("calibrated"):
        assert propagator.residuals is not None
        noise = residual_noise(propagator.residuals, symplectic=propagator.symplectic)
        moving = NoisyPropagator(propagator, noise)
    if "corrected" not in variant:
        return nve(moving), (energies,)
    if variant == "corrected-at-once":
        held = EnergyCorrection(moving, potential, 0.0, every=1)
    else:
        held = EnergyCorrection(moving, potential, settings.correction_time)
    return nve(held), (energies, CorrectionObserver(held))


def _drift(times: Array, energies: Array, scale: float, n_atoms: int) -> dict[str, float]:
    """Drift over the whole run in % of the kinetic energy, and scatter around it in meV an atom."""
    slope = linear_drift(times, energies)
    length = float(times[-1] - times[0])
    rest = energies - slope.value * (times - times.mean())
    return {
        "percent": 100.0 * slope.value * length / scale,
        "percent_error": 100.0 * slope.error * length / scale,
        "deviation": EV_TO_MEV * float(rest.std(ddof=2)) / n_atoms,
        "offset": EV_TO_MEV * float(energies.mean() - energies[0]) / n_atoms,
    }
