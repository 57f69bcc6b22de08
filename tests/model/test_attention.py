"""Attention weights: a formula, a bound and a smooth cutoff."""

import pytest
import torch

from longstride.graph import Graph
from longstride.model.attention import EPSILON, Attention
from longstride.model.config import NetworkConfig
from longstride.model.edges import RadialBasis

CONFIG = NetworkConfig(radial=3, hidden=6, heads=2, key=3, value=4)
CUTOFF = 4.5


@pytest.fixture
def attention() -> Attention:
    return Attention(CONFIG, CONFIG.radial).double()


def pair(distance: float) -> Graph:
    """Two atoms, seen along x."""
    vectors = torch.zeros(2, 3, 1, dtype=torch.float64)
    vectors[0, 0, 0], vectors[1, 0, 0] = distance, -distance
    return Graph(vectors, torch.tensor([[1], [0]]), torch.zeros(2, dtype=torch.int64))


def test_messages_are_the_formula(attention, make_graph) -> None:
    graph, _ = make_graph(n_species=1)
    edges = RadialBasis(3, 1, 2.0, CUTOFF)(graph.vectors, None)
    hidden = torch.randn(24, CONFIG.hidden, dtype=torch.float64)
    carried = torch.randn(24, 2, 3, dtype=torch.float64)
    scalars, vectors = attention(hidden, graph, edges, carried)
    queries = attention.queries(hidden).view(24, 2, 3)
    keys, values = attention.keys_values(hidden).split([6, 4], -1)
    i, neighbors = 9, graph.neighbors[9]
    for head in range(2):
        weights, total = [], EPSILON
        for k, j in enumerate(neighbors):
            logit = queries[i, head] @ keys[j].view(2, 3)[head] / 3**0.5
            logit = logit + attention.bias[head] @ edges.radial[i, :, k]
            weight = edges.envelope[i, k] * torch.exp(3 * torch.tanh(logit / 3))
            weights.append(weight)
            total = total + weight
        scalar = sum(w / total * values[j] for w, j in zip(weights, neighbors, strict=True))
        torch.testing.assert_close(scalars[i, 4 * head : 4 * head + 4], scalar)
        vector = sum(
            w / total * torch.outer(values[j], edges.directions[i, :, k])
            for k, (w, j) in enumerate(zip(weights, neighbors, strict=True))
        )
        torch.testing.assert_close(vectors[i, 4 * head : 4 * head + 4], vector)
        received = sum(w / total * carried[j] for w, j in zip(weights, neighbors, strict=True))
        torch.testing.assert_close(vectors[i, 8 + 2 * head : 10 + 2 * head], received)


@torch.no_grad()
def test_messages_fade_out_at_the_cutoff(attention) -> None:
    basis = RadialBasis(3, 1, 2.0, CUTOFF)
    hidden = torch.randn(2, CONFIG.hidden, dtype=torch.float64)

    def size(distance: float) -> float:
        graph = pair(distance)
        return float(attention(hidden, graph, basis(graph.vectors, None))[0].abs().max())

    assert size(CUTOFF) == size(CUTOFF + 1.0) == 0.0
    assert 0 < size(CUTOFF - 1e-3) < 1e-6
    assert size(2.5) > 1e-2


def test_messages_are_bounded_by_the_values(attention, make_graph) -> None:
    """Weights are positive and sum to less than one, whatever the logits."""
    graph, _ = make_graph(n_species=1)
    edges = RadialBasis(3, 1, 2.0, CUTOFF)(graph.vectors, None)
    hidden = 1e6 * torch.randn(24, CONFIG.hidden, dtype=torch.float64)
    _, values = attention.keys_values(hidden).split([6, 4], -1)
    scalars, _ = attention(hidden, graph, edges)
    assert torch.isfinite(scalars).all()
    assert scalars.abs().max() < values.abs().max()
