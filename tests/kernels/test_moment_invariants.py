"""Compiled invariants of moments and their derivatives against torch's own."""

import pytest
import torch

from longstride.kernels.moment_invariants import CompiledInvariants
from longstride.kernels.native import load_native
from longstride.model.edges import ORDERS


def by_torch(moments: torch.Tensor) -> torch.Tensor:
    """Scalar moments, then the products of every two, contracted order by order."""
    channels = moments.shape[1]
    first, second = torch.triu_indices(channels, channels)
    products = [
        (part @ part.transpose(1, 2))[:, first, second] for part in moments.split(ORDERS, -1)
    ]
    return torch.cat([moments[:, :, 0], *products], 1)


def all_derivatives(function, moments, by, along):
    """Invariants, the gradient of their weighted sum, and the gradients of that gradient's."""
    moments, by = moments.clone().requires_grad_(), by.clone().requires_grad_()
    values = function(moments)
    (slopes,) = torch.autograd.grad(values, moments, by, create_graph=True)
    return values, slopes, *torch.autograd.grad((slopes * along).sum(), (moments, by))


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize(("atoms", "channels"), [(1, 1), (16, 3), (37, 9)])
def test_derivatives_are_torchs(atoms: int, channels: int, dtype: torch.dtype) -> None:
    torch.manual_seed(atoms)
    native = load_native()
    assert native is not None, "the C++ kernel was not compiled: is there a compiler?"
    moments = torch.randn(atoms, channels, 9, dtype=dtype)
    count = by_torch(moments).shape[1]
    by, along = torch.randn(atoms, count, dtype=dtype), torch.randn_like(moments)
    compiled = CompiledInvariants(channels, count, native, threads=2)
    expected = all_derivatives(by_torch, moments, by, along)
    got = all_derivatives(compiled, moments, by, along)
    for one, other in zip(got, expected, strict=True):
        tolerance = {torch.float64: 1e-14, torch.float32: 1e-6}[dtype]
        assert (one - other).abs().max() <= tolerance * other.abs().max()


def test_lengths_that_do_not_match() -> None:
    native = load_native()
    assert native is not None
    with pytest.raises(ValueError, match="differ in length"):
        CompiledInvariants(2, 5, native, 1)(torch.zeros(3, 2, 9))
