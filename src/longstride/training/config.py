"""The training recipe: what is trained on which data, and for how long."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from longstride.dataset import SplitConfig
from longstride.documents import read_yaml
from longstride.errors import ConfigError
from longstride.model import ModelConfig
from longstride.model.layers import Precision
from longstride.training.active_config import ActiveConfig
from longstride.training.data_files import find_files
from longstride.training.heating_config import HeatingConfig


class Section(BaseModel):
    """A part of the recipe; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _increasing(temperatures: tuple[float, float]) -> tuple[float, float]:
    if not 0.0 < temperatures[0] < temperatures[1]:
        raise ValueError("temperatures must be two positive numbers, the lower one first")
    return temperatures


class TemperatureRange(Section):
    """A section that may name a lowest and a highest temperature in K."""

    temperatures: Annotated[tuple[float, float], AfterValidator(_increasing)] | None = None

    def includes(self, temperature: float | None) -> bool:
        """Whether data at a temperature in K lies inside; data without one does."""
        if self.temperatures is None or temperature is None:
            return True
        return self.temperatures[0] <= temperature <= self.temperatures[1]


class DataConfig(TemperatureRange):
    """Trajectories to learn from.

    Attributes:
        files: trajectory files; relative names are looked up in the current folder, then beside the
            recipe.
        temperatures: only trajectories of this range are used, both ends included.
        split: what is held out for validation.
        velocities: ``stored`` in the files, or backward differences ``from_positions``.
        time_reversal: whether windows are also read backwards.
    """

    files: tuple[Path, ...] = Field(min_length=1)
    split: SplitConfig = SplitConfig()
    velocities: Literal["stored", "from_positions"] = "stored"
    time_reversal: bool = True


class LossConfig(Section):
    """Weights of the squared relative errors.

    Attributes:
        displacement: weight of d at every stage.
        velocity: weight of w at every stage.
        stages: one more weight for each stage time, in order; equal where not given.
    """

    displacement: float = Field(default=1.0, ge=0.0)
    velocity: float = Field(default=1.0, ge=0.0)
    stages: tuple[float, ...] | None = None

    @model_validator(mode="after")
    def _something_is_learned(self) -> Self:
        if self.displacement + self.velocity == 0.0 or (self.stages and not any(self.stages)):
            raise ValueError("all weights are zero: nothing would be learned")
        if self.stages and min(self.stages) < 0.0:
            raise ValueError("a stage weight is negative")
        return self


class OptimisationConfig(Section):
    """Adam with warm-up, cosine decay, averaged weights and guards against outlier steps.

    Attributes:
        learning_rate: the largest one, reached after the warm-up.
        warmup_steps: steps over which the learning rate grows linearly.
        final_fraction: learning rate at the end of the budget, relative to the largest one.
        batch_windows: windows a step, shared out to the processes of the training.
        ema_decay: decay of the exponential moving average of the weights.
        clip: a gradient is scaled down to this many times the running median of the gradient norms.
        skip: a step is left out where its gradient norm is above this many running medians.
        diverged_loss: training stops where the validation loss is above this many times the best
            one in ``diverged_evaluations`` evaluations in a row.
        diverged_evaluations: see there.
    """

    learning_rate: float = Field(default=1e-3, gt=0.0)
    warmup_steps: int = Field(default=50, ge=0)
    final_fraction: float = Field(default=0.02, ge=0.0, le=1.0)
    batch_windows: int = Field(default=4, ge=1)
    ema_decay: float = Field(default=0.998, ge=0.0, lt=1.0)
    clip: float = Field(default=2.0, gt=0.0)
    skip: float = Field(default=10.0, gt=1.0)
    diverged_loss: float = Field(default=3.0, gt=1.0)
    diverged_evaluations: int = Field(default=3, ge=1)


class BudgetConfig(Section):
    """When training ends: after so many steps, or so many minutes of training.

    Minutes are processor time of the training thread, evaluations and checkpoints not counted, so
    that a budget buys the same on a machine that is shared.
    """

    steps: int | None = Field(default=None, ge=1)
    minutes: float | None = Field(default=None, gt=0.0)

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("give either steps or minutes")
        return self

    def progress(self, steps: int, seconds: float) -> float:
        """Share of the budget used, 0 … 1."""
        if self.steps is not None:
            return min(steps / self.steps, 1.0)
        assert self.minutes is not None
        return min(seconds / (60.0 * self.minutes), 1.0)


