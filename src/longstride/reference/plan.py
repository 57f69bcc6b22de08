"""What a recipe comes down to: the list of runs, their names, seeds, sizes and fingerprints."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from longstride.errors import ConfigError
from longstride.reference.engine import Langevin, Phase
from longstride.reference.recipe import Recipe, RunSettings, Strain
from longstride.state import State

MOST_RUNS = 100_000
"""Of one recipe."""

_FORMAT = 1
_LARGEST_SEED = 900_000_000
_SEGMENT_BYTES = 140_000  # measured: headers and the unfilled ends of the file's chunks


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One run: one temperature, one cell, one seed.

    Attributes:
        name: unique in the file; segments are called ``NAME_000`` and so on.
        temperature: K.
        strain: linear strain of the relaxed cell, of all axes or of each; None where the density is
            given.
        density: g/cm³, or None.
        seed: the recipe's.
        group: the recipe's section it comes from.
        interval: fs between frames.
    """

    name: str
    temperature: float
    strain: Strain | None
    density: float | None
    seed: int
    group: RunSettings
    interval: float

    @property
    def n_frames(self) -> int:
        """Frames of one segment, both ends included."""
        return round(self.group.segment_length / self.interval) + 1

    def phases(self, recipe: Recipe) -> tuple[Phase, ...]:
        """Melting, equilibration, then segments with decorrelating stretches between them."""
        step = recipe.time_step
        seeds = iter(random_seeds(self.name, self.seed, self.group.segments))
        every = round(self.interval / step)
        phases = melting_phases(recipe, self.name, self.seed)
        for index in range(self.group.segments):
            time = self.group.decorrelation if index else self.group.equilibration
            bath = Langevin(self.temperature, recipe.damping, next(seeds))
            if time > 0:
                phases.append(Phase(int(np.ceil(time / step)), step, langevin=bath))
            steps = round(self.group.segment_length / step)
            phases.append(Phase(steps, step, every=every, zero_momentum=True))
        return tuple(phases)


def melting_phases(recipe: Recipe, name: str, seed: int) -> list[Phase]:
    """The stretch that melts the structure, at constant volume; none where nothing is molten.

    Args:
        recipe: what to melt at.
        name, seed: of the run, for its own random forces.
    """
    if recipe.melt is None:
        return []
    (bath_seed,) = random_seeds(f"melt_{name}", seed, 1)
    bath = Langevin(recipe.melt.temperature, recipe.damping, bath_seed)
    return [
        Phase(int(np.ceil(recipe.melt.time / recipe.time_step)), recipe.time_step, langevin=bath)
    ]


def plan_runs(recipe: Recipe) -> tuple[RunPlan, ...]:
    """All runs of a recipe, in its order.

    Raises:
        ConfigError: two runs are the same, or there are too many.
    """
    count = sum(
        len(g.temperatures) * len(g.densities or g.strains) * len(g.seeds) for g in recipe.runs
    )
    if count > MOST_RUNS:
        raise ConfigError(f"runs: {count} of them, more than {MOST_RUNS:,}; split the recipe")
    plans: dict[str, RunPlan] = {}
    for group in recipe.runs:
        cells: list[tuple[Strain | None, float | None]] = [(s, None) for s in group.strains]
        if group.densities:
            cells = [(None, d) for d in group.densities]
        for temperature in group.temperatures:
            for strain, density in cells:
                for seed in group.seeds:
                    name = _name(group.label, temperature, strain, density, seed)
                    if name in plans:
                        raise ConfigError(
                            f"runs: {name} occurs twice; give one of the groups other seeds"
                            " or a label"
                        )
                    interval = group.interval or recipe.interval
                    plans[name] = RunPlan(name, temperature, strain, density, seed, group, interval)
    return tuple(plans.values())


def _name(
    label: str, temperature: float, strain: Strain | None, density: float | None, seed: int
) -> str:
    parts = [label] if label else []
    parts.append(f"T{temperature:g}")
    if strain:
        each = strain if isinstance(strain, tuple) else (strain,)
        parts.append("strain" + "".join(f"{part:+g}" for part in each))
    if density is not None:
        parts.append(f"density{density:g}")
    return "_".join([*parts, f"seed{seed}"])


def random_seeds(name: str, seed: int, count: int) -> list[int]:
    """Seeds between 1 and 9e8 for the stretches of a run, different for every name and seed."""
    generator = name_generator(name, seed)
    return [int(s) for s in generator.integers(1, _LARGEST_SEED, size=count)]


def name_generator(name: str, seed: int) -> np.random.Generator:
    """A random generator that depends on a name and a seed."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    return np.random.default_rng([seed, key])


def relaxed_temperatures(recipe: Recipe, plans: tuple[RunPlan, ...]) -> tuple[float, ...]:
    """The temperatures whose cell has to be relaxed, in order."""
    if recipe.relaxation is None:
        return ()
    return tuple(dict.fromkeys(p.temperature for p in plans if p.strain is not None))


def relaxation_steps(recipe: Recipe) -> int:
    """Time steps that one relaxed cell takes."""
    if recipe.relaxation is None:
        return 0
    melting = sum(phase.steps for phase in melting_phases(recipe, "", 0))
    return melting + round(recipe.relaxation.time / recipe.time_step)


def fingerprint(recipe: Recipe, structure: State, engine: dict[str, Any], **what: Any) -> str:
    """SHA-256 of all that determines one part of the work.

    Args:
        recipe: its runs are left out, since a part does not depend on the other runs, and so are
            file names: contents count.
        structure: the starting structure.
        engine: the engine's provenance, with the potential's checksum.
        what: the part itself, as plain JSON data.
    """
    common = recipe.model_dump(mode="json", exclude={"runs", "structure", "engine"})
    atoms = hashlib.sha256()
    for array in (structure.positions, structure.cell, structure.masses, structure.species):
        atoms.update(np.ascontiguousarray(array).tobytes())
    atoms.update(bytes(structure.pbc))
    content = {"format": _FORMAT, "recipe": common, "engine": engine, **what}
    content["structure"] = atoms.hexdigest()
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Size:
    """Cost of a recipe.

    Attributes:
        runs: number of runs.
        relaxations: number of relaxed cells.
        segments: number of segments.
        frames: number of frames.
        steps: time steps of all runs and relaxations.
        megabytes: estimated size of the file.
    """

    runs: int
    relaxations: int
    segments: int
    frames: int
    steps: int
    megabytes: float


def size_of(recipe: Recipe, plans: tuple[RunPlan, ...], n_atoms: int) -> Size:
    """Cost of a recipe for a structure of ``n_atoms`` atoms."""
    frames = sum(p.n_frames * p.group.segments for p in plans)
    relaxations = len(relaxed_temperatures(recipe, plans))
    steps = sum(phase.steps for p in plans for phase in p.phases(recipe))
    steps += relaxations * relaxation_steps(recipe)
    segments = sum(p.group.segments for p in plans)
    bytes_per_frame = 8 * (6 * n_atoms + 12)
    return Size(
        runs=len(plans),
        relaxations=relaxations,
        segments=segments,
        frames=frames,
        steps=steps,
        megabytes=(frames * bytes_per_frame + segments * _SEGMENT_BYTES) / 1e6,
    )
