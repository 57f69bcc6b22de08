"""Kicks with attention by compiled passes over the atoms, in threads."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from longstride.graph import PairList, SkinnedPairs
from longstride.kernels.edges import sum_forces
from longstride.kernels.passes import exchange, inform, return_
from longstride.kernels.site_weights import shape_of, site_weights
from longstride.kernels.workspace import Atoms, new_atoms
from longstride.model import KickDriftMap

Array = NDArray[np.float64]

FEWEST_ATOMS = 64
"""Atoms that are worth a thread."""


class FusedKick:
    """Computes the kicks of one model.

    The result depends on positions, species and pairs inside the cutoff alone, bit for bit, as long
    as the number of threads stays the same.

    Args:
        model: a kick–drift map with attention.
        dtype: arithmetic of the network; differences of positions are taken in float64.
        threads: of the processor.
    """

    def __init__(self, model: KickDriftMap, *, dtype: type[np.floating[Any]], threads: int) -> None:
        self._shape = shape_of(model)
        self._weights = site_weights(model, dtype)
        self._sequence = model.sequence
        self._masses = model.masses.double().cpu().numpy()
        self._dtype, self._threads = dtype, max(threads, 1)
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="kick")
        self._blas = ThreadpoolController()
        self._atoms: Atoms | None = None
        self._pairs = SkinnedPairs(model.config.cutoff)

    @classmethod
    def of(cls, model: KickDriftMap, *, double: bool = False) -> Self | None:
        """The compiled form of a model on as many threads as torch has; None for other kinds."""
        if model.scalars.attention is None or model.scalars.bounds_hidden:
            return None
        dtype = np.float64 if double else np.float32
        return cls(model, dtype=dtype, threads=torch.get_num_threads())

    def at(
        self,
        positions: Array,
        species: NDArray[np.int64],
        cell: Array,
        pbc: NDArray[np.bool_],
        index: int,
    ) -> Array:
        """Velocity change (N, 3) in Å/fs of kick ``index`` of a substep in this cell.

        Raises:
            RolloutError: a position or the cell is not finite, or an open system has flown apart.
        """
        return self(positions, species, self._pairs.at(positions, cell, pbc), index)

    def __call__(
        self, positions: Array, species: NDArray[np.int64], pairs: PairList, index: int
    ) -> Array:
        """Velocity change (N, 3) in Å/fs of kick ``index`` of a substep at these positions.

        Args:
            positions: (N, 3) in Å, finite.
            species: (N,) index of each atom's species in the model's list.
            pairs: a list that holds every pair inside the model's cutoff.
            index: position of the kick in the palindrome.
        """
        n_atoms = len(positions)
        atoms = self._workspace(n_atoms, pairs.width)
        parts = min(self._threads, max(n_atoms // FEWEST_ATOMS, 1))
        bounds = np.linspace(0, n_atoms, parts + 1).astype(int).tolist()
        ranges = list(pairwise(bounds))
        arrays = (pairs.offsets, pairs.neighbors, pairs.shifts)
        number = self._sequence[index]
        sent = np.zeros((parts, *atoms.sent.shape), self._dtype)
        forces = np.zeros((parts, n_atoms, 3), self._dtype)
        kick = np.empty((n_atoms, 3))
        weights, shape = self._weights, self._shape
        with self._blas.limit(limits=1, user_api="blas"):
            self._each(
                lambda k, a, b: inform(a, b, positions, arrays, species, weights, shape, atoms),
                ranges,
            )
            self._each(
                lambda k, a, b: exchange(
                    a, b, number, species, weights, shape, atoms, sent[k], forces[k]
                ),
                ranges,
            )
            self._each(
                lambda k, a, b: return_(
                    a, b, number, species, weights, shape, atoms, sent, forces[k]
                ),
                ranges,
            )
            masses = self._masses[species]
            self._each(lambda k, a, b: sum_forces(a, b, forces, masses, kick), ranges)
        return kick

    def _each(self, work: Any, ranges: list[tuple[int, int]]) -> None:
        if len(ranges) == 1:
            work(0, *ranges[0])
            return
        futures = [self._pool.submit(work, k, a, b) for k, (a, b) in enumerate(ranges)]
        for future in futures:
            future.result()

    def _workspace(self, n_atoms: int, width: int) -> Atoms:
        atoms = self._atoms
        if atoms is None or len(atoms.neighbors) != n_atoms or atoms.neighbors.shape[1] < width:
            atoms = new_atoms(n_atoms, width, self._shape, self._weights, self._dtype)
            self._atoms = atoms
        return atoms
