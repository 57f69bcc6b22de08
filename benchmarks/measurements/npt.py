"""Constant pressure: volumes of the model beside those of the reference, at zero pressure."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt

from longstride.analysis import Estimate, equilibration_start, mean_with_error, variance_with_error
from longstride.dynamics import Ensemble, draw_velocities, npt, rollout
from longstride.errors import RolloutError
from longstride.propagator import Potential
from longstride.reference import Barostat, Frames, Langevin, Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import BOLTZMANN, GPA, PS
from measurements.record import rounded, say
from measurements.subject import Subject
from measurements.system import TELL_EVERY, TIME_STEP, Systems, equilibrated, seed_of
from measurements.temperatures import measure_each

Array = NDArray[np.float64]

ATOMS_PER_CELL = 4
"""Of the cubic cell of fcc whose edge is the lattice constant."""


class NptSettings(BaseModel):
    """Lengths in fs, pressure in GPa; what comes before equilibrium is discarded from every run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: PositiveFloat = 500.0 * PS
    reference_time: PositiveFloat = 250.0 * PS
    references: PositiveInt = 2
    equilibration: PositiveFloat = 10.0 * PS
    pressure: float = 0.0
    bath_time: PositiveFloat = 1.0 * PS
    barostat_time: PositiveFloat = 1.0 * PS
    seed: PositiveInt = 5001


def measure(
    subject: Subject,
    systems: Systems,
    temperatures: tuple[float, ...],
    results: Path,
    settings: NptSettings,
    ranks: int,
) -> None:
    """Write ``npt-NAME-TK.json`` for every temperature."""
    measure_each(
        "npt",
        subject,
        systems,
        temperatures,
        results,
        settings,
        ranks,
        lambda t, e: _compare(subject, systems, t, settings, e),
    )


def _compare(
    subject: Subject, systems: Systems, temperature: float, settings: NptSettings, engine: Engine
) -> dict[str, Any]:
    propagator = subject.propagator()
    assert isinstance(propagator, Potential), "constant pressure needs an energy head"
    crystal = systems.start(temperature, propagator.regime)
    seed = seed_of("npt", settings.seed, temperature)
    start = equilibrated(engine, crystal, temperature, seed, settings.equilibration)
    result: dict[str, Any] = {"stride": propagator.stride, "n_atoms": start.n_atoms}
    for name in ("iso", "aniso"):
        ensemble = npt(
            propagator,
            propagator,
            temperature,
            settings.pressure * GPA,
            bath_time=settings.bath_time,
            barostat_time=settings.barostat_time,
            anisotropic=name == "aniso",
        )
        cells, broke = _rolled_out(f"{temperature:g} K, {name}", ensemble, start, seed, settings)
        result[name] = {"broke": broke}
        if broke is None:
            result[name] |= _observed(cells, temperature, start.n_atoms)
    result["references"] = [
        _observed(
            _reference_cells(engine, crystal, temperature, settings, seed + index),
            temperature,
            start.n_atoms,
        )
        for index in range(1, settings.references + 1)
    ]
    return rounded(result)


def _rolled_out(
    label: str, ensemble: Ensemble, start: State, seed: int, settings: NptSettings
) -> tuple[Array, str | None]:
    """(F, 3, 3) cells after every stride, and why the run ended early, or None."""
    cells = []
    n_strides = round(settings.time / ensemble.stride)
    try:
        for stride in rollout(ensemble, start, np.random.default_rng(seed), n_strides):
            cells.append(stride.end.cell)
            if stride.index % (10 * TELL_EVERY) == 0:
                say(f"{label}: {stride.index} of {n_strides} strides")
    except RolloutError as error:
        return np.array(cells), str(error)
    return np.array(cells), None


def _reference_cells(
    engine: Engine, crystal: State, temperature: float, settings: NptSettings, seed: int
) -> Array:
    """(F, 3, 3) cells every 60 fs of a run of the reference from newly drawn velocities."""
    say(f"{temperature:g} K: reference, seed {seed}")
    blocks: list[Array] = []

    def record(_: int, frames: Frames) -> None:
        blocks.append(frames.cells)

    drawn = draw_velocities(crystal, temperature, np.random.default_rng(seed))
    bath = Langevin(temperature, settings.bath_time, seed)
    barostat = Barostat(settings.pressure * GPA, settings.barostat_time, "iso")
    steps = round(settings.reference_time / TIME_STEP)
    before = Phase(round(settings.equilibration / TIME_STEP), TIME_STEP, langevin=bath)
    engine.simulate(
        drawn, [before, Phase(steps, TIME_STEP, every=30, langevin=bath, barostat=barostat)], record
    )
    return np.concatenate(blocks)


def _observed(cells: Array, temperature: float, n_atoms: int) -> dict[str, Any]:
    """Lattice constant, compressibility and shape from cells of equal intervals.

    ``a = (4 V / N)^(1/3)``; ``κ = Var(V) / (k_B T <V>)``; Allen and Tildesley, Computer Simulation
    of Liquids (2017), eq. 2.86.
    """
    volumes = np.linalg.det(cells)
    first = equilibration_start(volumes)
    volumes, edges = volumes[first:], np.linalg.norm(cells[first:], axis=2)
    mean = mean_with_error(volumes)
    constant = mean_with_error((ATOMS_PER_CELL * volumes / n_atoms) ** (1 / 3))
    variance = variance_with_error(volumes)
    scale = GPA / (BOLTZMANN * temperature * mean.value)
    ratios = [mean_with_error(edges[:, a] / edges.mean(axis=1) - 1.0) for a in range(3)]
    return {
        "discarded": first,
        "frames": len(volumes),
        "lattice_constant": _pair(constant),
        "compressibility": [scale * variance.value, scale * variance.error],
        "edges_over_mean": [_pair(ratio) for ratio in ratios],
        "volumes": np.quantile(volumes / n_atoms, np.linspace(0.01, 0.99, 50)),
    }


def _pair(estimate: Estimate) -> list[float]:
    return [estimate.value, estimate.error]
