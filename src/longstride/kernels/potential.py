"""Energy and stress of a configuration by a model's energy head."""

from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray

from longstride.graph import check_geometry
from longstride.kernels.site_reader import SiteReader
from longstride.model import KickDriftMap
from longstride.propagator import Configuration
from longstride.state import State


class EnergyReader(SiteReader):
    """Reads the energy head in float64: in C++ where there is such a form of the model.

    Args:
        model: with an energy head.
        native: the compiled module, or None for torch.
    """

    def __init__(self, model: KickDriftMap, native: ModuleType | None) -> None:
        assert model.energy_head is not None
        super().__init__(model, native)
        self._offset = model.energy_head.offset.double().cpu().numpy()
        self._number = max(model.sequence) + 1

    def at(
        self, state: State, species: NDArray[np.int64], centres: int | None = None
    ) -> Configuration:
        """Energy and virial stress at the state's positions.

        Args:
            state: positions and cell.
            species: (N,) index of each atom's species in the model's list.
            centres: only the share of so many atoms, the first ones, in whose surroundings the
                others are; shares of all atoms make the whole. None takes all.

        Raises:
            RolloutError: a position or the cell is not finite, or an open system has flown apart.
        """
        check_geometry(state.positions, state.cell, state.pbc)
        count = state.n_atoms if centres is None else centres
        values, by_strain = (self._by_torch if self._site is None else self._by_site)(
            state, species, count
        )
        energy = float(values.sum() + self._offset[species[:count]].sum())
        stress = 0.5 * (by_strain + by_strain.T) / state.volume
        return Configuration(energy, stress)

    def _by_site(
        self, state: State, species: NDArray[np.int64], centres: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        values, by_strain = np.empty(centres), np.empty((3, 3))
        self._site.evaluate(
            state.positions, species, state.cell, state.pbc, self._number, values, by_strain
        )
        return values, by_strain

    def _by_torch(
        self, state: State, species: NDArray[np.int64], centres: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        graph = self._graph(state, species)
        strain = torch.zeros(3, 3, dtype=torch.float64, requires_grad=True)
        strained = graph.vectors + torch.einsum("xy,nyk->nxk", strain, graph.vectors)
        energies = self._model.site_energies(graph._replace(vectors=strained))[:centres]
        (by_strain,) = torch.autograd.grad(energies.sum(), strain)
        return energies.detach().numpy() - self._offset[species[:centres]], by_strain.numpy()
