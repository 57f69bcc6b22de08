"""Moments and their algebra against plain loops and 3x3 matrices."""

import numpy as np
import pytest
import torch
from torch import Tensor

from longstride.model.edges import apply_tensor, symmetric, traceless
from longstride.model.scalars import SiteScalars
from longstride.model.vector_features import SPEED, VectorFeatures
from longstride.model.whitening import soft_clip, soft_clip_norm


def matrix(components: Tensor) -> np.ndarray:
    """3x3 matrices of symmetric tensors in six orthonormal components (last axis)."""
    xx, yy, zz, xy, xz, yz = components.detach().numpy().T
    xy, xz, yz = xy / np.sqrt(2), xz / np.sqrt(2), yz / np.sqrt(2)
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]).transpose(
        *range(2, xx.ndim + 2)[::-1], 0, 1
    )


def sym(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Symmetrised traceless outer product."""
    outer = 0.5 * (np.outer(a, b) + np.outer(b, a))
    return outer - np.trace(outer) / 3 * np.eye(3)


@pytest.fixture
def numbers() -> Tensor:
    return torch.randn(5, 3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def test_symmetric_products_are_matrices(numbers) -> None:
    a, b = numbers, numbers.flip(0)
    got = matrix(symmetric(a, b).transpose(1, 2))
    for i in range(5):
        for k in range(4):
            x, y = a[i, :, k].numpy(), b[i, :, k].numpy()
            np.testing.assert_allclose(got[i, k], 0.5 * (np.outer(x, y) + np.outer(y, x)))


def test_components_are_orthonormal(numbers) -> None:
    """The dot product of components is the contraction of matrices."""
    tensors = symmetric(numbers, numbers.flip(0)).transpose(1, 2)
    contraction = np.einsum("nkab,nkab->nk", matrix(tensors), matrix(tensors))
    np.testing.assert_allclose(tensors.square().sum(-1), contraction)


def test_traceless_removes_the_trace_alone(numbers) -> None:
    tensors = symmetric(numbers, numbers.flip(0)).transpose(1, 2)
    before, after = matrix(tensors), matrix(traceless(tensors))
    third = np.trace(before, axis1=-2, axis2=-1)[..., None, None] / 3
    np.testing.assert_allclose(after, before - third * np.eye(3))


def test_apply_tensor_is_a_matrix_product(numbers) -> None:
    tensors = symmetric(numbers, numbers.flip(0)).transpose(1, 2)
    vectors = numbers.flip(1).transpose(1, 2)
    expected = np.einsum("nkab,nkb->nka", matrix(tensors), vectors.numpy())
    np.testing.assert_allclose(apply_tensor(tensors, vectors), expected)


def test_moments_of_the_staged_map_are_sums_over_neighbours(make_config, make_graph) -> None:
    graph, velocities = make_graph()
    features = VectorFeatures(make_config("staged")).double()
    edges = features.edges(graph)
    moments = features.moments(graph, edges, velocities)
    tensors = matrix(moments.tensors)
    n_channels = features.channels
    relative = graph.differences(velocities).numpy() / SPEED
    for i in (0, 7, 23):
        scalars, vectors = np.zeros((n_channels, 2)), np.zeros((n_channels, 3, 3))
        expected = np.zeros((n_channels, 2, 3, 3))
        for k in range(graph.neighbors.shape[1]):
            r, c = graph.vectors[i, :, k].numpy(), relative[i, :, k]
            u = r / np.linalg.norm(r)
            for channel in range(n_channels):
                weight = float(edges.radial[i, channel, k])
                scalars[channel] += weight * np.array([1.0, u @ c])
                vectors[channel] += weight * np.array([u, c, u * (u @ c)])
                expected[channel] += weight * np.array([sym(u, u), sym(u, c)])
        np.testing.assert_allclose(moments.scalars[i].reshape(-1, 2), scalars, atol=1e-12)
        np.testing.assert_allclose(moments.vectors[i].reshape(-1, 3, 3), vectors, atol=1e-12)
        np.testing.assert_allclose(tensors[i].reshape(-1, 2, 3, 3), expected, atol=1e-12)


def test_invariants_of_the_kicks_are_contractions_of_moments(make_config, make_graph) -> None:
    graph, _ = make_graph()
    scalars = SiteScalars(make_config("kicks"), 2).double()
    edges = scalars.basis.of(graph)
    got = scalars.invariants(graph)
    n_channels = scalars.basis.channels
    for i in (0, 11):
        moments = [(np.zeros(()), np.zeros(3), np.zeros((3, 3))) for _ in range(n_channels)]
        for k in range(graph.neighbors.shape[1]):
            r = graph.vectors[i, :, k].numpy()
            u = r / np.linalg.norm(r)
            for channel, (zero, one, two) in enumerate(moments):
                weight = float(edges.radial[i, channel, k])
                moments[channel] = (zero + weight, one + weight * u, two + weight * sym(u, u))
        expected = [float(moment[0]) for moment in moments]
        for order in range(3):
            for a in range(n_channels):
                for b in range(a, n_channels):
                    expected.append(float(np.sum(moments[a][order] * moments[b][order])))
        np.testing.assert_allclose(got[i], expected, atol=1e-12)


def test_ridge_rows_are_vectors_products_and_two_hop_sums(make_config, make_graph) -> None:
    graph, velocities = make_graph()
    features = VectorFeatures(make_config("staged")).double()
    edges, moments = features(graph, velocities)
    rows = features.ridge_rows(graph, edges, moments)
    assert rows.shape == (24, features.n_ridge, 3)
    i, tensors = 5, matrix(moments.tensors)
    scalars, vectors = moments.scalars[i].numpy(), moments.vectors.numpy()
    expected = [*vectors[i]]
    expected += [scalar * vector for scalar in scalars for vector in vectors[i]]
    expected += [tensor @ vector for tensor in tensors[i] for vector in vectors[i]]
    neighbours = graph.neighbors[i].numpy()
    for channel in range(features.channels):
        weights = edges.radial[i, channel].numpy()
        expected += [*np.einsum("k,kfx->fx", weights, vectors[neighbours])]
    np.testing.assert_allclose(rows[i], expected, atol=1e-12)


def test_soft_clips_bound_and_leave_small_values(numbers) -> None:
    assert float(soft_clip(1e6 * numbers).abs().max()) <= 3.0
    assert float(soft_clip_norm(1e6 * numbers).norm(dim=-1).max()) <= 3.0
    small = 1e-3 * numbers
    torch.testing.assert_close(soft_clip(small), small, rtol=1e-5, atol=0)
    torch.testing.assert_close(soft_clip_norm(small), small, rtol=1e-5, atol=0)
    # The second keeps directions.
    large = soft_clip_norm(1e3 * numbers)
    torch.testing.assert_close(
        large / large.norm(dim=-1, keepdim=True), numbers / numbers.norm(dim=-1, keepdim=True)
    )
