"""A model's signals of novelty beside the limits that its checkpoint states."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from longstride.errors import FileFormatError
from longstride.kernels.novelty import NoveltyReader
from longstride.kernels.species import species_indices
from longstride.model import KickDriftMap, StrideMap
from longstride.propagator import Signal
from longstride.state import Array, State

Limit = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Table = tuple[tuple[Limit, ...], ...]

DISTANCE, NEIGHBOURHOOD, DISAGREEMENT = "distance", "neighbourhood", "disagreement_eV"
SIGNALS = (DISTANCE, NEIGHBOURHOOD, DISAGREEMENT)
"""Names of what ``SiteNovelty`` holds, in its order; data without energies has no disagreement."""

FLUCTUATION = 3.0
"""Standard deviations of the kinetic temperature that a frame may be colder than its structure."""


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
        try:
            return cls.model_validate(card.get("guard"))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(["guard", *map(str, first["loc"])])
            raise FileFormatError(f"{where}: {place}: {first['msg']}") from None

    def at(self, name: str, temperature: float) -> Array:
        """(S,) limits of a signal at a temperature in K, between those stated by straight lines."""
        rows = np.array(self.signals[name])
        if len(rows) == 1:
            return rows[0]
        return np.array([np.interp(temperature, self.temperatures, column) for column in rows.T])


class ModelGauge:
    """The ``Gauge`` of one model.

    Args:
        reader: of its signals.
        limits: of its checkpoint.
        species: atomic numbers, in the order of the model.
    """

    def __init__(
        self, reader: NoveltyReader, limits: GuardLimits, species: tuple[int, ...]
    ) -> None:
        self._reader, self.limits = reader, limits
        self._species = species

    @property
    def names(self) -> tuple[str, ...]:
        """Of the signals that the checkpoint has limits for."""
        return tuple(name for name in SIGNALS if name in self.limits.signals)

    def look(self, state: State) -> tuple[Signal, ...]:
        """The signals of a state.

        The limits are those of the kinetic temperature, which fluctuates by a share of
        sqrt(2/(3N − 3)) while the structure does not: they are read some deviations above.

        Raises:
            RegimeError: the model does not know a species.
            RolloutError: a position or the cell is not finite.
        """
        return self.look_at_part(state, state.temperature, state.n_atoms)

    def look_at_part(self, state: State, temperature: float, n_atoms: int) -> tuple[Signal, ...]:
        """The signals of a part of a system; those of atoms within two cutoffs of its ends mean
        nothing.

        Args:
            state: positions, species and cell of the part.
            temperature: of the whole system, K.
            n_atoms: of the whole system.

        Raises:
            RegimeError, RolloutError: as ``look``.
        """
        kinds = species_indices(self._species, state.species)
        spread = np.sqrt(2.0 / max(3 * n_atoms - 3, 1))
        temperature = temperature * (1.0 + FLUCTUATION * spread)
        read = dict(zip(SIGNALS, self._reader.at(state, kinds), strict=True))
        return tuple(
            Signal(read[name], self.limits.at(name, temperature)[kinds]) for name in self.names
        )


def gauge_of(model: StrideMap, limits: GuardLimits | None) -> ModelGauge | None:
    """The gauge of a model; None for one without a measure of novelty, or without its limits."""
    if limits is None or not isinstance(model, KickDriftMap) or model.novelty is None:
        return None
    return ModelGauge(NoveltyReader.of(model), limits, model.config.species)
