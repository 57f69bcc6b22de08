"""Features and messages are the irreducible representations they should be: e3nn is the oracle."""

import pytest
import torch
from e3nn import o3
from e3nn.io import CartesianTensor
from torch import Tensor

from longstride.model.attention import Attention
from longstride.model.edges import symmetric, traceless
from longstride.model.vector_features import VectorFeatures

ANGLES = torch.tensor([0.7, -1.9], dtype=torch.float64)
TURN = o3.matrix_z(ANGLES[0]) @ o3.matrix_x(ANGLES[1])
turns = pytest.mark.parametrize("turn", [TURN, -TURN], ids=["rotation", "rotation-inversion"])


@pytest.fixture(autouse=True)
def _double() -> None:
    previous = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(previous)


def as_irreps(tensors: Tensor) -> Tensor:
    """Symmetric tensors in six components as e3nn's 0e + 2e: (..., 6)."""
    xx, yy, zz, xy, xz, yz = tensors.unbind(-1)
    xy, xz, yz = xy / 2**0.5, xz / 2**0.5, yz / 2**0.5
    rows = [torch.stack(row, -1) for row in ([xx, xy, xz], [xy, yy, yz], [xz, yz, zz])]
    return CartesianTensor("ij=ji").from_cartesian(torch.stack(rows, -2))


def features(config, graph, velocities: Tensor) -> VectorFeatures:
    """Features whitened with the system's own moments."""
    made = VectorFeatures(config).double()
    moments = made.moments(graph, made.edges(graph), velocities)
    for part, values in zip((made.scalars, made.vectors, made.tensors), moments, strict=True):
        part.fit(values, graph.species)
    return made


@turns
def test_whitened_features_are_0e_1o_and_2e(make_config, make_graph, turn: Tensor) -> None:
    graph, velocities = make_graph()
    turned_graph, turned_velocities = make_graph(turn=turn.numpy())
    made = features(make_config("staged"), graph, velocities)
    _, moments = made(graph, velocities)
    _, turned = made(turned_graph, turned_velocities)
    torch.testing.assert_close(turned.scalars, moments.scalars, rtol=0, atol=1e-8)
    one = o3.Irrep("1o").D_from_matrix(turn)
    torch.testing.assert_close(turned.vectors, moments.vectors @ one.T, rtol=0, atol=1e-8)
    irreps, turned_irreps = as_irreps(moments.tensors), as_irreps(turned.tensors)
    torch.testing.assert_close(irreps[..., 0], torch.zeros(24, 12), rtol=0, atol=1e-8)
    two = o3.Irrep("2e").D_from_matrix(turn)
    expected = irreps[..., 1:] @ two.T
    assert expected.abs().max() > 1
    torch.testing.assert_close(turned_irreps[..., 1:], expected, rtol=0, atol=1e-8)


@turns
def test_attention_sends_0e_and_1o(make_config, make_graph, turn: Tensor) -> None:
    config = make_config("staged")
    graph, velocities = make_graph()
    turned_graph, _ = make_graph(turn=turn.numpy())
    made = features(config, graph, velocities)
    attention = Attention(config.network, made.channels).double()
    hidden, carried = torch.randn(24, config.network.hidden), torch.randn(24, 5, 3)
    one = o3.Irrep("1o").D_from_matrix(turn)
    scalars, vectors = attention(hidden, graph, made.edges(graph), carried)
    got_scalars, got_vectors = attention(
        hidden, turned_graph, made.edges(turned_graph), carried @ one.T
    )
    assert vectors.shape == (24, attention.n_messages + config.network.heads * 5, 3)
    assert scalars.shape == (24, attention.n_messages)
    torch.testing.assert_close(got_scalars, scalars)
    torch.testing.assert_close(got_vectors, vectors @ one.T)


def test_tensors_of_directions_are_spherical_harmonics(make_graph) -> None:
    graph, _ = make_graph()
    directions = graph.vectors / graph.vectors.norm(dim=1, keepdim=True)
    ours = as_irreps(traceless(symmetric(directions, directions).transpose(1, 2)))[..., 1:]
    theirs = o3.spherical_harmonics(2, directions.transpose(1, 2), True, normalization="norm")
    # |uu - 1/3|² = 2/3, and the harmonics have norm one.
    torch.testing.assert_close(ours, (2 / 3) ** 0.5 * theirs)
