"""From a study to the jobs of its runs: their commands, the files they need, their fingerprints."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from longstride.documents import require_file
from longstride.errors import ConfigError
from longstride.files import write_text
from longstride.reference import LammpsSettings, Recipe, load_recipe
from longstride.reference.structure import StructureSettings, build_structure, with_cell
from longstride.state import State
from longstride.study.job import Job
from longstride.study.points import Point, points_of
from longstride.study.settings import FILES, Study
from longstride.trajectory import TrajectoryWriter, segment_of
from longstride.zoo import model_checksum, resolve

STRUCTURE_NAME = "structure.h5"
RECIPE_NAME = "recipe.yaml"

Built = dict[str, State]
"""Structures by name, each built once."""


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A run before its folder is made.

    Attributes:
        point: where it stands on the axes.
        job: its command.
        structure: the state to start from, where the run has a file of its own for it.
        recipe: the recipe, likewise.
    """

    point: Point
    job: Job
    structure: State | None = field(default=None, repr=False)
    recipe: Recipe | None = field(default=None, repr=False)

    def write(self, folder: Path) -> None:
        """Write the files the command reads, and the job itself last."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.structure is not None:
            _write_structure(folder / STRUCTURE_NAME, self.structure)
        if self.recipe is not None:
            content = self.recipe.model_dump(mode="json", exclude_none=True)
            if self.recipe.relaxation is None:
                content["relaxation"] = None
            write_text(folder / RECIPE_NAME, yaml.safe_dump(content, sort_keys=False))
        self.job.store(folder)


def plan_study(study: Study) -> tuple[PlannedRun, ...]:
    """The runs of a study, checked as far as that goes without running anything.

    Raises:
        LongstrideError: a model, structure or recipe is missing or wrong.
    """
    planner = {"run": _plan_run, "generate": _plan_generate, "validate": _plan_validate}[study.kind]
    base = None if study.recipe is None else load_recipe(study.recipe)
    if study.kind == "generate" and base is not None and len(base.runs) != 1:
        raise ConfigError(
            f"{study.recipe}: has {len(base.runs)} groups of runs; a study repeats one"
        )
    built: Built = {}
    return tuple(planner(study, base, built, point) for point in points_of(study))


def _plan_run(study: Study, base: Recipe | None, built: Built, point: Point) -> PlannedRun:
    assert point.model is not None, "load_study sees to it"
    assert point.structure is not None, "load_study sees to it"
    settings = study.structures[point.structure]
    words = ["--model", point.model, "--temperature", f"{point.temperature:g}"]
    words += ["--seed", str(point.seed)]
    if point.pressure is not None:
        words += ["--pressure", f"{point.pressure:g}"]
    words += _option_words(study)
    inputs: dict[str, Any] = {"model": model_checksum(resolve(point.model))}
    state: State | None = None
    if _is_plain_file(settings) and point.strain is None:
        assert settings.file is not None, "_is_plain_file sees to it"
        inputs["structure"] = _file_digest(settings.file)
        where = str(settings.file)
    else:
        if point.structure not in built:
            built[point.structure] = build_structure(settings)
        state = _strained(built[point.structure], point)
        inputs["structure"] = _state_digest(state)
        where = STRUCTURE_NAME
    job = _job(study, point, [*words, "--structure", where], inputs)
    return PlannedRun(point, job, structure=state)


def _plan_generate(study: Study, base: Recipe | None, built: Built, point: Point) -> PlannedRun:
    assert base is not None, "load_study sees to it"
    group = base.runs[0].model_dump(exclude_unset=True)
    group |= {"temperatures": (point.temperature,), "seeds": (point.seed,)}
    if point.strain is not None:
        group.pop("densities", None)
        group["strains"] = (point.strain,)
    recipe = _recipe_at(study, base, point, {"runs": (group,)})
    build_structure(recipe.structure)
    job = _job(study, point, [RECIPE_NAME], {"recipe": _recipe_digest(recipe)})
    return PlannedRun(point, job, recipe=recipe)


def _plan_validate(study: Study, base: Recipe | None, built: Built, point: Point) -> PlannedRun:
    assert point.model is not None, "load_study sees to it"
    words = ["--model", point.model, "--temperatures", f"{point.temperature:g}"]
    words += ["--seed", str(point.seed), "--ranks", str(study.where.threads)]
    words += _option_words(study)
    inputs: dict[str, Any] = {"model": model_checksum(resolve(point.model))}
    for name in FILES & set(study.options):
        inputs[name] = _file_digest(Path(str(study.options[name])))
    recipe = None
    if base is not None:
        recipe = _recipe_at(study, base, point, {})
        inputs["recipe"] = _recipe_digest(recipe)
        words += ["--recipe", RECIPE_NAME]
    return PlannedRun(point, _job(study, point, words, inputs), recipe=recipe)


def _option_words(study: Study) -> list[str]:
    words: list[str] = []
    for name, value in sorted(study.options.items()):
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is not False:
            words += [option, str(value)]
    return words


def _job(study: Study, point: Point, words: list[str], inputs: dict[str, Any]) -> Job:
    """The job; places of files do not count for its fingerprint, their contents do."""
    places = {"--structure", "--model", "--recipe", "--reference", "--thresholds", "--ranks"}
    told = [
        word
        for before, word in zip(["", *words[:-1]], words, strict=True)
        if before not in places and word not in places
    ]
    where = point.plain() | {"model": point.model_name}
    content = {"kind": study.kind, "words": told, "inputs": inputs, "point": where}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return Job(
        name=point.name,
        kind=study.kind,
        words=tuple(words),
        fingerprint=digest,
        point=point.plain(),
        threads=study.where.threads,
    )


def _recipe_at(study: Study, base: Recipe, point: Point, changes: dict[str, Any]) -> Recipe:
    """The recipe at a point, checked anew."""
    content = base.model_dump(exclude_unset=True) | changes
    if point.structure is not None:
        content["structure"] = study.structures[point.structure].model_dump(exclude_unset=True)
    elif base.structure.file is not None:
        content["structure"]["file"] = base.structure.file.resolve()
    if point.pressure is not None:
        content["pressure"] = point.pressure
    try:
        return Recipe.model_validate(content)
    except ValueError as error:
        raise ConfigError(f"{point.name}: {' '.join(str(error).split())[:300]}") from None


def _recipe_digest(recipe: Recipe) -> dict[str, Any]:
    """Its content, with digests in the place of files."""
    content = recipe.model_dump(mode="json")
    if recipe.structure.file is not None:
        content["structure"]["file"] = _file_digest(recipe.structure.file)
    if isinstance(recipe.engine, LammpsSettings):
        content["engine"]["potential"] = [
            _file_digest(Path(name)) if Path(name).is_file() else name
            for name in recipe.engine.potential
        ]
    return content


def _is_plain_file(settings: StructureSettings) -> bool:
    """Whether the run can read the file by itself, with its velocities."""
    return settings.file is not None and settings.model_fields_set <= {"file"}


def _strained(state: State, point: Point) -> State:
    if point.strain is None:
        return state
    factors = 1.0 + np.broadcast_to(np.asarray(point.strain, dtype=np.float64), 3)
    return with_cell(state, state.cell * factors)


def _file_digest(path: Path) -> str:
    require_file(path, kind=ConfigError)
    found = path.stat()
    return _digest_of(path, found.st_mtime_ns, found.st_size)


@cache
def _digest_of(path: Path, changed: int, size: int) -> str:
    """Of a file that was changed then and has that size: one may be the input of many runs."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state_digest(state: State) -> str:
    digest = hashlib.sha256(bytes(state.pbc))
    for array in (state.positions, state.cell, state.masses, state.species):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _write_structure(path: Path, state: State) -> None:
    with TrajectoryWriter(path, {"made_by": "longstride sweep"}) as out:
        segment = segment_of(out, "structure", state, interval=1.0, metadata={})
        segment.append(time=0.0, positions=state.positions)
