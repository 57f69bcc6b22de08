"""Atoms in cells of every kind, and lists of pairs in a form that can be compared."""

from collections.abc import Callable

import numpy as np
import pytest

from longstride.graph import FAR, Pairs

PairList = list[tuple[int, int, tuple[float, ...]]]

CELLS = {
    "cubic": np.diag([8.0, 8.0, 8.0]),
    "triclinic": np.array([[9.5, 0.0, 0.0], [3.5, 8.0, 0.0], [-2.8, 2.1, 8.8]]),
    "small": np.array([[2.9, 0.0, 0.0], [0.4, 3.1, 0.0], [-0.3, 0.2, 3.3]]),
    "flat": np.array([[10.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 2.7]]),
}


@pytest.fixture(params=sorted(CELLS))
def cell(request: pytest.FixtureRequest) -> np.ndarray:
    """Cell vectors as rows in Å; in the small ones a pair occurs in several images."""
    return CELLS[request.param].copy()


@pytest.fixture
def atoms_in() -> Callable[..., np.ndarray]:
    """Random positions in a cell, none closer than chance has it."""

    def make(cell: np.ndarray, n_atoms: int | None = None, seed: int = 0) -> np.ndarray:
        count = n_atoms or max(int(abs(np.linalg.det(cell)) / 15.0), 2)
        return np.random.default_rng(seed).random((count, 3)) @ cell

    return make


@pytest.fixture
def listed() -> Callable[..., PairList]:
    """The pairs of a padded list as sorted (i, j, r_ij), closer than ``within`` if that is given.

    Every empty slot is checked on the way: it points to the atom itself and lies beyond any cutoff.
    """

    def collect(pairs: Pairs, positions: np.ndarray, within: float = np.inf) -> PairList:
        vectors = pairs.vectors(positions, FAR)
        assert pairs.neighbors.shape == pairs.filled.shape == vectors.shape[:2]
        empty = ~pairs.filled
        own = np.broadcast_to(np.arange(len(positions))[:, None], empty.shape)
        assert np.array_equal(pairs.neighbors[empty], own[empty])
        np.testing.assert_array_equal(np.linalg.norm(vectors[empty], axis=-1), FAR)
        near = pairs.filled & (np.linalg.norm(vectors, axis=-1) < within)
        return sorted(
            (int(i), int(pairs.neighbors[i, k]), tuple(np.round(vectors[i, k], 8) + 0.0))
            for i, k in np.argwhere(near)
        )

    return collect
