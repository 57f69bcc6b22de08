"""Compiled moments and their derivatives against torch's own."""

from copy import deepcopy

import pytest
import torch

from longstride.graph import FAR, Graph
from longstride.kernels.compiled_features import compile_features
from longstride.kernels.edge_moments import CompiledMoments
from longstride.kernels.native import load_native
from longstride.model import KickDriftMap, ModelConfig, NetworkConfig, build_model
from longstride.model.edges import RadialBasis, moments


def compiled_moments(basis: RadialBasis, threads: int = 1) -> CompiledMoments:
    native = load_native()
    assert native is not None, "the C++ kernel was not compiled: is there a compiler?"
    return CompiledMoments(basis, native, threads)


def all_derivatives(function, vectors, given, along):
    """Moments, the gradient of their weighted sum, and the gradients of that gradient's."""
    vectors, given = vectors.clone().requires_grad_(), given.clone().requires_grad_()
    values = function(vectors)
    (slopes,) = torch.autograd.grad(values, vectors, given, create_graph=True)
    return values, slopes, *torch.autograd.grad((slopes * along).sum(), (vectors, given))


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("n_species", [1, 3])
@pytest.mark.parametrize("slots", [1, 11, 16, 40])
def test_derivatives_are_torchs(slots: int, n_species: int, dtype: torch.dtype) -> None:
    torch.manual_seed(slots)
    basis = RadialBasis(5, n_species, 2.0, 5.0)
    vectors = 2.2 * torch.randn(7, 3, slots, dtype=dtype)
    vectors = vectors * (1.0 + 1.0 / vectors.norm(dim=1, keepdim=True))
    if slots > 3:
        vectors[:, :, -2:] = torch.tensor([FAR, 0.0, 0.0], dtype=dtype)[:, None]
    species = torch.randint(0, n_species, (7, slots))
    given = torch.randn(7, basis.channels, 9, dtype=dtype)
    along = torch.randn_like(vectors)
    compiled = compiled_moments(basis, threads=2)
    expected = all_derivatives(lambda x: moments(basis(x, species)), vectors, given, along)
    got = all_derivatives(lambda x: compiled(x, species), vectors, given, along)
    for one, other in zip(got, expected, strict=True):
        tolerance = {torch.float64: 1e-13, torch.float32: 1e-5}[dtype]
        assert (one - other).abs().max() <= tolerance * other.abs().max()


def test_training_gradients_of_a_model() -> None:
    """The same loss gradients with and without; copies of a model keep what it uses."""
    torch.manual_seed(1)
    config = ModelConfig(
        species=(13, 29),
        masses=(26.98, 63.55),
        stage_times=(10.0,),
        substeps=1,
        cutoff=4.5,
        network=NetworkConfig(radial=4, hidden=8, attention=False),
    )
    model = build_model(config).double()
    assert isinstance(model, KickDriftMap)
    torch.nn.init.normal_(model.scalars.correction)
    vectors = 2.0 * torch.randn(6, 3, 9, dtype=torch.float64)

    graph = Graph(vectors, torch.randint(0, 6, (6, 9)), torch.randint(0, 2, (6,)))
    velocities = 1e-3 * torch.randn(6, 3, dtype=torch.float64)
    other = deepcopy(model)
    assert compile_features(other, 1)
    other = deepcopy(other)
    assert other.scalars.compiled is not None
    for each in (model, other):
        each(graph, velocities).displacement.square().sum().backward()
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert (one.grad is None) == (two.grad is None)
        if one.grad is not None:
            torch.testing.assert_close(two.grad, one.grad, rtol=1e-9, atol=1e-15)


def test_other_maps_are_left_alone() -> None:
    config = ModelConfig(map="staged", species=(13,), masses=(26.98,), stage_times=(20.0,))
    assert not compile_features(build_model(config), 1)
