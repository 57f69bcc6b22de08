"""Limits of a model's signals of novelty, as its checkpoint states them."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from longstride.model.blocks import checked_block
from longstride.state import Array

Limit = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Table = tuple[tuple[Limit, ...], ...]

DISTANCE, NEIGHBOURHOOD, DISAGREEMENT = "distance", "neighbourhood", "disagreement_eV"
SIGNALS = (DISTANCE, NEIGHBOURHOOD, DISAGREEMENT)
"""Names of what ``SiteNovelty`` holds, in its order; data without energies has no disagreement."""


class GuardLimits(BaseModel):
    """What the signals exceed in validation data with a stated probability.

    Hot atoms are farther from the mean of the data than cold ones, so the limits are functions of
    the temperature: what is ordinary at 900 K is far outside at 300 K.

    Attributes:
        rate: probability that an atom inside the regime exceeds a limit, in one look.
        temperatures: (G,) of the validation data, K, increasing; empty where it states none, and
            then the limits have one row.
        signals: (G, S) limits of each signal, by temperature and species.
        shapes: (G, S) ξ of the generalised Pareto distributions that the limits were read from.
        runs: (G,) runs of the validation data at each temperature; the limits are the highest of
            theirs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: Annotated[float, Field(gt=0, lt=1)]
    temperatures: tuple[Limit, ...]
    signals: dict[str, Table] = Field(min_length=1)
    shapes: dict[str, tuple[tuple[float, ...], ...]]
    runs: tuple[int, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if any(b <= a for a, b in zip(self.temperatures, self.temperatures[1:], strict=False)):
            raise ValueError(f"temperatures {list(self.temperatures)} must increase")
        for name, table in self.signals.items():
            if name not in SIGNALS:
                raise ValueError(f"no signal {name!r}; there are {', '.join(SIGNALS)}")
            if len(table) != max(len(self.temperatures), 1):
                raise ValueError(f"{len(table)} rows for {len(self.temperatures)} temperatures")
            if len({len(row) for row in table}) > 1:
                raise ValueError("rows of different lengths")
        return self

    @classmethod
    def of_card(cls, card: Mapping[str, Any], where: str) -> "GuardLimits":
        """The limits of a checkpoint's card.

        Raises:
            FileFormatError: the card states none, or incomplete ones.
        """
        return checked_block(cls, card, "guard", where)

    def at(self, name: str, temperature: float) -> Array:
        """(S,) limits of a signal at a temperature in K, between those stated by straight lines."""
        rows = np.array(self.signals[name])
        if len(rows) == 1:
            return rows[0]
        return np.array([np.interp(temperature, self.temperatures, column) for column in rows.T])
