"""What reads scalars off the neighbourhoods of a state: in C++ where a model has such a form."""

from types import ModuleType
from typing import Any, Self

import torch
from numpy.typing import NDArray

from longstride.graph import Graph, frame_graph
from longstride.kernels.native import load_native
from longstride.kernels.native_kick import NativeKick
from longstride.kernels.native_site import make_site
from longstride.model import KickDriftMap
from longstride.state import State


class SiteReader:
    """One model in float64, as the compiled site or as the torch model, which is the definition.

    Args:
        model: a kick-drift map.
        native: the compiled module, or None for torch.
    """

    def __init__(self, model: KickDriftMap, native: ModuleType | None) -> None:
        self._site: Any = None
        if native is not None and NativeKick.has_form(model):
            threads = torch.get_num_threads()
            self._site = make_site(model, native, double=True, threads=threads)
        else:
            self._model = KickDriftMap(model.config).double().eval()
            self._model.load_state_dict(model.state_dict())
        self._cutoff = model.config.cutoff

    @classmethod
    def of(cls, model: KickDriftMap) -> Self:
        """By the fastest means there is."""
        return cls(model, load_native())

    def _graph(self, state: State, species: NDArray[Any]) -> Graph:
        """For torch."""
        return frame_graph(state.positions, state.cell, state.pbc, species, self._cutoff)
