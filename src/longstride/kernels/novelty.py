"""How unlike its training data a model finds the neighbourhoods of a state."""

from types import ModuleType
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from longstride.graph import check_geometry
from longstride.kernels.site_reader import SiteReader
from longstride.model import KickDriftMap
from longstride.state import State

Array = NDArray[np.float64]


class SiteNovelty(NamedTuple):
    """How unlike the training data each atom's neighbourhood is; see ``model/novelty.py``.

    Attributes:
        distance: (N,) of the atom's own invariants to the training data.
        neighbourhood: (N,) mean distance of the atom and its neighbours.
        disagreement: (N,) of two read-outs of its energy, eV.
    """

    distance: Array
    neighbourhood: Array
    disagreement: Array


class NoveltyReader(SiteReader):
    """Reads the signals in float64: in C++ where there is such a form of the model.

    Args:
        model: with a measure of novelty.
        native: the compiled module, or None for torch.
    """

    def __init__(self, model: KickDriftMap, native: ModuleType | None) -> None:
        assert model.novelty is not None
        super().__init__(model, native)
        self._offset = model.novelty.offset.double().cpu().numpy()
        self._number = max(model.sequence) + 1 + (model.energy_head is not None)

    def at(self, state: State, species: NDArray[np.int64]) -> SiteNovelty:
        """The signals of each atom.

        Args:
            state: positions and cell.
            species: (N,) index of each atom's species in the model's list.

        Raises:
            RolloutError: a position or the cell is not finite, or an open system has flown apart.
        """
        check_geometry(state.positions, state.cell, state.pbc)
        if self._site is None:
            graph = self._graph(state, species)
            with torch.no_grad():
                return SiteNovelty(*(signal.numpy() for signal in self._model.site_novelty(graph)))
        values, distances, means = np.empty((3, state.n_atoms))
        where = (state.positions, species, state.cell, state.pbc)
        self._site.survey(*where, self._number, values, distances, means)
        return SiteNovelty(distances, means, np.abs(values + self._offset[species]))
