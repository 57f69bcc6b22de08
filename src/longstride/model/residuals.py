"""The covariance of what one stride of a model leaves unexplained, as its checkpoint states it."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from longstride.errors import RegimeError
from longstride.model.blocks import checked_block

BLOCK = "residual_covariance"
"""Name of the block in a model's card; a card without it states no residual."""

_SLACK = 1e-9
"""Rounding that a singular covariance is forgiven, relative."""

Variance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=0.1, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class Covariance(BaseModel):
    """Of one component of (Δd, Δw) of an atom; by symmetry it is the same in all directions.

    Attributes:
        displacement: ⟨Δd²⟩ in Å².
        cross: ⟨Δd Δw⟩ in Å²/fs.
        velocity: ⟨Δw²⟩ in Å²/fs².
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    displacement: Variance
    cross: Finite
    velocity: Variance

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if self.cross**2 > self.displacement * self.velocity * (1.0 + _SLACK):
            raise ValueError("the covariance is not positive")
        return self


class ModelResiduals(BaseModel):
    """Covariances measured on data that was not fitted.

    Attributes:
        temperatures: of the data in K, increasing.
        species: for each atomic number, the covariance at every temperature.
        windows: strides measured at each temperature.
        heating: share of the kinetic energy that a rollout at constant energy with its noise gains
            a stride, at each temperature; None where it was not measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperatures: tuple[Annotated[float, Field(gt=0, allow_inf_nan=False)], ...] = Field(
        min_length=1
    )
    species: dict[int, tuple[Covariance, ...]] = Field(min_length=1)
    windows: tuple[int, ...]
    heating: tuple[Share, ...] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        temperatures = self.temperatures
        if any(b <= a for a, b in pairwise(temperatures)):
            raise ValueError(f"temperatures {list(temperatures)} must increase")
        lengths = {len(self.windows), *(len(each) for each in self.species.values())}
        if self.heating is not None:
            lengths.add(len(self.heating))
        if lengths != {len(temperatures)}:
            raise ValueError(f"one entry for each of {len(temperatures)} temperatures is needed")
        return self

    @classmethod
    def of_card(cls, card: Mapping[str, Any], where: str) -> "ModelResiduals | None":
        """The residuals of a checkpoint's card; None where it states none.

        Raises:
            FileFormatError: the block is damaged.
        """
        return None if card.get(BLOCK) is None else checked_block(cls, card, BLOCK, where)

    def covariance(self, species: int, temperature: float) -> NDArray[np.float64]:
        """(2, 2) covariance of (Δd, Δw), linear between temperatures, constant beyond them.

        Args:
            species: atomic number.
            temperature: K.

        Raises:
            RegimeError: nothing was measured for the species.
        """
        known = self.species.get(species)
        if known is None:
            raise RegimeError(f"no residual was measured for atomic number {species}")
        table = [(one.displacement, one.cross, one.velocity) for one in known]
        columns = zip(*table, strict=True)
        a, b, c = (np.interp(temperature, self.temperatures, column) for column in columns)
        return np.array([[a, b], [b, c]])

    def heating_at(self, temperature: float) -> float:
        """Share of the kinetic energy gained a stride, linear between temperatures (K).

        Constant beyond them; 0 where it was not measured.
        """
        if self.heating is None:
            return 0.0
        return float(np.interp(temperature, self.temperatures, self.heating))
