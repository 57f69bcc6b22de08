"""Velocity autocorrelation at constant energy: with calibrated noise, without, and the reference's.

Each run starts from a phase point of the reference's own; all ways start from the same ones. A
difference is judged by its scatter over the starts.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.analysis import velocity_autocorrelation
from longstride.dynamics import NoisyPropagator, nve, residual_noise, rollout
from longstride.kernels import ModelPropagator
from longstride.propagator import Propagator
from longstride.reference import Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from longstride.validation.reuse import fingerprint
from measurements.record import make_piece, rounded, say
from measurements.soak_run import crystal_of, engine_of, weights_of
from measurements.subject import Subject
from measurements.system import TIME_STEP, equilibrated, opened, run_reference, seed_of

Array = NDArray[np.float64]


class VacfSettings(BaseModel):
    """Lengths in fs.

    Attributes:
        time: of each run.
        starts: number of phase points.
        longest: lag.
        n_atoms: of the crystal.
        equilibration: by the reference, of each start.
        seed: of everything.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: PositiveFloat = 20.0 * PS
    starts: PositiveInt = 6
    longest: PositiveFloat = 3.0 * PS
    n_atoms: PositiveInt = 500
    equilibration: PositiveFloat = 10.0 * PS
    seed: PositiveInt = 4003


def measure(
    subject: Subject, temperature: float, results: Path, work: Path, settings: VacfSettings
) -> None:
    """Write ``vacf-NAME-TK.json``."""
    engine = engine_of(subject, 1)
    determined_by = {
        "part": "soak-vacf",
        "model": weights_of(subject),
        "temperature": temperature,
        "settings": settings.model_dump(mode="json"),
        "reference": engine.describe(),
    }
    make_piece(
        results / f"vacf-{subject.name}-{temperature:g}K.json",
        determined_by,
        lambda: _curves(subject, temperature, work, settings, engine),
    )


def _curves(
    subject: Subject, temperature: float, work: Path, settings: VacfSettings, engine: Engine
) -> dict[str, Any]:
    propagator = subject.propagator()
    crystal = crystal_of(propagator.regime, settings.n_atoms, temperature)
    interval = propagator.stride / len(propagator.stage_times)
    curves: dict[str, list[Array]] = {"plain": [], "calibrated": [], "reference": []}
    for index in range(settings.starts):
        seed = seed_of("vacf", settings.seed, temperature, index)
        start = equilibrated(engine, crystal, temperature, seed, settings.equilibration)
        ways = {"plain": propagator, "calibrated": _noisy(propagator)}
        for name, way in ways.items():
            velocities = _rolled_out(way, start, settings, seed)
            curves[name].append(_vacf(velocities, interval, start, settings))
        path = _of_reference(start, work, settings, engine, interval, seed)
        with opened(path) as segment:
            curves["reference"].append(_vacf(segment.velocities(), interval, start, settings))
        say(f"start {index + 1} of {settings.starts}")
    lags = interval * np.arange(len(curves["plain"][0]))
    return rounded(
        {
            "n_atoms": crystal.n_atoms,
            "lag": lags,
            "curves": {name: np.mean(each, axis=0) for name, each in curves.items()},
            "calibrated_less_plain": _difference(curves["calibrated"], curves["plain"]),
            "plain_less_reference": _difference(curves["plain"], curves["reference"]),
            "calibrated_less_reference": _difference(curves["calibrated"], curves["reference"]),
        }
    )


def _noisy(propagator: ModelPropagator) -> Propagator:
    assert propagator.residuals is not None
    noise = residual_noise(propagator.residuals, symplectic=propagator.symplectic)
    return NoisyPropagator(propagator, noise)


def _rolled_out(way: Propagator, start: State, settings: VacfSettings, seed: int) -> Array:
    """(F, N, 3) velocities at every stage."""
    strides = round(settings.time / way.stride)
    found = [start.velocities]
    for stride in rollout(nve(way), start, np.random.default_rng(seed), strides, substride=True):
        found += [state.velocities for state in stride.states]
    return np.array(found)


def _of_reference(
    start: State, work: Path, settings: VacfSettings, engine: Engine, interval: float, seed: int
) -> Path:
    every = round(interval / TIME_STEP)
    mark = fingerprint(
        part="soak-vacf",
        reference=engine.describe(),
        seed=seed,
        settings=settings.model_dump(mode="json"),
        every=every,
    )
    phases = [Phase(round(settings.time / TIME_STEP), TIME_STEP, every=every)]
    return run_reference(work / f"vacf-reference-{seed}.h5", mark, engine, start, phases)


def _vacf(velocities: Array, interval: float, start: State, settings: VacfSettings) -> Array:
    """Normalised, up to the longest lag."""
    lags = round(settings.longest / interval)
    return velocity_autocorrelation(velocities, start.masses, interval, max_lag=lags).value


def _difference(one: list[Array], other: list[Array]) -> dict[str, Any]:
    """Root mean square over the lags of the mean difference, and what its scatter makes expected.

    The scatter is that of the starts, pairwise, since both ways begin in the same ones.
    """
    pairs = np.array(one) - np.array(other)
    error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
    return {
        "rms": float(np.sqrt(np.mean(pairs.mean(axis=0) ** 2))),
        "expected": float(np.sqrt(np.mean(error**2))),
        "largest": float(np.abs(pairs.mean(axis=0)).max()),
    }
