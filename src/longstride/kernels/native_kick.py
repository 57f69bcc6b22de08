"""Kicks by the compiled C++ kernel: the fast path of a kick-drift map without attention."""

from types import ModuleType
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from longstride.graph import check_geometry
from longstride.kernels.native import load_native
from longstride.model import KickDriftMap

Array = NDArray[np.float64]

SKIN = 3.0
"""Å beyond the cutoff: the neighbour list is kept until two atoms may have come closer by this."""


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
        basis = model.scalars.basis
        centers = basis.centers.double().flatten()
        self._sequence = model.sequence
        self._site = native.Site(
            site_weights(model),
            functions=len(centers),
            inner=float(centers[0]),
            width=basis.width,
            cutoff=basis.cutoff,
            single=not double,
            threads=threads,
            skin=SKIN,
        )

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
        return model.scalars.attention is None and model.scalars.bounds_hidden

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
    ) -> Array:
        """Velocity change (N, 3) in Å/fs of kick ``index`` of a substep at these positions.

        Args:
            positions: (N, 3) in Å, finite, wrapped or not.
            species: (N,) index of each atom's species in the model's list.
            cell: (3, 3) cell vectors as rows in Å.
            pbc: (3,) periodic directions.
            index: position of the kick in the palindrome.

        Raises:
            RolloutError: a position or the cell is not finite, or an open system has flown apart.
        """
        check_geometry(positions, cell, pbc)
        change = np.empty_like(positions)
        self._site.kick(positions, species, cell, pbc, self._sequence[index], change)
        return change


def site_weights(model: KickDriftMap) -> dict[str, Any]:
    """Merged weights of a kick-drift map without attention, by the names of ``site.hpp``."""
    scalars = model.scalars
    state = {name: value.double().cpu().numpy() for name, value in scalars.state_dict().items()}
    whiten, mean = state["whitening.matrix"], state["whitening.mean"]
    learned = state["ridge"] + 0.1 * state["scale"] * state["correction"]
    encode = state["encode.0.weight"]
    seen, by_species = encode[:, : len(whiten)].T, encode[:, len(whiten) :].T
    weights = {
        "encode": whiten @ seen,
        "encode_bias": state["encode.0.bias"] + by_species - mean @ whiten @ seen,
        "mix": state["encode.2.weight"].T,
        "mix_bias": state["encode.2.bias"],
        "decode": state["decode.0.weight"].T,
        "decode_bias": state["decode.0.bias"],
        "readout": state["scale"] * state["decode.2.weight"],
        "linear": learned @ whiten.T,
        "masses": model.masses.double().cpu().numpy(),
    }
    return {name: np.ascontiguousarray(value) for name, value in weights.items()}
