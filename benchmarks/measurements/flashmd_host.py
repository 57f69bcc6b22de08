"""An exported model under FlashMD's own integrators; run by a Python that has FlashMD.

    python flashmd_host.py nve|langevin|ipi MODEL.pt START.npz OUT.npz STRIDES

START holds ``numbers``, ``masses``, ``positions``, ``momenta`` (ASE's unit) and ``cell``, and for
Langevin ``temperature`` and ``friction_time`` (fs). OUT gets positions and momenta at the start and
after every stride, processor seconds of a median stride, and the versions of the packages. Nothing
of longstride is imported here.
"""

import json
import sys
import time
from importlib.metadata import version

import ase
import ase.units
import numpy as np
import torch
from flashmd.ase.langevin import Langevin
from flashmd.ase.velocity_verlet import VelocityVerlet
from metatomic.torch import AtomisticModel, load_atomistic_model


class Frames(list[tuple[np.ndarray, np.ndarray]]):
    """Positions and momenta, with the processor time at which each was appended."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def append(self, frame: tuple[np.ndarray, np.ndarray]) -> None:
        """Append a frame."""
        self.times.append(time.process_time())
        super().append(frame)


PACKAGES = ("flashmd", "ipi", "metatomic-torch", "metatensor-torch", "torch", "vesin", "ase")


def atoms_of(start: dict[str, np.ndarray]) -> ase.Atoms:
    """The starting atoms."""
    atoms = ase.Atoms(
        numbers=start["numbers"],
        positions=start["positions"],
        masses=start["masses"],
        cell=start["cell"],
        pbc=True,
    )
    atoms.set_momenta(start["momenta"])
    return atoms


def run_ase(
    model: AtomisticModel, start: dict[str, np.ndarray], kind: str, strides: int, frames: Frames
) -> None:
    """Append the frames of FlashMD's ASE integrators, one a stride."""
    atoms = atoms_of(start)
    given = {
        "timestep": float(model.module.timestep) * ase.units.fs,
        "model": model,
        "device": "cpu",
        "rescale_energy": False,
        "rng": np.random.default_rng(11),
    }
    if kind == "nve":
        dynamics = VelocityVerlet(atoms, **given)
    else:
        dynamics = Langevin(
            atoms,
            temperature_K=float(start["temperature"]),
            time_constant=float(start["friction_time"]) * ase.units.fs,
            **given,
        )
    dynamics.attach(lambda: frames.append((atoms.positions.copy(), atoms.get_momenta())))
    dynamics.run(strides)


def main(words: list[str]) -> None:
    """Run, and write the frames."""
    kind, path, start_path, out, strides = words
    torch.set_num_threads(1)
    model = load_atomistic_model(path)
    with np.load(start_path) as archive:
        start = dict(archive)
    frames = Frames()
    if kind == "ipi":
        from flashmd_ipi import run_ipi

        run_ipi(model, start, int(strides), frames)
    else:
        run_ase(model, start, kind, int(strides), frames)
    # The first strides are those in which TorchScript optimises itself.
    seconds = np.median(np.diff(frames.times))
    positions, momenta = (np.stack(arrays) for arrays in zip(*frames, strict=True))
    versions = {package: version(package) for package in PACKAGES}
    np.savez(
        out, positions=positions, momenta=momenta, seconds=seconds, versions=json.dumps(versions)
    )


if __name__ == "__main__":
    main(sys.argv[1:])
