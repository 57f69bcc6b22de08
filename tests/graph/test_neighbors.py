"""Neighbour lists against two oracles: ASE's own and a sum over all images."""

from itertools import product

import numpy as np
import pytest
from ase import Atoms
from ase.neighborlist import neighbor_list
from scipy.spatial.transform import Rotation

from longstride.errors import RolloutError
from longstride.graph import find_pairs, find_pairs_over

PERIODIC = np.ones(3, dtype=bool)
TURNS = {
    "as it is": np.eye(3),
    "turned": Rotation.random(random_state=4).as_matrix(),
    "mirrored": -Rotation.random(random_state=9).as_matrix(),
}
turns = pytest.mark.parametrize("turn", TURNS.values(), ids=list(TURNS))
cutoffs = pytest.mark.parametrize("cutoff", [1.3, 3.0, 5.3])


def rounded(i: int, j: int, vector: np.ndarray) -> tuple[int, int, tuple[float, ...]]:
    return int(i), int(j), tuple(np.round(vector, 8) + 0.0)


def image_sum(positions: np.ndarray, cell: np.ndarray, pbc: np.ndarray, cutoff: float) -> list:
    """Every pair of every image that could matter, by comparing distances."""
    # Positions lie inside the cell: images farther than this are farther than the cutoff.
    heights = 1.0 / np.linalg.norm(np.linalg.inv(cell), axis=0)
    reach = np.where(pbc, np.ceil(cutoff / heights).astype(int) + 1, 0)
    found = []
    for image in product(*(range(-n, n + 1) for n in reach)):
        for i, j in product(range(len(positions)), repeat=2):
            vector = positions[j] + np.array(image) @ cell - positions[i]
            if np.linalg.norm(vector) < cutoff and (i != j or any(image)):
                found.append(rounded(i, j, vector))
    return sorted(found)


@turns
@cutoffs
def test_periodic_pairs_are_ases(atoms_in, listed, cell, turn, cutoff: float) -> None:
    positions, cell = atoms_in(cell) @ turn.T, cell @ turn.T
    atoms = Atoms("H" * len(positions), positions=positions, cell=cell, pbc=True)
    expected = sorted(map(rounded, *neighbor_list("ijD", atoms, cutoff)))
    assert listed(find_pairs(positions, cell, PERIODIC, cutoff), positions) == expected


@pytest.mark.parametrize("pbc", list(product([False, True], repeat=3)), ids=str)
def test_partly_periodic_pairs_are_those_of_the_images(atoms_in, listed, cell, pbc) -> None:
    positions, pbc, cutoff = atoms_in(cell, 3), np.array(pbc), 4.1
    got = listed(find_pairs(positions, cell, pbc, cutoff), positions)
    assert got == image_sum(positions, cell, pbc, cutoff)


def test_a_pair_occurs_in_several_images(listed) -> None:
    """Simple cubic with one atom: 6 + 12 + 8 images of itself."""
    positions = np.array([[0.2, 0.4, 0.6]])
    pairs = find_pairs(positions, 3.0 * np.eye(3), PERIODIC, 5.5)
    assert len(listed(pairs, positions)) == 26
    assert set(pairs.neighbors.ravel()) == {0}


def test_unwrapped_positions_have_the_vectors_of_wrapped_ones(atoms_in, listed, cell) -> None:
    positions = atoms_in(cell)
    images = np.random.default_rng(1).integers(-4, 5, positions.shape)
    far = positions + images @ cell
    expected = listed(find_pairs(positions, cell, PERIODIC, 4.0), positions)
    assert listed(find_pairs(far, cell, PERIODIC, 4.0), far) == expected


def test_lists_are_full_and_antisymmetric(atoms_in, listed, cell) -> None:
    positions = atoms_in(cell)
    pairs = listed(find_pairs(positions, cell, PERIODIC, 4.0), positions)
    mirrored = [(j, i, tuple(-np.array(vector) + 0.0)) for i, j, vector in pairs]
    assert sorted(mirrored) == pairs


@pytest.mark.parametrize("multiple", [1, 8, 13])
def test_slots_are_a_multiple_that_holds_the_fullest_atom(atoms_in, cell, multiple: int) -> None:
    pairs = find_pairs(atoms_in(cell), cell, PERIODIC, 4.0, multiple=multiple)
    fullest, slots = pairs.filled.sum(1).max(), pairs.filled.shape[1]
    assert slots % multiple == 0
    assert 0 <= slots - fullest < multiple


@pytest.mark.parametrize("pbc", [PERIODIC, ~PERIODIC], ids=["periodic", "open"])
def test_isolated_atoms_have_empty_slots_only(listed, pbc) -> None:
    positions = np.array([[1.0, 1.0, 1.0], [11.0, 1.0, 1.0]])
    for pairs in (
        find_pairs(positions, 20.0 * np.eye(3), pbc, 5.0),
        find_pairs_over([positions, positions + 0.1], 20.0 * np.eye(3), pbc, 5.0),
    ):
        assert listed(pairs, positions) == []
        assert pairs.neighbors.shape[1] > 0


