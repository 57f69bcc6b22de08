"""The commands that are killed: how each starts and goes on, what it promises, what it leaves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import yaml

from kills.compare import content, different_files, log_without_seconds, without_minutes
from longstride.dynamics import SEGMENT, RunFiles, load_restart
from longstride.trajectory import TrajectoryFile

STRUCTURE = "al.cif"

RECIPE = {
    "structure": {"lattice": "fcc", "element": "Al", "repeat": [2, 2, 2]},
    "engine": {
        "kind": "lammps",
        "pair_style": "eam/fs",
        "potential": "Al_mm.eam.fs",
        "elements": "Al",
    },
    "relaxation": {"time": 400.0},
    "time_step": 2.0,
    "interval": 20.0,
    "runs": [
        {
            "temperatures": [300.0, 600.0],
            "seeds": [1, 2],
            "equilibration": 200.0,
            "segments": 2,
            "segment_length": 600.0,
            "decorrelation": 100.0,
        }
    ],
}

TRAINING = {
    "data": {"files": ["data.h5"]},
    "model": {
        "map": "staged",
        "stage_times": [20.0, 40.0],
        "species": [13],
        "masses": [26.9815385],
        "cutoff": 4.6,
        "inner": 2.4,
        "network": {"radial": 3, "hidden": 8, "heads": 2, "key": 2, "value": 2},
    },
    "budget": {"steps": 24},
    "optimisation": {"batch_windows": 2, "warmup_steps": 2},
    "initialise_windows": 4,
    "validate_every": 4,
    "validation_windows": 2,
    "checkpoint_every": 3,
    "seed": 3,
    "threads": 1,
    "device": "cpu",
}


class Job(Protocol):
    """A command of longstride that can be killed."""

    @property
    def name(self) -> str:
        """How it is called in the results."""

    def prepare(self, folder: Path) -> None:
        """Puts the command's input into an empty folder."""

    def words(self, folder: Path) -> list[str]:
        """The command that starts, or goes on with what is in the folder."""

    def promised(self, folder: Path, whole: Path) -> str:
        """What a killed command left, in a word; AssertionError where it is not as it must be."""

    def different(self, folder: Path, whole: Path) -> list[str]:
        """What differs from an uninterrupted command's result."""


@dataclass(frozen=True)
class Rollout:
    """``longstride run`` of 108 atoms with these options.

    Attributes:
        name: of the job.
        options: of the ensemble.
        time: length, as the command takes it.
    """

    name: str
    options: tuple[str, ...]
    time: str = "30ps"

    def prepare(self, folder: Path) -> None:
        """A crystal of 108 atoms."""
        import ase.io
        from ase.build import bulk

        ase.io.write(folder / STRUCTURE, bulk("Al", a=4.06, cubic=True).repeat(3))

    def words(self, folder: Path) -> list[str]:
        """``--resume`` where there is a restart point, or a complete run."""
        files = RunFiles(folder / "out.h5")
        if files.restart.exists() or files.out.exists():
            return ["run", "--resume", "-o", "out.h5"]
        fixed = ["--model", "al", "--structure", STRUCTURE, "--time", self.time, "--every", "5"]
        return ["run", *fixed, "--seed", "7", *self.options, "--extxyz", "out.xyz", "-o", "out.h5"]

    def promised(self, folder: Path, whole: Path) -> str:
        """All frames and lines up to the restart point, equal to those of the whole run."""
        files = RunFiles(folder / "out.h5")
        path = files.partial_out if files.partial_out.exists() else files.out
        if not files.restart.exists():
            if files.out.exists():
                return "complete"
            return "nothing promised yet"
        header = load_restart(files.restart).header
        with TrajectoryFile(path) as killed, TrajectoryFile(whole / "out.h5") as full:
            found, expected = killed[SEGMENT], full[SEGMENT]
            assert found.n_frames >= header.frames, f"{found.n_frames} of {header.frames} frames"
            upto = slice(header.frames)
            for name in ("positions", "velocities", "cells"):
                one, two = getattr(found, name)(upto), getattr(expected, name)(upto)
                assert np.array_equal(one, two), name
        lines = files.partial_thermo if files.partial_thermo.exists() else files.thermo
        record = lines.read_bytes()[: header.thermo_size]
        assert len(record) == header.thermo_size, "lines of the thermo record are missing"
        full_record = RunFiles(whole / "out.h5").thermo.read_bytes()
        assert full_record.startswith(record), "the thermo record differs"
        return "restart point"

    def different(self, folder: Path, whole: Path) -> list[str]:
        """Every dataset, the record and the extended XYZ file; and nothing else is left."""
        found = different_files(whole / "out.h5", folder / "out.h5")
        for name in ("out.thermo.csv", "out.xyz"):
            if (folder / name).read_bytes() != (whole / name).read_bytes():
                found.append(name)
        return found + _left_over(folder, whole)


