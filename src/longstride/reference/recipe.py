"""The recipe of ``longstride generate``: what it may say, and clear words where it is wrong."""

import os
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    BaseModel,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    ValidationError,
    model_validator,
)

from longstride.documents import read_yaml
from longstride.errors import ConfigError
from longstride.reference.settings import AseSettings, EngineSettings, LammpsSettings, Settings
from longstride.reference.standard_runs import with_standard_runs
from longstride.reference.structure import StructureSettings

_MULTIPLE_TOLERANCE = 1e-9

MOST_STEPS = 10**12
"""Time steps of a stretch; what has more is a slip of the pen, and overflows."""


class RelaxationSettings(Settings):
    """A constant-pressure run that finds the cell of each temperature.

    Attributes:
        time: length in fs; the mean cell over its second half is used.
        damping: relaxation time of the barostat in fs.
        coupling: ``iso`` scales all axes together, ``xy`` keeps x/y, ``aniso`` leaves each axis
            alone. Default: ``iso``, for hcp ``xy``.
        seed: of its velocities and bath.
    """

    time: PositiveFloat = 20000.0
    damping: PositiveFloat = 1000.0
    coupling: Literal["iso", "xy", "aniso"] | None = None
    seed: NonNegativeInt = 0


class MeltSettings(Settings):
    """A stretch in a hot bath that melts the structure before anything else is done with it.

    Attributes:
        temperature: of the bath in K, well above melting: a perfect crystal can be superheated.
        time: fs.
    """

    temperature: PositiveFloat
    time: PositiveFloat = 5000.0


Strain = float | tuple[float, float, float]
"""Linear strain of all axes, or of x, y and z one by one."""


class RunSettings(Settings):
    """Runs at every combination of temperature, cell and seed.

    Attributes:
        temperatures: K.
        strains: linear strains of the relaxed cell, one number for all axes (1 + strain each) or
            three for x, y and z.
        densities: mass densities in g/cm³, in place of strains; nothing is relaxed then.
        seeds: one independent run each.
        equilibration: Langevin time before the first segment, fs.
        segments: number of NVE segments of a run.
        segment_length: fs.
        decorrelation: Langevin time between segments, fs.
        interval: time between frames in fs, if other than the recipe's.
        label: put before the names of these runs, to tell them from others at the same point.
        in_regime: false for runs beyond the range of use: a model trained on them does not state
            their temperatures and densities as its own.
    """

    temperatures: tuple[PositiveFloat, ...] = Field(min_length=1)
    strains: tuple[Strain, ...] = (0.0,)
    densities: tuple[PositiveFloat, ...] = ()
    seeds: tuple[NonNegativeInt, ...] = Field(default=(1,), min_length=1)
    equilibration: NonNegativeFloat = 5000.0
    segments: int = Field(default=1, ge=1, le=100_000)
    segment_length: PositiveFloat
    decorrelation: NonNegativeFloat = 1000.0
    interval: PositiveFloat | None = None
    label: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    in_regime: bool = True

    @model_validator(mode="after")
    def _one_kind_of_cell(self) -> "RunSettings":
        if self.densities and "strains" in self.model_fields_set:
            raise ValueError("give 'strains' or 'densities', not both")
        if not self.densities and not self.strains:
            raise ValueError("'strains' is empty; [0.0] is the relaxed cell")
        for strain in self.strains:
            parts = strain if isinstance(strain, tuple) else (strain,)
            for part in parts:
                if not -0.5 < part < 1.0:
                    raise ValueError(f"strain {part} is outside (-0.5, 1); 0.02 means 2 %")
        return self