def test_open_system_needs_no_cell(listed) -> None:
    positions = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    pairs = find_pairs(positions, np.zeros((3, 3)), ~PERIODIC, 5.0)
    assert [(i, j) for i, j, _ in listed(pairs, positions)] == [(0, 1), (1, 0)]


def test_slab_needs_no_third_cell_vector(listed) -> None:
    """ASE's convention: a direction that is not periodic may have a cell vector of zero."""
    positions = np.array([[0.0, 0.0, 0.0], [1.0, 1.5, 2.0]])
    pbc = np.array([True, True, False])
    cell = np.diag([3.0, 3.5, 0.0])
    expected = image_sum(positions, np.diag([3.0, 3.5, 50.0]), pbc, 4.5)
    assert listed(find_pairs(positions, cell, pbc, 4.5), positions) == expected


def test_search_is_deterministic(atoms_in, cell) -> None:
    positions = atoms_in(cell)
    one, other = (find_pairs(p, cell, PERIODIC, 5.0) for p in (positions, positions.copy()))
    for field in ("neighbors", "shifts", "filled"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


def test_search_leaves_its_input_alone(atoms_in, cell) -> None:
    positions = atoms_in(cell)
    kept, kept_cell = positions.copy(), cell.copy()
    find_pairs(positions, cell, PERIODIC, 4.0).vectors(positions, 100.0)
    np.testing.assert_array_equal(positions, kept)
    np.testing.assert_array_equal(cell, kept_cell)


@pytest.mark.parametrize("step", [0.0, 0.3, 1.5])
def test_union_holds_the_pairs_of_every_frame_and_no_other(
    atoms_in, listed, cell, step: float
) -> None:
    """Between frames the atoms move by up to several Å, and leave the cell."""
    rng, cutoff = np.random.default_rng(3), 3.2
    frames = [atoms_in(cell)]
    for _ in range(3):
        frames.append(frames[-1] + step * rng.standard_normal(frames[0].shape))
    union = find_pairs_over(frames, cell, PERIODIC, cutoff)
    once_inside = np.zeros_like(union.filled)
    for frame in frames:
        vectors = union.vectors(frame, 100.0)
        once_inside |= np.linalg.norm(vectors, axis=-1) < cutoff
        expected = listed(find_pairs(frame, cell, PERIODIC, cutoff), frame)
        assert listed(union, frame, within=cutoff) == expected
    np.testing.assert_array_equal(once_inside, union.filled)


def test_union_of_one_frame_is_its_list(atoms_in, cell) -> None:
    positions = atoms_in(cell)
    alone = find_pairs(positions, cell, PERIODIC, 4.0)
    union = find_pairs_over([positions], cell, PERIODIC, 4.0)
    np.testing.assert_array_equal(union.neighbors, alone.neighbors)
    np.testing.assert_array_equal(union.shifts, alone.shifts)


def test_union_follows_one_fast_atom(listed) -> None:
    """The reach of the search is that of the two fastest atoms, not of the average one."""
    start = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 15.0, 0.0]])
    end = start + np.array([[7.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    pairs = find_pairs_over([start, end], 30.0 * np.eye(3), PERIODIC, 2.5)
    assert [(i, j) for i, j, _ in listed(pairs, start)] == [(0, 1), (1, 0)]


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("pbc", [PERIODIC, ~PERIODIC], ids=["periodic", "open"])
def test_position_or_cell_that_is_not_finite_is_refused(value: float, pbc) -> None:
    positions, cell = np.zeros((3, 3)) + [[0.0], [2.0], [4.0]], 9.0 * np.eye(3)
    positions[1, 2] = value
    with pytest.raises(RolloutError, match="atom 1 is at"):
        find_pairs(positions, cell, pbc, 3.0)
    with pytest.raises(RolloutError, match="atom 1 is at"):
        find_pairs_over([positions], cell, pbc, 3.0)
    positions[1, 2], cell[0, 0] = 2.0, value
    with pytest.raises(RolloutError, match="the cell is not finite"):
        find_pairs(positions, cell, pbc, 3.0)


@pytest.mark.parametrize("pbc", [(False, False, False), (True, True, False)], ids=str)
def test_open_system_that_flew_apart_is_refused(pbc) -> None:
    """The search would take minutes, or end the process."""
    positions = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 1e6]])
    with pytest.raises(RolloutError, match=r"1e\+06 Å apart"):
        find_pairs(positions, 9.0 * np.eye(3), np.array(pbc), 5.0)


def test_periodic_atoms_may_wander_far(listed) -> None:
    positions = np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 9e6]])
    pairs = find_pairs(positions, 9.0 * np.eye(3), PERIODIC, 3.0)
    assert [(i, j) for i, j, _ in listed(pairs, positions)] == [(0, 1), (1, 0)]
