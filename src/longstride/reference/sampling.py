"""The two kinds of work in a recipe: relaxing a cell, and sampling segments in it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longstride.errors import EngineError
from longstride.reference.engine import Array, Barostat, Engine, Frames, Langevin, Phase
from longstride.reference.plan import RunPlan, melting_phases, name_generator, random_seeds
from longstride.reference.recipe import Recipe
from longstride.reference.structure import density, thermal_velocities, with_cell
from longstride.state import State
from longstride.trajectory import SegmentWriter, TrajectoryWriter, segment_of
from longstride.units import GPA

_BLOCKS = 5
_RECORD_INTERVAL = 20.0


@dataclass(frozen=True, slots=True)
class RelaxedCell:
    """The mean cell at one temperature.

    Attributes:
        cell: (3, 3) rows in Å.
        error: (3,) standard error of the three lengths in Å, from five blocks.
    """

    cell: Array
    error: Array


def relax_cell(engine: Engine, structure: State, temperature: float, recipe: Recipe) -> RelaxedCell:
    """The mean cell over the second half of a run at constant pressure and temperature.

    Args:
        engine: who computes.
        structure: start.
        temperature: K.
        recipe: pressure, time step and relaxation settings.

    Raises:
        EngineError: the engine failed, or the cell changed by more than 20 %, as one does that
            melts or evaporates unasked.
    """
    settings = recipe.relaxation
    if settings is None:
        raise EngineError("the recipe has no relaxation settings")
    coupling = settings.coupling or ("iso" if recipe.structure.lattice != "hcp" else "xy")
    name = f"relaxation_T{temperature:g}"
    half = int(np.ceil(0.5 * settings.time / recipe.time_step))
    barostat = Barostat(recipe.pressure * GPA, settings.damping, coupling)
    baths = [
        Langevin(temperature, recipe.damping, seed) for seed in random_seeds(name, settings.seed, 2)
    ]
    every = min(max(1, round(_RECORD_INTERVAL / recipe.time_step)), half)
    phases = [
        *melting_phases(recipe, name, settings.seed),
        Phase(half, recipe.time_step, langevin=baths[0], barostat=barostat),
        Phase(half, recipe.time_step, every=every, langevin=baths[1], barostat=barostat),
    ]
    start = thermal_velocities(structure, temperature, name_generator(name, settings.seed))
    cells: list[Array] = []
    engine.simulate(start, phases, lambda _, frames: cells.append(frames.cells))
    series = np.concatenate(cells)
    mean = series.mean(axis=0)
    ratio = abs(np.linalg.det(mean) / np.linalg.det(structure.cell))
    if not 0.8 < ratio < 1.25:
        raise EngineError(
            f"relaxing the cell at {temperature:g} K changed its volume by a factor {ratio:.3g};"
            " give a closer structure.lattice_constant"
        )
    lengths = np.linalg.norm(series, axis=2)
    blocks = [block.mean(axis=0) for block in np.array_split(lengths, min(_BLOCKS, len(lengths)))]
    error = np.std(blocks, axis=0, ddof=1) / np.sqrt(len(blocks)) if len(blocks) > 1 else [0.0] * 3
    return RelaxedCell(mean, np.asarray(error))


def run_cell(structure: State, plan: RunPlan, relaxed: Array | None) -> Array:
    """The cell of a run: relaxed and strained, or scaled to its density."""
    if plan.density is not None:
        return structure.cell * (density(structure) / plan.density) ** (1.0 / 3.0)
    base = structure.cell if relaxed is None else relaxed
    return base * (1.0 + np.asarray(plan.strain or 0.0))


def sample_run(
    engine: Engine,
    structure: State,
    plan: RunPlan,
    recipe: Recipe,
    cell: Array,
    path: Path,
    provenance: dict[str, Any],
) -> None:
    """Equilibrate a run, cut its NVE segments and write them to a trajectory file.

    Args:
        engine: who computes.
        structure: start; its atoms are carried along into ``cell``.
        plan: the run.
        recipe: time step and bath.
        cell: (3, 3) rows in Å.
        path: the trajectory file to make.
        provenance: kept in the file.
    """
    state = with_cell(structure, cell)
    state = thermal_velocities(state, plan.temperature, name_generator(plan.name, plan.seed))
    phases = plan.phases(recipe)
    order = {index: k for k, index in enumerate(i for i, p in enumerate(phases) if p.every)}
    metadata = run_metadata(plan, recipe, state, engine.describe()["potential"])
    with TrajectoryWriter(path, provenance) as out:
        segments: dict[int, SegmentWriter] = {}

        def record(phase: int, frames: Frames) -> None:
            if phase not in segments:
                segments[phase] = segment_of(
                    out,
                    f"{plan.name}_{order[phase]:03d}",
                    state,
                    interval=plan.interval,
                    metadata=metadata,
                )
            append_frames(segments[phase], frames)

        engine.simulate(state, phases, record)


def append_frames(segment: SegmentWriter, frames: Frames) -> None:
    """Append a block of recorded frames to a segment of a trajectory file."""
    segment.append_many(
        time=frames.times,
        positions=frames.positions,
        velocities=frames.velocities,
        potential_energy=frames.potential_energy,
        stress=frames.stress,
    )


def recorder(segment: SegmentWriter) -> Callable[[Frames], None]:
    """A receiver for ``reference.run`` that streams frames into a segment."""
    return lambda frames: append_frames(segment, frames)


def run_metadata(plan: RunPlan, recipe: Recipe, state: State, potential: str) -> dict[str, Any]:
    """What every segment of a run says about itself."""
    metadata: dict[str, Any] = {
        "temperature": plan.temperature,
        "run": plan.name,
        "seed": plan.seed,
        "potential": potential,
        "strain": plan.strain,
        "density": density(state),
        "time_step": recipe.time_step,
    }
    if recipe.structure.lattice is not None and recipe.melt is None:
        metadata["lattice"] = recipe.structure.lattice
        length = float(np.linalg.norm(state.cell[0]))
        metadata["lattice_constant"] = length / recipe.structure.repeat[0]
    if recipe.structure.vacancies:
        metadata["vacancies"] = recipe.structure.vacancies
    if plan.group.label:
        metadata["label"] = plan.group.label
    if not plan.group.in_regime:
        metadata["in_regime"] = False
    return metadata
