"""The covariance of the residual against maps whose errors are known."""

import numpy as np
import pytest
import torch

from longstride.dataset import TrajectorySet
from longstride.model import Stages
from longstride.model.residuals import Covariance
from longstride.training import residual_fit
from longstride.training.report import Silent
from longstride.training.residual_fit import measure_residuals, residuals_of_card
from longstride.training.sources import make_sources

ROOT = np.array([[2e-3, 0.0], [3e-5, 4e-5]])
"""Of the covariance that is put in, Å and Å/fs."""


class Perfect(torch.nn.Module):
    """Knows the reference of every window, and is wrong by a random error of known covariance."""

    def __init__(self, source, seed: int) -> None:
        super().__init__()
        self.answers = iter(
            [
                source.collate([window])
                for group in range(len(source.temperatures))
                for window in source.spaced(group, 40)
            ]
        )
        self.rng = np.random.default_rng(seed)

    def forward(self, graph, velocities) -> Stages:
        batch = next(self.answers)
        shape = batch.displacement.shape
        drawn = np.einsum("ab,bsnx->asnx", ROOT, self.rng.standard_normal((2, *shape)))
        return Stages(
            batch.displacement.double() + torch.from_numpy(drawn[0]),
            batch.velocity.double() + torch.from_numpy(drawn[1]),
        )


@pytest.fixture
def sources(recipe, argon):
    with TrajectorySet([argon]) as data:
        yield make_sources(recipe(), data)


def test_it_finds_the_covariance_that_was_put_in(sources):
    source = sources.validation
    found = measure_residuals(Perfect(source, 1), source, n_windows=40)
    assert found is not None
    assert found.temperatures == (20.0, 40.0)
    expected = ROOT @ ROOT.T
    for temperature, windows in zip(found.temperatures, found.windows, strict=True):
        count = 3 * 32 * windows
        got = found.covariance(18, temperature)
        for i, j in ((0, 0), (0, 1), (1, 1)):
            # Isserlis: the variance of a product of two correlated normal numbers.
            variance = expected[i, i] * expected[j, j] + expected[i, j] ** 2
            assert abs(got[i, j] - expected[i, j]) < 4.0 * np.sqrt(variance / count)


def test_the_block_of_a_card_is_what_was_measured(sources):
    block = residuals_of_card(Perfect(sources.validation, 2), sources, Silent())
    found = measure_residuals(Perfect(sources.validation, 2), sources.validation)
    assert found is not None
    assert block == {"residual_covariance": found.model_dump(mode="json")}


def test_metals_that_share_no_temperature_have_no_common_table(sources, monkeypatch):
    """One model of several pure metals, each at temperatures of its own."""
    one = Covariance(displacement=1e-6, cross=0.0, velocity=1e-9)
    found = iter([{18: one}, {36: one}])
    monkeypatch.setattr(residual_fit, "_covariances", lambda *_: next(found))
    assert measure_residuals(torch.nn.Identity(), sources.validation) is None
