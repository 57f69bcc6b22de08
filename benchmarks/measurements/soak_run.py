"""Long rollouts that can be interrupted: recorded runs that know what they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longstride.dynamics import (
    Ensemble,
    Observer,
    RunFiles,
    RunPlan,
    Stride,
    load_restart,
    resume_run,
    start_run,
)
from longstride.errors import RolloutError
from longstride.model import ModelRegime
from longstride.reference import make_engine
from longstride.reference.engine import Engine
from longstride.reference.lammps_program import file_sha256
from longstride.state import State
from longstride.units import PS
from longstride.validation.lattice import lattice_of_card
from longstride.validation.reuse import is_trajectory_of, read_record, write_record
from longstride.validation.system import reference_settings
from measurements.record import say
from measurements.subject import Subject

TELL_EVERY = 5000
"""Strides between lines of progress."""


@dataclass(frozen=True, slots=True)
class SoakRun:
    """What a long rollout left.

    Attributes:
        files: trajectory and scalars; partial ones where it broke down.
        broke: why it stopped early, or None.
    """

    files: RunFiles
    broke: str | None


def weights_of(subject: Subject) -> dict[str, Any]:
    """Plain data that identifies the map alone: blocks added to a model's card do not change it."""
    described = subject.describe()
    described["sha256"] = file_sha256(subject.folder / "model.safetensors")
    return described


def engine_of(subject: Subject, ranks: int) -> Engine:
    """LAMMPS with the potential the model was trained on."""
    regime = subject.card()["regime"]
    potentials, species = tuple(regime["potentials"]), tuple(regime["species"])
    return make_engine(reference_settings(potentials, species, ranks))


def crystal_of(regime: ModelRegime, n_atoms: int, temperature: float) -> State:
    """A perfect crystal at the lattice constant of the model's data, relaxed at this temperature.

    Raises:
        ConfigError: the model is for several elements.
        ValueError: the data tells no lattice constant there.
    """
    lattice = lattice_of_card({}, regime, regime.lattice_constants, "the model")
    lengths = lattice.tabulated(temperature)
    if lengths is None:
        raise ValueError(f"no lattice constant at {temperature:g} K")
    return lattice.crystal(lattice.repeats(n_atoms), lengths)


def soak(
    path: Path,
    mark: str,
    ensemble: Ensemble,
    start: State,
    plan: RunPlan,
    seed: int,
    observers: Sequence[Observer] = (),
) -> SoakRun:
    """A recorded run, made once; one that was interrupted goes on from its restart point.

    Args:
        path: the trajectory, ``.h5``.
        mark: fingerprint of all that determines the run.
        ensemble: what moves the atoms.
        start: the first frame.
        plan: length and record.
        seed: of its random numbers.
        observers: write more columns into the scalar record.
    """
    files, told = RunFiles(path), path.with_suffix(".json")
    record = read_record(told, mark)
    if record is not None and (record["broke"] is not None or is_trajectory_of(path, mark)):
        say(f"{path.name}: there already")
        return SoakRun(files, record["broke"])

    def tell(stride: Stride) -> None:
        if stride.index % TELL_EVERY == 0:
            done = f"{stride.end.time / PS:.0f} ps of {plan.n_strides * ensemble.stride / PS:.0f}"
            say(f"{path.name}: {done}, {stride.end.temperature:.0f} K")

    path.parent.mkdir(parents=True, exist_ok=True)
    broke = None
    try:
        if _interrupted(files, mark):
            say(f"{path.name}: goes on")
            point = load_restart(files.restart)
            resume_run(ensemble, point, path, monitor=tell, observers=observers)
        else:
            start_run(
                ensemble,
                start,
                np.random.default_rng(seed),
                plan,
                path,
                provenance={"fingerprint": mark},
                options={"fingerprint": mark},
                monitor=tell,
                observers=observers,
            )
    except RolloutError as error:
        broke = str(error)
        say(f"{path.name}: broke down: {error}")
    write_record(told, mark, {"broke": broke})
    return SoakRun(files, broke)


def _interrupted(files: RunFiles, mark: str) -> bool:
    """Whether a run of this fingerprint waits to be resumed."""
    if not files.restart.is_file():
        return False
    return load_restart(files.restart).header.options.get("fingerprint") == mark
