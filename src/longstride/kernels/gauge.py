"""A model's signals of novelty beside the limits that its checkpoint states."""

import numpy as np

from longstride.kernels.novelty import NoveltyReader
from longstride.kernels.species import species_indices
from longstride.model import GuardLimits, KickDriftMap, StrideMap
from longstride.model.limits import SIGNALS
from longstride.propagator import Signal
from longstride.state import State

FLUCTUATION = 3.0
"""Standard deviations of the kinetic temperature that a frame may be colder than its structure."""


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