class Recipe(Settings):
    """Everything that determines a reference trajectory file.

    Attributes:
        structure: starting structure.
        engine: potential and program.
        pressure: GPa, of the relaxed cells.
        relaxation: how cells are relaxed; null keeps the cell of the structure.
        melt: for liquids: the structure is molten before cells are relaxed and runs equilibrated.
        time_step: fs.
        interval: time between frames, fs.
        damping: relaxation time of the Langevin bath, fs.
        runs: groups of runs.
    """

    structure: StructureSettings
    engine: EngineSettings
    pressure: float = 0.0
    relaxation: RelaxationSettings | None = RelaxationSettings()
    melt: MeltSettings | None = None
    time_step: PositiveFloat
    interval: PositiveFloat
    damping: PositiveFloat = 200.0
    runs: tuple[RunSettings, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole_steps(self) -> "Recipe":
        times = [self.relaxation.time if self.relaxation else 0.0]
        times.append(self.melt.time if self.melt else 0.0)
        times += [t for group in self.runs for t in (group.equilibration, group.decorrelation)]
        if not max(times) / self.time_step < MOST_STEPS:
            raise ValueError(f"{max(times):g} fs are more than {MOST_STEPS:g} steps")
        for index, group in enumerate(self.runs):
            interval = group.interval or self.interval
            if not is_multiple(interval, self.time_step):
                raise ValueError(
                    f"interval {interval:g} fs is not a multiple of time_step {self.time_step:g} fs"
                )
            if not is_multiple(group.segment_length, interval):
                raise ValueError(
                    f"runs[{index}].segment_length {group.segment_length:g} fs is not a multiple of"
                    f" interval {interval:g} fs"
                )
        if self.relaxation is None and self.pressure != 0.0:
            raise ValueError("pressure has no effect without relaxation")
        hottest = max(temperature for group in self.runs for temperature in group.temperatures)
        if self.melt is not None and self.melt.temperature < hottest:
            raise ValueError(
                f"melt.temperature {self.melt.temperature:g} K is below the {hottest:g} K of a run"
            )
        return self


def is_multiple(value: float, unit: float) -> bool:
    """Whether ``value`` is a positive whole number of ``unit``, up to rounding."""
    if not value / unit < MOST_STEPS:
        return False
    count = round(value / unit)
    return count >= 1 and abs(value / unit - count) < _MULTIPLE_TOLERANCE * count


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe; file names in it are relative to its folder.

    Raises:
        ConfigError: missing file, wrong YAML, or a wrong entry, named by its path and value.
    """
    content = read_yaml(path, "the recipe", ConfigError)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: a recipe is a mapping with structure, engine, time_step, runs")
    try:
        content = with_standard_runs(content)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {_explain(error, content)}") from None
    return _resolve_files(recipe, path.parent)


def _resolve_files(recipe: Recipe, folder: Path) -> Recipe:
    changes: dict[str, Any] = {}
    file = recipe.structure.file
    if file is not None:
        changes["structure"] = recipe.structure.model_copy(update={"file": folder / file})
    if isinstance(recipe.engine, LammpsSettings):
        beside = tuple(
            str((folder / name).resolve()) if os.path.isfile(folder / name) else name
            for name in recipe.engine.potential
        )
        changes["engine"] = recipe.engine.model_copy(update={"potential": beside})
    return recipe.model_copy(update=changes)


_SECTIONS: dict[tuple[str, ...], type[BaseModel]] = {
    (): Recipe,
    ("structure",): StructureSettings,
    ("engine", "lammps"): LammpsSettings,
    ("engine", "ase"): AseSettings,
    ("relaxation",): RelaxationSettings,
    ("melt",): MeltSettings,
    ("runs",): RunSettings,
}


def _explain(error: ValidationError, content: dict[str, Any]) -> str:
    """The first complaint as one line: key path, value, what is wrong, a close key."""
    complaints = error.errors()
    # A misspelt key is behind a missing one, so it comes first.
    first = next((c for c in complaints if c["type"] == "extra_forbidden"), complaints[0])
    location = first["loc"]
    section = tuple(part for part in location[:-1] if isinstance(part, str))
    shown = ".".join(str(p) for p in location if p not in ("lammps", "ase"))
    for number in (part for part in location if isinstance(part, int)):
        shown = shown.replace(f".{number}", f"[{number}]")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        known = list(_SECTIONS[section].model_fields) if section in _SECTIONS else []
        close = get_close_matches(str(location[-1]), known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else f"known keys: {', '.join(known)}"
        return f"unknown key '{shown}'; {hint}"
    if first["type"] in ("union_tag_not_found", "union_tag_invalid"):
        kind = content["engine"].get("kind") if isinstance(content["engine"], dict) else None
        return f"engine.kind must be 'lammps' or 'ase', not {kind!r}"
    if first["type"] == "missing":
        return f"'{shown}' is missing"
    value = first["input"]
    if isinstance(value, dict | list | tuple | BaseModel):
        return f"{shown}: {message}" if shown else message
    return f"{shown}: {message}, not {value!r}"
