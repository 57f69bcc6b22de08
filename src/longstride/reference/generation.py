"""From a recipe to a trajectory file: relax the cells, sample the runs, merge the parts."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longstride import __version__
from longstride.errors import ConfigError
from longstride.reference.engine import Array
from longstride.reference.engines import make_engine
from longstride.reference.parts import FINGERPRINT, Parts
from longstride.reference.plan import (
    RunPlan,
    Size,
    fingerprint,
    plan_runs,
    relaxation_steps,
    relaxed_temperatures,
    size_of,
)
from longstride.reference.recipe import Recipe
from longstride.reference.sampling import RelaxedCell, relax_cell, run_cell, sample_run
from longstride.reference.structure import build_structure
from longstride.reference.workers import Workers
from longstride.state import State
from longstride.trajectory import TrajectoryFile


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a generation is.

    Attributes:
        doing: what is being done, in words.
        runs: finished runs.
        total_runs: all runs.
        steps: time steps done or skipped, relaxations included.
        total_steps: all time steps.
    """

    doing: str
    runs: int
    total_runs: int
    steps: int
    total_steps: int


@dataclass(frozen=True, slots=True)
class _CellTask:
    recipe: Recipe
    structure: State
    temperature: float
    folder: Path


@dataclass(frozen=True, slots=True)
class _RunTask:
    recipe: Recipe
    structure: State
    plan: RunPlan
    cell: Array
    provenance: dict[str, Any]
    folder: Path
    path: Path


def plan_size(recipe: Recipe) -> tuple[Size, int]:
    """Cost of a recipe and its number of atoms; builds the structure, computes nothing.

    Raises:
        LongstrideError: the structure cannot be built, or two runs are the same.
    """
    structure = build_structure(recipe.structure)
    return size_of(recipe, plan_runs(recipe), structure.n_atoms), structure.n_atoms


def check_output(output: Path, overwrite: bool) -> None:
    """Refuse to replace a file unless that is wanted, or it is one of a generation to finish.

    Raises:
        ConfigError: the file exists, or its folder does not.
    """
    if output.exists() and not overwrite and not Parts(output).folder.is_dir():
        raise ConfigError(f"{output}: exists already; choose another name or give --overwrite")
    if not output.parent.is_dir():
        raise ConfigError(f"{output}: folder {output.parent} does not exist; make it first")


