"""Runs beyond the perfect crystal: of the reference, and rollouts of a model."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from longstride.analysis import linear_drift, mean_with_error
from longstride.dynamics import draw_velocities, with_model_masses, without_total_momentum
from longstride.kernels import ModelPropagator
from longstride.reference import Langevin, Phase
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from longstride.validation.reuse import fingerprint
from measurements import stride_errors
from measurements.beyond_cases import Case
from measurements.beyond_observables import observed
from measurements.guard_cases import Stage
from measurements.guard_runs import FRICTION_TIME, SAMPLE, TIME_STEP, by_model
from measurements.guard_verdict import energies
from measurements.system import opened, run_reference, seed_of

SETTLE = 4.0 * PS
"""In the bath of the reference, from velocities of the run's own seed."""

WINDOWS = 8
APART = 1.0 * PS
STRIDE = 60.0
"""Of the models, fs."""

LOOK_EVERY = 8
"""Strides between looks of the guard."""

ENERGY_FRAMES = 100
"""Frames of a run that energies are taken from."""


class Runs:
    """Trajectories of the reference in a folder, made once.

    Args:
        scratch: the folder.
        engine: the reference.
    """

    def __init__(self, scratch: Path, engine: Engine) -> None:
        self._scratch, self._engine = scratch, engine

    def reference(self, case: Case, seed: int) -> list[State]:
        """Frames of one run."""
        settling, running = (Langevin(case.temperature, FRICTION_TIME, seed + k) for k in (0, 1))
        steps = round(case.duration / TIME_STEP)
        phases = [
            Phase(round(SETTLE / TIME_STEP), TIME_STEP, langevin=settling),
            Phase(steps, TIME_STEP, every=round(SAMPLE / TIME_STEP), langevin=running),
        ]
        path, mark = self._named(case, f"run-{seed}", phases)
        run_reference(path, mark, self._engine, self._start(case, seed), phases)
        with opened(path) as segment:
            return [segment.state(k) for k in range(segment.n_frames)]

    def windows(self, case: Case) -> list[stride_errors.Window]:
        """Strides of a third run, whose first state the rollouts begin from."""
        seed = seed_of(case.name, "windows")
        phases = stride_errors.phases(
            case.temperature, STRIDE, settle=SETTLE, apart=APART, count=WINDOWS, seed=seed
        )
        path, mark = self._named(case, "windows", phases)
        return stride_errors.windows(path, mark, self._engine, self._start(case, seed), phases)

    def _start(self, case: Case, seed: int) -> State:
        rng = np.random.default_rng(seed)
        return draw_velocities(case.build(), case.temperature, rng)

    def _named(self, case: Case, what: str, phases: list[Phase]) -> tuple[Path, str]:
        mark = fingerprint(case=case.name, what=what, phases=[asdict(phase) for phase in phases])
        return self._scratch / f"{case.name}-{what}.h5", mark


def of_reference(case: Case, runs: Runs, engine: Engine) -> dict[str, Any]:
    """Observables of two runs."""
    seeds = [seed_of(case.name, number) for number in (1, 2)]
    return {
        "runs": [
            _numbers(case, engine, without_first(runs.reference(case, seed))) for seed in seeds
        ]
    }


def of_model(case: Case, runs: Runs, engine: Engine, model: ModelPropagator) -> dict[str, Any]:
    """Errors of one stride, and rollouts from the third run's first state."""
    given = runs.windows(case)
    start = without_total_momentum(with_model_masses(model.regime, given[0].start))
    found = []
    for number in range(case.rollouts):
        stages = (Stage(case.duration, case.temperature),)
        seed = seed_of(case.name, "model", number)
        flown = by_model(model, start.with_(time=0.0), stages, LOOK_EVERY, seed)
        numbers: dict[str, Any] = {
            "broke": flown.broke,
            "picoseconds": float(flown.frames[-1].time / PS),
            "looks": len(flown.looks),
            "looks_outside": float((flown.looks[:, 1] > 1.0).mean()),
            "atoms_outside": float(flown.looks[:, 2].mean() / start.n_atoms),
            "largest_share": float(flown.looks[:, 1].max()),
        }
        if flown.broke is None:
            numbers |= _numbers(case, engine, without_first(flown.frames))
        found.append(numbers)
    return {"stride": stride_errors.relative_errors(model, given), "rollouts": found}


def without_first(frames: list[State]) -> list[State]:
    """The frames after the start, which models and reference do not draw by themselves."""
    return frames[1:]


def _numbers(case: Case, engine: Engine, frames: list[State]) -> dict[str, Any]:
    chosen = np.unique(np.linspace(0, len(frames) - 1, ENERGY_FRAMES).round().astype(int))
    energy = energies(engine, [frames[k] for k in chosen])
    mean, drift = mean_with_error(energy), linear_drift(chosen * SAMPLE, energy)
    return {
        "energy": [mean.value, mean.error],
        "energy_drift": [drift.value * PS, drift.error * PS],
        **observed(case.observables, frames, SAMPLE),
    }