class ParentConfig(Section):
    """The model whose weights a training starts from.

    Attributes:
        model: the name it ships under, or its folder.
        sha256: of its files; another model of that name is refused.
    """

    model: str = Field(min_length=1)
    sha256: str | None = None


class RegimeConfig(TemperatureRange):
    """What the model's card states, where that is less than what it was trained on.

    Attributes:
        temperatures: lowest and highest temperature in K; data outside of it is trained on all the
            same (superheated crystals, say, which keep a map sane near the edge of its regime).
    """


class TrainConfig(Section):
    """A whole training recipe.

    Attributes:
        initialise_windows: windows the whitening and the ridge solution are computed from.
        validate_every: steps between evaluations.
        validation_windows: windows of each temperature in an evaluation.
        checkpoint_every: steps between checkpoints.
        seed: of the data order and the initial weights.
        threads: of the processor; 0 leaves the choice to torch.
        device: ``auto`` takes a GPU where there is one.
        precision: of the products in the layers of perceptrons and attention while training; see
            ``model/layers.py``.
        parent: of a fine-tuning.
        active: where new data is looked for, with ``--active``.
        heating: how long the trained model is watched at constant energy.
    """

    data: DataConfig
    model: ModelConfig
    budget: BudgetConfig
    optimisation: OptimisationConfig = OptimisationConfig()
    loss: LossConfig = LossConfig()
    regime: RegimeConfig = RegimeConfig()
    initialise_windows: int = Field(default=24, ge=1)
    validate_every: int = Field(default=200, ge=1)
    validation_windows: int = Field(default=16, ge=1)
    checkpoint_every: int = Field(default=200, ge=1)
    seed: int = Field(default=0, ge=0)
    threads: int = Field(default=0, ge=0)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Precision = "fp32"
    parent: ParentConfig | None = None
    active: ActiveConfig | None = None
    heating: HeatingConfig = HeatingConfig()

    @model_validator(mode="after")
    def _one_weight_a_stage(self) -> Self:
        stages = self.loss.stages
        if stages is not None and len(stages) != len(self.model.stage_times):
            raise ValueError(
                f"loss.stages has {len(stages)} weights for "
                f"{len(self.model.stage_times)} stage times"
            )
        return self


def load_recipe(path: Path) -> TrainConfig:
    """Reads a recipe; data files found beside it are given with their folder.

    Raises:
        ConfigError: no such file, no valid YAML, an unknown key, a wrong value or no data file.
    """
    return resolve_files(parse_config(read_recipe(path), str(path)), path.parent)


def read_recipe(path: Path) -> dict[str, Any]:
    """A recipe as plain data, not validated.

    Raises:
        ConfigError: no such file, or no YAML mapping.
    """
    raw = read_yaml(path, "the recipe", ConfigError)
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: a recipe is a YAML mapping with sections data, model, budget")
    return raw


def parse_config(raw: dict[str, Any], where: str) -> TrainConfig:
    """A validated recipe; every mistake is one line.

    Raises:
        ConfigError: an unknown key or a wrong value, named by its place in the recipe.
    """
    try:
        return TrainConfig.model_validate(raw)
    except ValidationError as error:
        mistakes = []
        for item in error.errors():
            place = ".".join(map(str, item["loc"])) or "recipe"
            unknown = item["type"] == "extra_forbidden"
            mistakes.append(f"{place}: {_suggestion(item['loc']) if unknown else item['msg']}")
        raise ConfigError(f"{where}: {'; '.join(mistakes)}") from None


def _suggestion(place: tuple[int | str, ...]) -> str:
    """Words for an unknown key, with the key that may have been meant."""
    section: Any = TrainConfig
    for name in place[:-1]:
        section = section.model_fields[str(name)].annotation
    known = list(section.model_fields)
    close = get_close_matches(str(place[-1]), known, n=1)
    return (
        f"unknown key; did you mean {close[0]}?"
        if close
        else f"unknown key; known: {', '.join(known)}"
    )


def resolve_files(config: TrainConfig, beside: Path) -> TrainConfig:
    """Data files that are not in the current folder are looked for in ``beside``.

    Raises:
        ConfigError: a data file is in neither folder.
    """
    files = tuple(find_files(config.data.files, beside))
    return config.model_copy(update={"data": config.data.model_copy(update={"files": files})})
