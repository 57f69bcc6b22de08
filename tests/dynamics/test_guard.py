"""Overlaps are found in any cell; blow-ups are named."""

import numpy as np
import pytest

from longstride.dynamics import closest_pair, require_sound
from longstride.errors import RolloutError
from longstride.state import State
from longstride.testsystems import fcc_lattice

CELLS = {
    "cubic": np.diag([7.0, 8.0, 9.0]),
    "triclinic": np.array([[7.0, 0.0, 0.0], [3.4, 6.5, 0.0], [-2.0, 3.0, 6.0]]),
    "left-handed": np.array([[0.0, 7.0, 0.3], [6.5, 0.0, 1.0], [1.0, 0.0, 7.0]]),
}


def random_state(cell: np.ndarray, pbc: list[bool], seed: int, n_atoms: int = 12) -> State:
    rng = np.random.default_rng(seed)
    # Unwrapped: atoms are spread over several periods.
    fractions = rng.uniform(-2.0 if all(pbc) else 0.0, 3.0 if all(pbc) else 1.0, (n_atoms, 3))
    return State(
        positions=fractions @ cell,
        velocities=np.zeros((n_atoms, 3)),
        masses=np.ones(n_atoms),
        species=np.ones(n_atoms, dtype=np.int64),
        cell=cell,
        pbc=np.array(pbc),
    )


def brute_force(state: State) -> tuple[int, int, float]:
    """The nearest pair over 11³ images."""
    ranges = [np.arange(-5, 6) if periodic else np.arange(1) for periodic in state.pbc]
    shifts = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3) @ state.cell
    first, second = np.triu_indices(state.n_atoms, 1)
    between = state.positions[second] - state.positions[first]
    distances = np.linalg.norm(between[:, None] + shifts[None], axis=2).min(axis=1)
    nearest = int(np.argmin(distances))
    return int(first[nearest]), int(second[nearest]), float(distances[nearest])


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("pbc", [[True] * 3, [True, False, True], [False] * 3], ids=str)
def test_the_nearest_pair_is_that_of_brute_force(cell: np.ndarray, pbc: list[bool]):
    for seed in range(20):
        state = random_state(cell, pbc, seed)
        first, second, distance = brute_force(state)
        found = closest_pair(state, distance * 1.01)
        assert found is not None
        assert found[:2] == (first, second)
        assert found[2] == pytest.approx(distance, rel=1e-9)
        assert closest_pair(state, distance * 0.99) is None


def test_open_directions_need_no_cell_vector():
    state = random_state(np.diag([7.0, 7.0, 0.0]), [True, True, False], seed=1)
    state = state.with_(positions=state.positions + np.arange(12)[:, None] * [0.0, 0.0, 1.0])
    tall = state.with_(cell=np.diag([7.0, 7.0, 99.0]))
    assert closest_pair(state, 3.0) == pytest.approx(closest_pair(tall, 3.0))
    nothing = state.with_(cell=np.zeros((3, 3)), pbc=np.zeros(3, dtype=bool))
    assert closest_pair(nothing, 5.0) is not None


def test_an_overlap_names_its_atoms_distance_and_time():
    state = fcc_lattice(4.05, 2).with_(time=120.0)
    require_sound(state, 1.7)
    positions = state.positions.copy()
    positions[5] = positions[0] + [1.0, 0.0, 0.0] + state.cell[1]
    with pytest.raises(RolloutError, match=r"atoms 0 and 5 overlap at t = 120 fs: 1\.000 Å"):
        require_sound(state.with_(positions=positions), 1.7)
    require_sound(state.with_(positions=positions))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e20])
def test_blow_ups_are_named(value: float):
    state = fcc_lattice(4.05, 1)
    positions = state.positions.copy()
    positions[2, 1] = value
    with pytest.raises(RolloutError, match=r"non-finite state at t = 0 fs: 1 of 4 atoms.*atom 2"):
        require_sound(state.with_(positions=positions), 1.7)
    velocities = np.full((4, 3), np.nan)
    with pytest.raises(RolloutError, match="4 of 4 atoms"):
        require_sound(state.with_(velocities=velocities), 1.7)
