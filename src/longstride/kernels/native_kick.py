"""Kicks by the compiled C++ kernel: the fast path of a kick-drift map without attention."""

from types import ModuleType
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from longstride.graph import check_geometry
from longstride.kernels.native import load_native
from longstride.kernels.native_site import make_site
from longstride.model import KickDriftMap

Array = NDArray[np.float64]


class Centres(NamedTuple):
    """The atoms whose scalars are summed, of those that are there: the first ones.

    Attributes:
        summed: how many.
        listed: of how many the pairs are found when a list is made; at least as many. A list is
            kept as long as it has those that are summed.
    """

    summed: int
    listed: int


class NativeKick:
    """Computes the kicks of one model.

    The result depends on positions, species, cell and periodicity alone, bit for bit, as long as
    the number of threads stays the same.

    Args:
        model: a kick-drift map without attention whose hidden sums are bounded.
        native: the compiled module.
        double: whether the network computes in float64; vectors to neighbours always do.
        threads: of the processor.
    """

    def __init__(
        self, model: KickDriftMap, native: ModuleType, *, double: bool, threads: int
    ) -> None:
        self._sequence = model.sequence
        self._site = make_site(model, native, double=double, threads=threads)

    @classmethod
    def of(cls, model: KickDriftMap, *, double: bool = False) -> Self | None:
        """The compiled form of a model on as many threads as torch has, where there is one."""
        native = load_native()
        if native is None or not cls.has_form(model):
            return None
        return cls(model, native, double=double, threads=torch.get_num_threads())

    @staticmethod
    def has_form(model: KickDriftMap) -> bool:
        """Whether the C++ kernel computes this kind of model."""
        return model.config.has_compiled_form

    @property
    def lists(self) -> int:
        """Neighbour lists made so far."""
        return int(self._site.lists)

    @property
    def list_seconds(self) -> float:
        """Time spent on neighbour lists so far."""
        return float(self._site.list_seconds)

    def at(
        self,
        positions: Array,
        species: NDArray[np.int64],
        cell: Array,
        pbc: NDArray[np.bool_],
        index: int,
        centres: Centres | None = None,
    ) -> Array:
        """Velocity change (N, 3) in Å/fs of kick ``index`` of a substep at these positions.

        Args:
            positions: (N, 3) in Å, finite, wrapped or not.
            species: (N,) index of each atom's species in the model's list.
            cell: (3, 3) cell vectors as rows in Å.
            pbc: (3,) periodic directions.
            index: position of the kick in the palindrome.
            centres: whose scalars are summed; the others are neighbours only. The change is right
                for atoms that are centres, and whose neighbours all are. By default all.

        Raises:
            RolloutError: a position or the cell is not finite, or an open system has flown apart.
        """
        check_geometry(positions, cell, pbc)
        change = np.empty_like(positions)
        chosen = Centres(len(positions), len(positions)) if centres is None else centres
        self._site.kick(positions, species, cell, pbc, self._sequence[index], change, *chosen)
        return change
