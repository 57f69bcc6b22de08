"""Radial functions: smooth at the cutoff, and the same numbers as the formula in the docstring."""

import numpy as np
import pytest
import torch

from longstride.graph import FAR
from longstride.model.edges import RadialBasis

CUTOFF, INNER = 4.5, 2.0


def along_x(distances: np.ndarray) -> torch.Tensor:
    """One atom with a neighbour at each distance."""
    vectors = np.zeros((1, 3, len(distances)))
    vectors[0, 0] = distances
    return torch.from_numpy(vectors)


@pytest.fixture
def basis() -> RadialBasis:
    return RadialBasis(4, 1, INNER, CUTOFF)


def test_functions_are_gaussians_under_the_envelope(basis) -> None:
    distances = np.array([0.5, 2.0, 3.3, 4.4999])
    edges = basis(along_x(distances), None)
    width = (CUTOFF - INNER) / 4
    for k, r in enumerate(distances):
        envelope = (1 - (r / CUTOFF) ** 2) ** 3
        assert float(edges.envelope[0, k]) == pytest.approx(envelope, rel=1e-12)
        for n in range(4):
            gaussian = np.exp(-0.5 * ((r - INNER - n * width) / width) ** 2)
            assert float(edges.radial[0, n, k]) == pytest.approx(gaussian * envelope, rel=1e-12)


def test_value_slope_and_curvature_vanish_at_the_cutoff(basis) -> None:
    """Finite differences over the cutoff, second order: each derivative goes to zero with h."""

    def derivatives(h: float) -> np.ndarray:
        steps = CUTOFF + h * np.arange(-2, 3)
        edges = basis(along_x(steps), None)
        values = torch.cat([edges.radial[0], edges.envelope]).numpy()
        slope = (values[:, 3] - values[:, 1]) / (2 * h)
        curvature = (values[:, 3] - 2 * values[:, 2] + values[:, 1]) / h**2
        return np.abs(np.stack([values[:, 2], slope, curvature]))

    assert np.all(derivatives(1e-2)[0] == 0.0)
    coarse, fine = derivatives(1e-2), derivatives(1e-3)
    # Inside, the functions start as (cutoff - r)³: slopes fall as h², curvatures as h.
    np.testing.assert_array_less(fine[1], 0.02 * coarse[1])
    np.testing.assert_array_less(fine[2], 0.2 * coarse[2])
    assert fine[2].max() < 1e-2


def test_everything_beyond_the_cutoff_is_zero(basis) -> None:
    edges = basis(along_x(np.array([CUTOFF, CUTOFF + 1e-9, 2 * CUTOFF, FAR])), None)
    assert torch.count_nonzero(edges.radial) == 0
    assert torch.count_nonzero(edges.envelope) == 0


def test_derivatives_by_autograd_agree_with_finite_differences(basis) -> None:
    distances = torch.tensor([0.7, 1.9, 3.1, 4.4], dtype=torch.float64)
    vectors = along_x(distances.numpy()).requires_grad_()
    torch.autograd.gradcheck(lambda v: basis(v, None), (vectors,), eps=1e-6, atol=1e-7)


def test_empty_slots_give_no_gradient_and_no_nan(basis) -> None:
    vectors = along_x(np.array([3.0, FAR])).requires_grad_()
    basis(vectors, None).radial.sum().backward()
    assert vectors.grad is not None
    assert torch.isfinite(vectors.grad).all()
    assert torch.count_nonzero(vectors.grad[0, :, 1]) == 0


def test_each_species_has_its_own_channels() -> None:
    many, one = RadialBasis(4, 3, INNER, CUTOFF), RadialBasis(4, 1, INNER, CUTOFF)
    vectors, species = along_x(np.array([2.5, 3.0, 3.5])), torch.tensor([[2, 0, 2]])
    radial = many(vectors, species).radial.reshape(3, 4, 3)
    expected = one(vectors, None).radial[0]
    for kind in range(3):
        for slot in range(3):
            wanted = expected[:, slot] * float(species[0, slot] == kind)
            torch.testing.assert_close(radial[kind, :, slot], wanted)
