"""The loss is the mean squared relative error, zero at the targets and one for free flight."""

import numpy as np
import pytest
import torch

from longstride.dataset import TrajectorySet, batch_generator
from longstride.graph import Batch
from longstride.model import Stages
from longstride.training.config import LossConfig
from longstride.training.evaluate import StrideErrors
from longstride.training.loss import RelativeLoss, StageWeights
from longstride.training.sources import make_sources

CPU = torch.device("cpu")


@pytest.fixture
def source(recipe, argon):
    with TrajectorySet([argon]) as data:
        yield make_sources(recipe(), data).training


def loss_of(source, config: LossConfig, supervised=(0, 1)) -> RelativeLoss:
    return RelativeLoss(source.scales, StageWeights.of(config, supervised), CPU)


def free_flight(batch: Batch, stage_times) -> Stages:
    times = torch.tensor(stage_times, dtype=torch.float64)[:, None, None]
    return Stages(times * batch.velocities, batch.velocities.expand(len(times), -1, -1))


def test_zero_at_the_targets(source):
    batch = source.batch(batch_generator(0, 0), 4)
    loss = loss_of(source, LossConfig())
    assert float(loss(Stages(batch.displacement, batch.velocity), batch)) == 0.0


def test_free_flight_costs_one(source):
    groups = range(len(source.temperatures))
    windows = [w for g in groups for w in source.spaced(g, 64)]
    batch = source.collate(windows)
    loss = loss_of(source, LossConfig(velocity=0.3, stages=(1.0, 2.0)))
    assert float(loss(free_flight(batch, (40.0, 80.0)), batch)) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize(
    ("config", "supervised", "expected"),
    [
        (LossConfig(), (1,), 0.5),
        (LossConfig(velocity=0.0), (1,), 1.0),
        (LossConfig(displacement=0.0), (1,), 0.0),
        (LossConfig(stages=(3.0, 1.0)), (0, 1), 0.125),
    ],
)
def test_weights_share_out_an_error_of_d_at_the_end(source, config, supervised, expected):
    """An error as large as the targets of its group, in d of the last stage only."""
    batch = source.batch(batch_generator(0, 1), 4)
    scale = torch.as_tensor(source.scales.displacement)[batch.group, 1]
    displacement = batch.displacement.clone()
    displacement[1] += scale[:, None]
    loss = loss_of(source, config, supervised)
    assert float(loss(Stages(displacement, batch.velocity), batch)) == pytest.approx(
        expected, abs=1e-6
    )


def test_the_validation_loss_is_that_of_the_measured_errors():
    def entry(d: float, w: float) -> StrideErrors:
        nothing = (0.0, 0.0)
        return StrideErrors(
            300.0, 4, (40.0, 80.0), (9.0, d), (9.0, w), nothing, nothing, nothing, nothing
        )

    weights = StageWeights.of(LossConfig(), (1,))
    found = weights.validation_loss([entry(0.1, 0.2), entry(0.3, 0.4)])
    assert found == pytest.approx(np.mean([(0.01 + 0.04) / 2, (0.09 + 0.16) / 2]))