def generate(
    recipe: Recipe,
    output: Path,
    *,
    workers: int,
    overwrite: bool = False,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Size:
    """Make the trajectory file of a recipe.

    Finished runs are kept in ``OUTPUT.parts/`` until the file is whole; an interrupted generation
    is taken up from there, a part being used again only if everything it depends on is the same.

    Args:
        recipe: what to make.
        output: the file.
        workers: processes at a time.
        overwrite: replace an existing file.
        report: told of the progress.

    Raises:
        ConfigError: the output exists, or another program is making it.
        EngineError: the engine is missing or failed; finished runs are kept.
    """
    check_output(output, overwrite)
    plans = plan_runs(recipe)
    structure = build_structure(recipe.structure)
    size = size_of(recipe, plans, structure.n_atoms)
    engine = make_engine(recipe.engine).describe()
    with Parts(output) as parts:
        if output.exists() and not overwrite:
            # Stopped after the file got its name: what is left to do is to tidy up.
            if not _is_of(output, recipe):
                raise ConfigError(
                    f"{output}: exists already, of another recipe; choose another name or give "
                    "--overwrite"
                )
            parts.remove()
            return size
        tracker = _Tracker(size, report)
        with Workers(workers) as pool:
            cells = _relax(recipe, structure, engine, plans, parts, pool, tracker)
            _sample(recipe, structure, engine, plans, cells, parts, pool, tracker)
        tracker.tell("writing the file")
        provenance = {
            "made_by": "longstride generate",
            "longstride": __version__,
            "engine": engine,
            "recipe": recipe.model_dump(mode="json"),
            "relaxed_cells": {
                f"{temperature:g}": {"cell": c.cell.tolist(), "error": c.error.tolist()}
                for temperature, c in cells.items()
            },
        }
        parts.merge([plan.name for plan in plans], output, provenance)
        parts.remove()
    return size


def _is_of(output: Path, recipe: Recipe) -> bool:
    """Whether a file was made of this recipe."""
    with TrajectoryFile(output) as file:
        return bool(file.provenance.get("recipe") == recipe.model_dump(mode="json"))


class _Tracker:
    """Adds up what is done."""

    def __init__(self, size: Size, report: Callable[[Progress], None]) -> None:
        self._size, self._report = size, report
        self._runs = self._steps = 0
        self._doing = ""

    def tell(self, doing: str, *, runs: int = 0, steps: int = 0) -> None:
        self._doing = doing
        self._runs += runs
        self._steps += steps
        size = self._size
        self._report(Progress(doing, self._runs, size.runs, self._steps, size.steps))


def _relax(
    recipe: Recipe,
    structure: State,
    engine: dict[str, Any],
    plans: tuple[RunPlan, ...],
    parts: Parts,
    workers: Workers,
    tracker: _Tracker,
) -> dict[float, RelaxedCell]:
    """The relaxed cell of every temperature that needs one."""
    temperatures = relaxed_temperatures(recipe, plans)
    if recipe.relaxation is None:
        return {}
    steps = relaxation_steps(recipe)
    tracker.tell("relaxing cells")
    cells: dict[float, RelaxedCell] = {}
    marks: dict[float, str] = {}
    tasks: list[_CellTask] = []
    for temperature in temperatures:
        name = f"cell_T{temperature:g}"
        marks[temperature] = fingerprint(recipe, structure, engine, relaxation=temperature)
        known = parts.cell(name, marks[temperature])
        if known is not None:
            cells[temperature] = known
            tracker.tell("relaxing cells", steps=steps)
        else:
            folder = parts.work_folder(name)
            tasks.append(_CellTask(recipe, structure, temperature, folder))
    for task, relaxed in workers.run(_do_relax, tasks):
        parts.store_cell(f"cell_T{task.temperature:g}", marks[task.temperature], relaxed)
        cells[task.temperature] = relaxed
        tracker.tell("relaxing cells", steps=steps)
    return {temperature: cells[temperature] for temperature in temperatures}


def _do_relax(task: _CellTask) -> RelaxedCell:
    engine = make_engine(task.recipe.engine, task.folder)
    return relax_cell(engine, task.structure, task.temperature, task.recipe)


def _sample(
    recipe: Recipe,
    structure: State,
    engine: dict[str, Any],
    plans: tuple[RunPlan, ...],
    cells: dict[float, RelaxedCell],
    parts: Parts,
    workers: Workers,
    tracker: _Tracker,
) -> None:
    """All runs that are not finished yet."""
    tracker.tell("sampling")
    tasks: list[_RunTask] = []
    for plan in plans:
        relaxed = cells[plan.temperature].cell if plan.temperature in cells else None
        cell = run_cell(structure, plan, relaxed)
        mark = fingerprint(
            recipe,
            structure,
            engine,
            run=plan.name,
            cell=cell.tolist(),
            group=plan.group.model_dump(mode="json", exclude={"temperatures", "strains", "seeds"}),
        )
        if parts.has_run(plan.name, mark):
            tracker.tell("sampling", runs=1, steps=_steps(plan, recipe))
            continue
        folder = parts.work_folder(plan.name)
        path = parts.run_path(plan.name)
        tasks.append(_RunTask(recipe, structure, plan, cell, {FINGERPRINT: mark}, folder, path))
    for task, _ in workers.run(_do_run, tasks):
        tracker.tell("sampling", runs=1, steps=_steps(task.plan, recipe))


def _steps(plan: RunPlan, recipe: Recipe) -> int:
    return sum(phase.steps for phase in plan.phases(recipe))


def _do_run(task: _RunTask) -> None:
    """Make a run in its working folder; only a whole part gets its final name."""
    task.folder.mkdir(parents=True, exist_ok=True)
    engine = make_engine(task.recipe.engine, task.folder)
    made = task.folder / "part.h5"
    sample_run(engine, task.structure, task.plan, task.recipe, task.cell, made, task.provenance)
    os.replace(made, task.path)
    task.folder.rmdir()
