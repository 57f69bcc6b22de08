"""One-stride errors against maps whose errors are known."""

import numpy as np
import pytest
import torch

from longstride.dataset import TrajectorySet
from longstride.model import Stages
from longstride.training import StrideErrors, one_stride_errors
from longstride.training.sources import make_sources


class FreeFlight(torch.nn.Module):
    """Predicts that nothing acts on the atoms, plus a constant error."""

    supervised_stages = (0, 1)

    def __init__(self, error: float = 0.0) -> None:
        super().__init__()
        self.error = error

    def forward(self, graph, velocities) -> Stages:
        times = torch.tensor([40.0, 80.0])[:, None, None]
        return Stages(times * velocities + self.error, (velocities + self.error).expand(2, -1, -1))


@pytest.fixture
def source(recipe, argon):
    with TrajectorySet([argon]) as data:
        yield make_sources(recipe(), data).validation


def test_free_flight_has_a_relative_error_of_one(source):
    for entry in one_stride_errors(FreeFlight(), source, n_windows=5, batch_windows=2):
        np.testing.assert_allclose([*entry.displacement, *entry.velocity], 1.0, rtol=1e-5)
        np.testing.assert_allclose(entry.displacement_uncertainty, 0.0, atol=1e-5)
        assert entry.n_windows == 5


def test_errors_are_those_of_the_arrays(source):
    found = one_stride_errors(FreeFlight(0.01), source, n_windows=3)
    for group, entry in enumerate(found):
        windows = [source.shape.read(w) for w in source.spaced(group, 3)]
        d, w = (
            np.array(r) for r in zip(*[x.residuals((40.0, 80.0)) for x in windows], strict=True)
        )
        for residual, rmse, relative in (
            (d, entry.displacement_rmse, entry.displacement),
            (w, entry.velocity_rmse, entry.velocity),
        ):
            expected = np.sqrt(np.mean((residual - 0.01) ** 2, axis=(0, 2, 3)))
            size = np.sqrt(np.mean(residual**2, axis=(0, 2, 3)))
            np.testing.assert_allclose(rmse, expected, rtol=1e-4)
            np.testing.assert_allclose(relative, expected / size, rtol=1e-4)


def test_the_batch_size_does_not_matter(source):
    one, many = (
        one_stride_errors(FreeFlight(0.01), source, n_windows=4, batch_windows=size)
        for size in (1, 4)
    )
    for a, b in zip(one, many, strict=True):
        np.testing.assert_allclose(a.velocity, b.velocity, rtol=1e-6)


def test_errors_survive_json(source):
    (first, *_) = one_stride_errors(FreeFlight(), source, n_windows=2)
    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in first.as_dict().items()}
    assert StrideErrors.from_dict(plain) == first
