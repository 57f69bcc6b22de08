"""Lists with a skin: complete as long as they are kept, renewed when they must be."""

import numpy as np
import pytest

from longstride.errors import RolloutError
from longstride.graph import SkinnedPairs, make_pair_list
from longstride.graph.pair_list import SKIN

CELL = np.array([[9.5, 0.0, 0.0], [1.5, 9.0, 0.0], [-0.8, 1.1, 9.8]])
PBC = np.ones(3, dtype=bool)
CUTOFF = 3.2


def inside(pairs, positions: np.ndarray) -> list[tuple[int, ...]]:
    """Atoms and rounded vectors of the pairs inside the cutoff, in the list's order."""
    first = np.repeat(np.arange(len(positions)), np.diff(pairs.offsets))
    vectors = positions[pairs.neighbors] + pairs.shifts - positions[first]
    near = np.linalg.norm(vectors, axis=1) < CUTOFF
    rows = np.round(1e6 * vectors[near]).astype(int) + 0
    return [(*p,) for p in np.c_[first[near], pairs.neighbors[near], rows].tolist()]


def test_kept_lists_hold_every_pair_in_the_order_of_a_new_one() -> None:
    rng = np.random.default_rng(1)
    positions = rng.uniform(0.0, 1.0, (40, 3)) @ CELL
    search, lists = SkinnedPairs(CUTOFF), set()
    for _ in range(60):
        pairs = search.at(positions, CELL, PBC)
        lists.add(id(pairs))
        assert inside(pairs, positions) == inside(
            make_pair_list(positions, CELL, PBC, CUTOFF), positions
        )
        positions = positions + 0.1 * rng.standard_normal(positions.shape)
    assert 1 < len(lists) < 60


def test_small_cells_keep_the_order_of_images() -> None:
    cell = np.diag([2.9, 3.0, 3.1])
    positions = np.array([[0.1, 0.2, 0.3], [1.5, 1.4, 1.6]])
    wide = make_pair_list(positions, cell, PBC, 3.0 * CUTOFF)
    assert inside(wide, positions) == inside(
        make_pair_list(positions, cell, PBC, CUTOFF), positions
    )


def test_width_is_the_most_crowded_atoms() -> None:
    positions = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    pairs = make_pair_list(positions, 50.0 * np.eye(3), PBC, 1.5)
    assert pairs.width == 2
    assert np.diff(pairs.offsets).tolist() == [1, 2, 1]


@pytest.mark.parametrize("change", ["cell", "pbc", "moved"])
def test_new_surroundings_make_a_new_list(change: str) -> None:
    rng = np.random.default_rng(3)
    positions = rng.uniform(0.0, 1.0, (20, 3)) @ CELL
    search = SkinnedPairs(CUTOFF)
    first = search.at(positions, CELL, PBC)
    assert search.at(positions.copy(), CELL.copy(), PBC.copy()) is first
    moved = positions.copy()
    moved[4, 1] += 0.51 * SKIN * (change == "moved")
    cell = CELL * (1.01 if change == "cell" else 1.0)
    pbc = np.array([True, True, change != "pbc"])
    assert search.at(moved, cell, pbc) is not first


def test_positions_that_are_not_finite_are_refused() -> None:
    search = SkinnedPairs(CUTOFF)
    positions = np.random.default_rng(0).uniform(0.0, 9.0, (10, 3))
    search.at(positions, CELL, PBC)
    positions[3, 2] = np.nan
    with pytest.raises(RolloutError, match="atom 3"):
        search.at(positions, CELL, PBC)
