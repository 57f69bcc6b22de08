"""The graph: gathering, moving, and the batch that carries it."""

import numpy as np
import pytest
import torch

from longstride.graph import FAR, Batch, Graph, find_pairs_over

PERIODIC = np.ones(3, dtype=bool)


def graph_of(pairs, positions: np.ndarray) -> Graph:
    vectors = pairs.vectors(positions, FAR).transpose(0, 2, 1).copy()
    species = torch.arange(len(positions)) % 2
    return Graph(torch.from_numpy(vectors), torch.from_numpy(pairs.neighbors), species)


@pytest.fixture
def motion(atoms_in, cell):
    """A list over two frames, the first frame and how the atoms move to the second."""
    start = atoms_in(cell)
    move = 0.4 * np.random.default_rng(2).standard_normal(start.shape)
    return find_pairs_over([start, start + move], cell, PERIODIC, 4.0), start, move


def test_moved_graph_is_the_graph_of_the_moved_atoms(motion) -> None:
    pairs, start, move = motion
    moved = graph_of(pairs, start).moved(torch.from_numpy(move))
    fresh = graph_of(pairs, start + move)
    torch.testing.assert_close(moved.vectors, fresh.vectors, rtol=0, atol=1e-13)
    assert torch.equal(moved.neighbors, fresh.neighbors)


def test_empty_slots_stay_far_however_the_atoms_move(motion) -> None:
    pairs, start, move = motion
    moved = graph_of(pairs, start).moved(torch.from_numpy(1e3 * move))
    lengths = moved.vectors.norm(dim=1)[torch.from_numpy(~pairs.filled)]
    assert torch.equal(lengths, torch.full_like(lengths, FAR))


def test_gather_and_differences_are_those_of_the_neighbours(motion) -> None:
    pairs, start, move = motion
    graph, field = graph_of(pairs, start), torch.from_numpy(move)
    gathered, differences = graph.gather(field), graph.differences(field)
    for i, row in enumerate(pairs.neighbors):
        for k, j in enumerate(row):
            assert torch.equal(gathered[i, k], field[j])
            assert torch.equal(differences[i, :, k], field[j] - field[i])


def test_batch_changes_floats_and_keeps_indices(motion) -> None:
    pairs, start, move = motion
    field = torch.from_numpy(move)
    species = torch.zeros(len(start), dtype=torch.int64)
    graph = graph_of(pairs, start)._replace(system=species)
    batch = Batch(graph, field, field[None], field[None], species).to("cpu", torch.float32)
    assert batch.graph.vectors.dtype == batch.velocities.dtype == torch.float32
    assert batch.displacement.dtype == batch.velocity.dtype == torch.float32
    assert batch.graph.neighbors.dtype == batch.graph.species.dtype == batch.group.dtype
    assert batch.graph.system is not None
    assert torch.equal(batch.graph.system, species)
