"""Every reader with the files it is fed and what it must give back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fuzz import containers, hdf5, seeds, study_seeds, trees
from fuzz.files import BYTE_MUTATORS, RARE_MUTATORS, TEXT_MUTATORS, Mutator, no_regular_file
from fuzz.readers import (
    TrainingState,
    importing,
    model_reader,
    read_generate_recipe,
    read_journal,
    read_log,
    read_part,
    read_restart,
    read_results_file,
    read_run_inputs,
    read_structure_file,
    read_study,
    read_thermo_file,
    read_thresholds,
    read_train_recipe,
    read_trajectory,
)

STRUCTURE_FORMATS = {
    "xyz": "a.xyz",
    "extxyz": "b.xyz",
    "vasp": "POSCAR",
    "cif": "a.cif",
    "traj": "a.traj",
    "json": "a.json",
    "proteindatabank": "a.pdb",
    "xsf": "a.xsf",
    "gen": "a.gen",
    "cfg": "a.cfg",
    "aims": "geometry.in",
    "espresso-in": "a.pwi",
}
"""Formats of structures by the name of a file."""

SPECIAL, RARE = 0.01, 0.01
"""Share of inputs that are no regular file, and that are megabytes."""


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes:
        name: how it is called.
        seeds: valid inputs.
        mutators: what is done to a copy of one.
        rare: the same, but slow or with always the same answer.
        read: reads the input in a folder it may write to; raises Insane for a wrong answer.
    """

    name: str
    seeds: tuple[Path, ...]
    mutators: tuple[Mutator, ...]
    rare: tuple[Mutator, ...]
    read: Callable[[Path, Path], None]

    def mutate(self, path: Path, rng: Random) -> list[str]:
        """Changes the copy of a seed; returns what was done."""
        if rng.random() < SPECIAL:
            no_regular_file(path, rng)
            return [no_regular_file.__name__]
        chosen = [rng.choice(self.mutators) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        if rng.random() < RARE:
            chosen.append(rng.choice(self.rare))
        for one in chosen:
            try:
                one(path, rng)
            except Exception:
                continue  # an earlier change left nothing for it
        return [one.__name__ for one in chosen]


def _part(path: Path) -> Path:
    cell = "[[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]"
    path.write_text(f'{{"fingerprint": "mark", "cell": {cell}, "error": {cell}}}')
    return path


TEXT = (*TEXT_MUTATORS, *TEXT_MUTATORS, *BYTE_MUTATORS)
YAML = (*trees.YAML_MUTATORS, *trees.YAML_MUTATORS, *TEXT)
JSON = (*trees.JSON_MUTATORS, *TEXT)
GZIP = (containers.gzip_bomb,)


def make_target(name: str, folder: Path) -> Target:
    """The target of that name, with its seeds written to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return TARGETS[name](name, folder)


def _target(
    make: Callable[[Path], Sequence[Path]],
    mutators: tuple[Mutator, ...],
    read: Callable[[Path], Callable[[Path, Path], None]],
    rare: tuple[Mutator, ...] = RARE_MUTATORS,
) -> Callable[[str, Path], Target]:
    return lambda name, folder: Target(name, tuple(make(folder)), mutators, rare, read(folder))


def _just(read: Callable[[Path, Path], None]) -> Callable[[Path], Callable[[Path, Path], None]]:
    return lambda folder: read


TARGETS: dict[str, Callable[[str, Path], Target]] = {
    "trajectory": _target(
        lambda f: [seeds.trajectory(f / "a.h5")],
        (*3 * (hdf5.structure,), *BYTE_MUTATORS),
        _just(read_trajectory),
        (*RARE_MUTATORS, hdf5.crowd),
    ),
    "dump": _target(
        lambda f: [seeds.dump(f / "a.lammpstrj")], TEXT, _just(importing()), (*RARE_MUTATORS, *GZIP)
    ),
    "dump-gz": _target(
        lambda f: [seeds.dump(f / "a.lammpstrj")],
        (containers.gzipped,),
        _just(importing()),
        GZIP,
    ),
    "extxyz": _target(
        lambda f: [seeds.written(f / "a.xyz", "extxyz")],
        TEXT,
        _just(importing()),
        (*RARE_MUTATORS, *GZIP),
    ),
    "traj": _target(
        lambda f: [seeds.written(f / "a.traj", "traj")],
        BYTE_MUTATORS,
        _just(importing(interval=20.0)),
    ),
    "structure": _target(
        lambda f: [seeds.written(f / n, k, single=True) for k, n in STRUCTURE_FORMATS.items()],
        TEXT,
        _just(read_structure_file),
        (*RARE_MUTATORS, *GZIP),
    ),
    "lammps-data": _target(
        lambda f: [seeds.lammps_data(f / "a.data")], TEXT, _just(read_structure_file)
    ),
    "generate-recipe": _target(
        lambda f: [seeds.generate_recipe(f / "a.yaml")], YAML, _just(read_generate_recipe)
    ),
    "train-recipe": _target(
        lambda f: [seeds.train_recipe(f / "a.yaml")], YAML, _just(read_train_recipe)
    ),
    "thresholds": _target(lambda f: [seeds.thresholds(f / "a.yaml")], YAML, _just(read_thresholds)),
    "study": _target(lambda f: [study_seeds.study(f / "a.yaml")], YAML, _just(read_study)),
    "run-inputs": _target(
        lambda f: [study_seeds.run_inputs(f / "inputs.json")],
        JSON,
        _just(read_run_inputs),
        (*RARE_MUTATORS, trees.deep_json),
    ),
    "run-journal": _target(
        lambda f: [study_seeds.journal(f / "journal.jsonl")], TEXT, _just(read_journal)
    ),
    "model-weights": _target(
        lambda f: [seeds.model_folder(f / "m") / "model.safetensors"],
        (*4 * (containers.safetensors,), *BYTE_MUTATORS),
        lambda f: model_reader(f / "m", "model.safetensors"),
    ),
    "model-card": _target(
        lambda f: [seeds.model_folder(f / "m") / "model.json"],
        JSON,
        lambda f: model_reader(f / "m", "model.json"),
        (*RARE_MUTATORS, trees.deep_json),
    ),
    "results": _target(
        lambda f: [seeds.results(f / "results.json")],
        JSON,
        _just(read_results_file),
        (*RARE_MUTATORS, trees.deep_json),
    ),
    "restart": _target(
        lambda f: [seeds.restart(f / "a.h5.restart")],
        (*6 * (containers.npz,), *BYTE_MUTATORS),
        _just(read_restart),
    ),
    "training-state": _target(
        lambda f: [seeds.training_state(f / "last.safetensors")],
        (*2 * (containers.safetensors,), *2 * (containers.safetensors_state,), *BYTE_MUTATORS),
        lambda f: TrainingState(),
    ),
    "learning-log": _target(lambda f: [seeds.learning_log(f / "log.csv")], TEXT, _just(read_log)),
    "thermo": _target(lambda f: [seeds.thermo(f / "a.thermo.csv")], TEXT, _just(read_thermo_file)),
    "relaxed-cell": _target(
        lambda f: [_part(f / "cell_T300.json")],
        JSON,
        _just(read_part),
        (*RARE_MUTATORS, trees.deep_json),
    ),
}
"""How to make each target."""
