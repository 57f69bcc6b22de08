"""The range a model was made for, as its checkpoint states it."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from longstride.model.blocks import checked_block

OVERLAP = 0.6
"""Two atoms closer than this fraction of the close-packed distance overlap."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ModelRegime(BaseModel):
    """Species, temperatures and densities of the training data.

    Attributes:
        species: atomic numbers.
        masses: mass of each species in amu.
        temperatures: temperatures of the training data in K, increasing.
        number_density: lowest and highest density in atoms/Å³.
        lattice_constants: relaxed lattice constant in Å at each temperature (K), where the data
            tells it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    species: tuple[int, ...] = Field(min_length=1)
    masses: tuple[Positive, ...] = Field(min_length=1)
    temperatures: tuple[Positive, ...] = Field(min_length=1)
    number_density: tuple[Positive, Positive]
    lattice_constants: dict[float, Positive] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.masses) != len(self.species):
            raise ValueError(f"{len(self.masses)} masses for {len(self.species)} species")
        if self.number_density[0] > self.number_density[1]:
            raise ValueError(f"number_density {list(self.number_density)} must not decrease")
        return self

    @classmethod
    def of_card(cls, card: Mapping[str, Any], where: str) -> "ModelRegime":
        """The regime of a checkpoint's card.

        Raises:
            FileFormatError: the card states none, or an incomplete one.
        """
        return checked_block(cls, card, "regime", where)

    @property
    def temperature(self) -> tuple[float, float]:
        """Lowest and highest temperature in K."""
        return min(self.temperatures), max(self.temperatures)

    @property
    def density(self) -> tuple[float, float]:
        """Lowest and highest number density in atoms/Å³."""
        return self.number_density

    @property
    def shortest_distance(self) -> float:
        """Distance in Å below which two atoms overlap: a fraction of the close-packed distance."""
        return OVERLAP * (2.0**0.5 / self.number_density[1]) ** (1.0 / 3.0)
