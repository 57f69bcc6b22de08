"""The study file of ``longstride sweep``: what it may say, and clear words where it is wrong."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    ValidationError,
    field_validator,
    model_validator,
)

from longstride.documents import read_yaml
from longstride.errors import ConfigError
from longstride.reference.recipe import Strain
from longstride.reference.structure import StructureSettings
from longstride.study.complaint import complaint
from longstride.study.site import LocalSite, Site

Option = bool | int | float | str
"""Value of an option of a command; ``true`` for one that is only named."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "run": (
        *("time", "ensemble", "friction_time", "barostat", "barostat_time", "compressibility"),
        *("energy_correction", "noise", "energy_every", "every", "substride", "repeat"),
        *("guard_every", "on_leave", "force"),
    ),
    "generate": (),
    "validate": ("checks", "quick", "atoms", "thresholds", "reference", "force"),
}
"""Options that a study may give to each command: those that are not an axis, nor a place."""

FLAGS = frozenset(("substride", "force", "quick"))
"""Options without a value."""

NUMBERS = frozenset(("compressibility", "energy_every", "every", "guard_every", "atoms"))
"""Options whose value is a number."""

FILES = frozenset(("thresholds", "reference"))
"""Options whose value is a file."""

MOST_RUNS = 100_000
"""Of a study; what has more is a slip of the pen."""


class AnalysisSettings(BaseModel):
    """How a run becomes numbers.

    Attributes:
        skip: share of a run that is left out at its start, as equilibration.
        diffusion: first and last lag of the line through the mean square displacement, in parts
            of the trajectory's length.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    skip: float = Field(default=0.2, ge=0.0, le=0.9)
    diffusion: tuple[float, float] = (0.1, 0.4)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        first, last = self.diffusion
        if not 0.0 <= first < last <= 1.0:
            raise ValueError(f"diffusion {[first, last]}: give two increasing parts from 0 to 1")
        return self


class Study(BaseModel):
    """A study: every combination of its axes is one run of one command.

    Attributes:
        kind: the command.
        models: shipped names or folders; of ``run`` and ``validate``.
        recipe: of ``generate``, with one group of runs, whose axes the study replaces; of
            ``validate``, the structure and potential to run.
        structures: by name: a structure file, or a lattice as in a recipe.
        temperatures: K.
        strains: linear strains, of all axes or of x, y and z.
        pressures: GPa.
        seeds: one independent run each.
        options: of the command, by their long names with ``_`` for ``-``.
        analysis: how runs become numbers.
        where: where runs are made.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["run", "generate", "validate"]
    models: tuple[str, ...] = ()
    recipe: Path | None = None
    structures: dict[str, StructureSettings] = Field(default_factory=dict)
    temperatures: tuple[PositiveFloat, ...] = Field(min_length=1)
    strains: tuple[Strain, ...] = ()
    pressures: tuple[float, ...] = ()
    seeds: tuple[NonNegativeInt, ...] = Field(default=(1,), min_length=1)
    options: dict[str, Option] = Field(default_factory=dict)
    analysis: AnalysisSettings = AnalysisSettings()
    where: Site = LocalSite()

    @field_validator("models", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("structures", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                raise ValueError("give files, or a mapping of names to files or lattices")
            named = {Path(item).stem: item for item in value}
            if len(named) != len(value):
                raise ValueError("two files have the same name; give a mapping with other names")
            value = named
        if isinstance(value, dict):
            return {
                name: {"file": item} if isinstance(item, str) else item
                for name, item in value.items()
            }
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for axis in ("models", "temperatures", "strains", "pressures", "seeds"):
            values = getattr(self, axis)
            if len(set(values)) != len(values):
                raise ValueError(f"{axis}: a value is given twice")
        sizes = [len(getattr(self, axis)) or 1 for axis in ("models", "strains", "pressures")]
        n_runs = len(self.temperatures) * len(self.seeds) * max(len(self.structures), 1)
        for size in sizes:
            n_runs *= size
        if n_runs > MOST_RUNS:
            raise ValueError(f"{n_runs} runs are more than {MOST_RUNS}")
        self._require_subject()
        self._require_options()
        for strain in self.strains:
            for part in strain if isinstance(strain, tuple) else (strain,):
                if not -0.5 < part < 1.0:
                    raise ValueError(f"strain {part} is outside (-0.5, 1); 0.02 means 2 %")
        return self

    def _require_subject(self) -> None:
        if self.kind == "generate":
            if self.models:
                raise ValueError("models: 'generate' runs the engine of its recipe, not a model")
            if self.recipe is None:
                raise ValueError("'generate' needs 'recipe', whose runs the study repeats")
            return
        if not self.models:
            raise ValueError(f"'{self.kind}' needs 'models', as in models: al")
        if self.kind == "run":
            if self.recipe is not None:
                raise ValueError("recipe: belongs to 'generate' and 'validate'")
            if not self.structures:
                raise ValueError("'run' needs 'structures' to start from")
            if self.strains and self.pressures:
                raise ValueError("give 'strains' or 'pressures': a barostat undoes a strain")
            return
        if self.strains:
            raise ValueError("strains: 'validate' judges a model at rest; strain a 'run'")
        if self.recipe is None and (self.structures or self.pressures):
            raise ValueError(
                "'validate' with structures or pressures needs 'recipe', with a potential"
            )

    def _require_options(self) -> None:
        known = OPTIONS[self.kind]
        for name, value in self.options.items():
            if name not in known:
                listed = ", ".join(known) or "there are none"
                raise ValueError(f"options: '{name}' is not one of a '{self.kind}': {listed}")
            if (name in FLAGS) != isinstance(value, bool):
                what = "true or false" if name in FLAGS else "a number or words"
                raise ValueError(f"options.{name}: give {what}, not {value!r}")
            if name in NUMBERS and isinstance(value, str):
                raise ValueError(f"options.{name}: give a number, not {value!r}")
        if "reference" in self.options and self.recipe is not None:
            raise ValueError("give 'recipe' or options.reference, not both")


def load_study(path: Path) -> Study:
    """Read and check a study; file names in it are relative to its folder.

    Raises:
        ConfigError: missing file, wrong YAML, or a wrong entry, named by its path and value.
    """
    content = read_yaml(path, "the study", ConfigError)
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: a study is a mapping with kind, temperatures and more")
    try:
        study = Study.model_validate(content)
    except ValidationError as error:
        raise ConfigError(f"{path}: {complaint(error, Study)}") from None
    return _with_paths(study, path.parent.resolve())


def _with_paths(study: Study, folder: Path) -> Study:
    """The study with absolute names of files, and of models that are folders."""
    structures = {
        name: one if one.file is None else one.model_copy(update={"file": folder / one.file})
        for name, one in study.structures.items()
    }
    models = tuple(
        str((folder / name).resolve()) if (folder / name).exists() else name
        for name in study.models
    )
    options = {
        name: str(folder / str(value)) if name in FILES else value
        for name, value in study.options.items()
    }
    recipe = None if study.recipe is None else folder / study.recipe
    update = {"structures": structures, "models": models, "options": options, "recipe": recipe}
    return study.model_copy(update=update)
