"""How long a trained model is rolled out to see how it heats: ``heating`` of a recipe."""

from pydantic import BaseModel, ConfigDict, Field


class HeatingConfig(BaseModel):
    """Rollouts at constant energy after a training, at temperatures spread over its regime.

    Attributes:
        atom_strides: strides times atoms of all of them together, about; 0 for none. The heating is
            known to about 40 % after the default; four times as many halve that.
        seed: of their baths and noise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    atom_strides: int = Field(default=8_000_000, ge=0)
    seed: int = Field(default=0, ge=0)