@dataclass(frozen=True)
class Training:
    """``longstride train`` of a tiny model on trajectories of ``data``."""

    data: Path
    name: str = "train"

    def prepare(self, folder: Path) -> None:
        """The recipe, with its data by a link."""
        (folder / "recipe.yaml").write_text(yaml.safe_dump(TRAINING))
        (folder / "data.h5").symlink_to(self.data)

    def words(self, folder: Path) -> list[str]:
        """``--resume`` once the folder is there."""
        more = ["--resume"] if (folder / "RUN").exists() else []
        return ["train", "recipe.yaml", "-o", "RUN", *more]

    def promised(self, folder: Path, whole: Path) -> str:
        """A checkpoint that is there can be read whole."""
        from safetensors import safe_open

        checkpoints = folder / "RUN" / "checkpoints"
        for path in checkpoints.glob("*.safetensors") if checkpoints.exists() else ():
            with safe_open(path, framework="np") as file:
                for key in file.keys():  # noqa: SIM118
                    file.get_tensor(key)
        if (folder / "RUN" / "model" / "model.json").exists():
            return "complete"
        last = checkpoints / "last.safetensors"
        return "checkpoint" if last.exists() else "nothing promised yet"

    def different(self, folder: Path, whole: Path) -> list[str]:
        """Weights, checkpoint of the best, errors, learning curve and description."""
        one, two = folder / "RUN", whole / "RUN"
        found = []
        names = ["model/model.safetensors", "checkpoints/best.safetensors", "errors.json"]
        for name in [*names, "baseline.json", "config.yaml"]:
            if (one / name).read_bytes() != (two / name).read_bytes():
                found.append(name)
        if log_without_seconds(one / "log.csv") != log_without_seconds(two / "log.csv"):
            found.append("log.csv")
        card = "model/model.json"
        if without_minutes(one / card) != without_minutes(two / card):
            found.append(card)
        return found + _left_over(one, two)


@dataclass(frozen=True)
class Generation:
    """``longstride generate`` of four short LAMMPS runs."""

    name: str = "generate"

    def prepare(self, folder: Path) -> None:
        """The recipe."""
        (folder / "recipe.yaml").write_text(yaml.safe_dump(RECIPE))

    def words(self, folder: Path) -> list[str]:
        """The same command goes on; what is whole is not made again."""
        return ["generate", "recipe.yaml", "-o", "data.h5", "--workers", "1"]

    def promised(self, folder: Path, whole: Path) -> str:
        """Finished runs are whole, and those of the uninterrupted generation."""
        if (folder / "data.h5").exists():
            return "complete"
        expected = content(whole / "data.h5")
        parts = sorted((folder / "data.h5.parts").glob("T*.h5"))
        for part in parts:
            found = content(part)
            different = [key for key in found if key in expected and found[key] != expected[key]]
            assert not different, f"{part.name}: {different}"
        return f"{len(parts)} finished runs" if parts else "nothing promised yet"

    def different(self, folder: Path, whole: Path) -> list[str]:
        """Every dataset; and nothing else is left."""
        return different_files(whole / "data.h5", folder / "data.h5") + _left_over(folder, whole)


def _left_over(folder: Path, whole: Path) -> list[str]:
    """Files that the one has and the other has not."""
    names = [{str(p.relative_to(f)) for p in f.rglob("*")} for f in (folder, whole)]
    return [f"left or missing: {name}" for name in sorted(names[0] ^ names[1])]


ROLLOUTS = (
    Rollout("run-langevin", ("--temperature", "600")),
    Rollout("run-csvr", ("--ensemble", "csvr", "--temperature", "600")),
    Rollout("run-npt-ramp", ("--temperature", "300:600", "--pressure", "0"), time="12ps"),
)
"""The ensembles that are killed."""


def make_data(folder: Path) -> Path:
    """Trajectories for the training: those of the generation, made once."""
    from longstride.reference import generate, load_recipe

    folder.mkdir(parents=True)
    Generation().prepare(folder)
    generate(load_recipe(folder / "recipe.yaml"), folder / "data.h5", workers=1)
    return folder / "data.h5"
