"""A study: one recipe, and named points that change parts of its model; its training."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from longstride.errors import ConfigError, TrainingError
from longstride.training import TrainConfig, TrainingInterrupted, train
from longstride.training.config import parse_config
from measurements.record import say
from measurements.subject import Subject

Varied = Literal["base", "stride", "kicks", "cutoff", "radial", "width", "attention", "several"]
"""What a point changes of the base: its colour in the figure."""


class Section(BaseModel):
    """A part of the study file; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(Section):
    """One model of a study.

    Attributes:
        name: of its run folder, its results and its mark in the figure.
        varies: what it changes of the base.
        model: keys of the recipe's section ``model`` that replace those of the base.
        network: the same for ``model.network``.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
    varies: Varied
    model: dict[str, Any] = {}
    network: dict[str, Any] = {}


class Study(Section):
    """What is trained and in which order.

    Attributes:
        steps: of the training of every point.
        minutes: of training in all; no further point is begun after that.
        base: a training recipe without ``budget``.
        points: in the order they are trained.
    """

    steps: int = Field(ge=1)
    minutes: float = Field(gt=0.0)
    base: dict[str, Any]
    points: tuple[Point, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [point.name for point in self.points]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two points are called {twice[0]}")
        return self

    @model_validator(mode="after")
    def _base_is_a_recipe(self) -> Self:
        if "budget" in self.base:
            raise ValueError("base.budget: leave it out, steps are the same for all points")
        model = self.base.get("model")
        if not isinstance(model, dict) or not isinstance(model.get("network", {}), dict):
            raise ValueError("base.model: a mapping is wanted, as in a training recipe")
        return self

    @classmethod
    def load(cls, path: Path) -> "Study":
        """Reads a study file, and checks the recipe of every point.

        Raises:
            ConfigError: no such file, no valid YAML, an unknown key or a wrong value, in one line.
        """
        try:
            study = cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise ConfigError(f"{path}: cannot read the study: {error.strerror}") from None
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
        except ValidationError as error:
            mistakes = (
                f"{'.'.join(map(str, item['loc'])) or 'study'}: {item['msg']}"
                for item in error.errors()
            )
            raise ConfigError(f"{path}: {'; '.join(mistakes)}") from None
        for point in study.points:
            study.recipe(point, where=f"{path}: point {point.name}")
        return study

    def recipe(
        self, point: Point, data: Path | None = None, where: str | None = None
    ) -> TrainConfig:
        """The training recipe of a point, on ``data`` in place of the base's files.

        Raises:
            ConfigError: base and point together are no recipe.
        """
        model = self.base["model"]
        network = {**model.get("network", {}), **point.network}
        raw = {**self.base, "budget": {"steps": self.steps}}
        raw["model"] = {**model, **point.model, "network": network}
        if data is not None:
            raw["data"] = {**raw["data"], "files": [data]}
        return parse_config(raw, where or point.name)


def train_points(study: Study, data: Path, runs: Path) -> None:
    """Trains the points one after the other, each in a run folder of its name.

    Finished points are passed over, an interrupted one is continued.

    Raises:
        ConfigError: there is no such data, or a folder was made by another recipe.
        TrainingError: a training diverged or was interrupted.
    """
    if not data.is_file():
        raise ConfigError(f"{data}: no such file; make it with 'longstride generate'")
    for number, point in enumerate(study.points, start=1):
        folder = runs / point.name
        label = f"{point.name} ({number} of {len(study.points)})"
        if finished(folder):
            say(f"{label}: there already")
            continue
        spent = minutes_spent(study, runs)
        if spent >= study.minutes:
            say(f"{spent:.1f} of {study.minutes:g} min are used up: {label} is not begun")
            return
        say(f"{label}: begins; {spent:.1f} of {study.minutes:g} min used")
        begun = (folder / "config.yaml").exists()
        try:
            errors = train(study.recipe(point, data), folder, resume=begun)
        except TrainingInterrupted:
            raise TrainingError(f"{label}: interrupted; the same command continues") from None
        rows = (f"{e.temperature:g} K {100 * e.velocity[-1]:.2f}" for e in errors if e.temperature)
        say(f"{label}: error of w in %: {', '.join(rows)}")


def finished(folder: Path) -> bool:
    """Whether a run folder holds a trained model."""
    return (folder / "model" / "model.json").exists()


def minutes_spent(study: Study, runs: Path) -> float:
    """Processor time of the trainings that are finished, as their models tell."""
    folders = [runs / point.name for point in study.points]
    cards = [Subject(f.name, f / "model", "comparison").card() for f in folders if finished(f)]
    return float(sum(card["training"]["minutes"] for card in cards))
