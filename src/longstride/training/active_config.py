"""Where a training that finds its own data looks for it: the section ``active`` of a recipe."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]
Strain = Annotated[float, Field(gt=-0.2, lt=0.2)]


class ActiveConfig(BaseModel):
    """Rollouts whose frames outside of the data are labelled by the reference.

    Attributes:
        temperatures: of the rollouts, K; if empty, those of the regime, and 1.15 times the highest.
        strains: linear strains of the cells that they start in.
        time: length of a rollout, fs.
        frames: labelled in a round, at most.
        segment_length: of the reference's run from each of them, fs.
        seed: of starting frames and baths.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    temperatures: tuple[Positive, ...] = ()
    strains: tuple[Strain, ...] = Field(default=(0.0,), min_length=1)
    time: Positive = 3000.0
    frames: int = Field(default=24, ge=4)
    segment_length: Positive = 300.0
    seed: int = Field(default=0, ge=0)
