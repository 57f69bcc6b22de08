"""Whitening gives unit covariance, keeps equivariance and does not amplify what is not there."""

import numpy as np
import pytest
import torch

from longstride.model.whitening import EIGENVALUE_FLOOR, Whitening


@pytest.fixture
def correlated() -> torch.Tensor:
    """500 samples of 6 correlated features of very different size and mean."""
    rng = np.random.default_rng(2)
    mixing = np.eye(6) + 0.5 * rng.standard_normal((6, 6))
    sizes = 10.0 ** np.arange(-3, 3)
    return torch.from_numpy((rng.standard_normal((500, 6)) @ mixing + 2.0) * sizes)


def test_scalars_get_zero_mean_and_unit_covariance(correlated) -> None:
    species = torch.zeros(500, dtype=torch.int64)
    whitening = Whitening(6, 1, centered=True).double()
    whitening.fit(correlated, species)
    white = whitening(correlated, species)
    torch.testing.assert_close(white.mean(0), torch.zeros(6).double(), rtol=0, atol=1e-12)
    torch.testing.assert_close(white.T @ white / 500, torch.eye(6).double(), rtol=0, atol=1e-10)


def test_each_species_has_its_own_mean(correlated) -> None:
    species = torch.arange(500) % 3
    shifted = correlated + species[:, None] * 7.0
    whitening = Whitening(6, 4, centered=True).double()
    whitening.fit(shifted, species)
    white = whitening(shifted, species)
    for kind in range(3):
        mean = white[species == kind].mean(0)
        torch.testing.assert_close(mean, torch.zeros(6).double(), rtol=0, atol=1e-8)
    # A species that the data does not hold keeps the mean it had.
    assert torch.count_nonzero(whitening.mean[3]) == 0


def test_vectors_get_unit_covariance_over_their_components(correlated) -> None:
    vectors = correlated[:498].reshape(166, 3, 6).transpose(1, 2)
    species = torch.zeros(166, dtype=torch.int64)
    whitening = Whitening(6, 1, centered=False).double()
    whitening.fit(vectors, species)
    white = whitening(vectors, species)
    covariance = torch.einsum("nfx,ngx->fg", white, white) / 498
    torch.testing.assert_close(covariance, torch.eye(6).double(), rtol=0, atol=1e-10)
    assert torch.count_nonzero(whitening.mean) == 0


def test_directions_without_variance_are_not_amplified(correlated) -> None:
    """A feature that repeats another has an eigenvalue of rounding error alone."""
    features = torch.cat([correlated, correlated[:, :1]], 1)
    species = torch.zeros(500, dtype=torch.int64)
    whitening = Whitening(7, 1, centered=True).double()
    whitening.fit(features, species)
    spread = whitening(features, species).std(0)
    assert int((spread > 0.99).sum()) == 6
    assert float(spread.min()) < 1e-3 * EIGENVALUE_FLOOR**0.5


@pytest.mark.parametrize("centered", [True, False])
def test_features_that_never_vary_stay_finite(centered: bool) -> None:
    shape = (20, 4) if centered else (20, 4, 3)
    features = torch.full(shape, 3.0 if centered else 0.0, dtype=torch.float64)
    species = torch.zeros(20, dtype=torch.int64)
    whitening = Whitening(4, 1, centered=centered).double()
    whitening.fit(features, species)
    assert torch.isfinite(whitening(features, species)).all()


def test_a_feature_that_never_varies_stays_zero(correlated) -> None:
    """Two elements that never meet: the product of their moments is zero in every atom."""
    features = torch.cat([correlated, torch.zeros(500, 1).double()], 1)
    species = torch.zeros(500, dtype=torch.int64)
    whitening = Whitening(7, 1, centered=True).double()
    whitening.fit(features, species)
    assert torch.count_nonzero(whitening.matrix[6]) == 0
    white = whitening(features, species)
    covariance = white.T @ white / 500
    torch.testing.assert_close(
        covariance.diagonal().sort().values, torch.tensor([0.0, *[1.0] * 6]).double()
    )
