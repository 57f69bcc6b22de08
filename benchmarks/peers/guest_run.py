"""A FlashMD model at work under its own integrators; run by a Python that has flashmd.

    python guest_run.py predict MODEL.pt TASK.npz OUT.npz
    python guest_run.py roll MODEL.pt TASK.npz OUT.traj
    python guest_run.py time MODEL.pt TASK.npz OUT.json

TASK holds ``numbers`` (N,), ``masses`` (N,), ``positions`` (W, N, 3), ``momenta`` (W, N, 3) in
ASE's unit and ``cells`` (W, 3, 3), and ``settings``, JSON of the keyword arguments of the task's
function. ``predict`` gives positions and momenta some strides after every start. ``roll`` writes a
frame every so many strides of a run from the first start, and beside it OUT.json: its length, why
it ended early, versions. ``time`` gives processor seconds of a stride. Nothing of longstride is
imported here.
"""

import json
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import ase
import ase.units
import numpy as np
import torch
from ase.calculators.eam import EAM
from ase.io.trajectory import Trajectory
from flashmd.ase.langevin import Langevin
from flashmd.ase.velocity_verlet import VelocityVerlet
from metatomic.torch import AtomisticModel, load_atomistic_model

PACKAGES = ("flashmd", "metatrain", "metatomic-torch", "metatensor-torch", "torch", "vesin", "ase")

HOTTEST = 10.0
"""Times the temperature of the start, at which a run has broken down."""


def starts(task: dict[str, np.ndarray]) -> Iterator[ase.Atoms]:
    """The starting atoms, one after the other."""
    for positions, momenta, cell in zip(
        task["positions"], task["momenta"], task["cells"], strict=True
    ):
        atoms = ase.Atoms(
            numbers=task["numbers"],
            positions=positions,
            masses=task["masses"],
            cell=cell,
            pbc=True,
        )
        atoms.set_momenta(momenta)
        yield atoms


def dynamics_of(
    atoms: ase.Atoms,
    model: AtomisticModel,
    *,
    temperature: float | None = None,
    time_constant: float = 100.0,
    rescale_energy: bool = False,
    random_rotation: bool = False,
    potential: str | None = None,
    seed: int = 1,
) -> VelocityVerlet:
    """FlashMD's integrator.

    Args:
        atoms: moved in place.
        model: exported.
        temperature: of FlashMD's Langevin bath, K; None for constant energy.
        time_constant: of the bath, fs.
        rescale_energy: whether every stride ends with the energy it began with, momenta scaled.
        random_rotation: whether every stride is predicted in a frame turned at random.
        potential: file of an embedded-atom potential that gives the energy.
        seed: of bath and rotations.
    """
    if potential is not None:
        form = {"fs": "fs", "alloy": "alloy"}[potential.rpartition(".")[2]]
        atoms.calc = EAM(potential=potential, form=form)
    given = {
        "timestep": float(model.module.timestep) * ase.units.fs,
        "model": model,
        "device": "cpu",
        "rescale_energy": rescale_energy,
        "random_rotation": random_rotation,
        "rng": np.random.default_rng(seed),
    }
    if temperature is None:
        return VelocityVerlet(atoms, **given)
    return Langevin(
        atoms,
        temperature_K=temperature,
        time_constant=time_constant * ase.units.fs,
        **given,
    )


def predict(model: AtomisticModel, task: dict[str, np.ndarray], out: Path, *, strides: int) -> None:
    """Positions and momenta so many strides later, at constant energy."""
    positions, momenta = [], []
    for atoms in starts(task):
        dynamics_of(atoms, model).run(strides)
        positions.append(atoms.get_positions())
        momenta.append(atoms.get_momenta())
    np.savez(out, positions=np.stack(positions), momenta=np.stack(momenta))


def roll(
    model: AtomisticModel,
    task: dict[str, np.ndarray],
    out: Path,
    *,
    strides: int,
    every: int,
    **ensemble: object,
) -> None:
    """A trajectory with a frame every so many strides, up to where the run breaks down."""
    atoms = next(starts(task))
    limit = HOTTEST * atoms.get_temperature()
    dynamics = dynamics_of(atoms, model, **ensemble)
    broke, done, begin = None, 0, time.process_time()
    with Trajectory(str(out), "w") as frames:
        frames.write(bare(atoms))
        while done < strides and broke is None:
            try:
                dynamics.run(every)
            except (ValueError, RuntimeError) as error:
                broke = str(error).strip().rpartition("\n")[2]
                break
            done += every
            temperature = atoms.get_temperature()
            if not np.isfinite(temperature) or temperature > limit:
                broke = f"{temperature:.0f} K"
            else:
                frames.write(bare(atoms))
    told = {
        "strides": done,
        "broke": broke,
        "seconds": time.process_time() - begin,
        "versions": {package: version(package) for package in PACKAGES},
    }
    out.with_suffix(".json").write_text(json.dumps(told), encoding="utf-8")


def bare(atoms: ase.Atoms) -> ase.Atoms:
    """The atoms without a calculator, whose results a frame would carry."""
    frame = atoms.copy()
    frame.calc = None
    return frame


def clock(
    model: AtomisticModel,
    task: dict[str, np.ndarray],
    out: Path,
    *,
    warm_up: int,
    strides: int,
    **ensemble: object,
) -> None:
    """Processor seconds of one stride, after some that are not timed."""
    dynamics = dynamics_of(next(starts(task)), model, **ensemble)
    dynamics.run(warm_up)
    begin = time.process_time()
    dynamics.run(strides)
    seconds = (time.process_time() - begin) / strides
    out.write_text(json.dumps({"seconds": seconds}), encoding="utf-8")


def main(words: list[str]) -> None:
    """Do the task."""
    kind, path, task_path, out = words
    torch.set_num_threads(1)
    model = load_atomistic_model(path)
    with np.load(task_path) as archive:
        task = dict(archive)
    settings = json.loads(str(task.pop("settings")))
    {"predict": predict, "roll": roll, "time": clock}[kind](model, task, Path(out), **settings)


if __name__ == "__main__":
    main(sys.argv[1:])
