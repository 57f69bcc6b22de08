"""The small parts of the loop."""

import math

import pytest
import torch

from longstride.errors import TrainingError
from longstride.training.average import WeightAverage
from longstride.training.config import OptimisationConfig
from longstride.training.guard import MOST_SKIPPED, SETTLED, WINDOW, DivergenceWatch, GradientGuard
from longstride.training.schedule import learning_rate


def test_learning_rate_warms_up_and_decays():
    config = OptimisationConfig(learning_rate=1e-2, warmup_steps=9, final_fraction=0.1)
    assert learning_rate(config, 0, 0.0) == pytest.approx(1e-3)
    assert learning_rate(config, 9, 0.0) == pytest.approx(1e-2)
    assert learning_rate(config, 100, 0.5) == pytest.approx(0.55e-2)
    assert learning_rate(config, 100, 1.0) == pytest.approx(1e-3)


def settled_guard() -> GradientGuard:
    guard = GradientGuard(OptimisationConfig(clip=2.0, skip=10.0))
    for _ in range(SETTLED):
        assert guard.factor(1.0) == 1.0
    return guard


def test_ordinary_gradients_pass_large_ones_are_scaled_outliers_are_left_out():
    guard = settled_guard()
    assert guard.factor(1.9) == 1.0
    assert guard.factor(4.0) == pytest.approx(0.5)
    assert guard.factor(10.1) is None
    assert guard.factor(math.nan) is None
    assert guard.factor(math.inf) is None
    assert guard.skipped == 3


def test_the_guard_follows_a_lasting_change_of_scale():
    guard = settled_guard()
    judged = [guard.factor(20.0) for _ in range(3 * SETTLED)]
    assert judged[0] is None
    assert judged[-1] == 1.0


def test_too_many_outliers_stop_the_training():
    guard = settled_guard()
    for _ in range(WINDOW - SETTLED):
        guard.factor(1.0)
    for _ in range(int(MOST_SKIPPED * WINDOW)):
        guard.factor(math.nan)
    with pytest.raises(TrainingError, match=r"diverged.*learning_rate"):
        guard.factor(math.nan)


def test_a_restored_guard_judges_as_before():
    guard = settled_guard()
    for norm in (3.0, 50.0, 2.0):
        guard.factor(norm)
    other = GradientGuard(OptimisationConfig(clip=2.0, skip=10.0))
    other.restore(guard.state())
    assert other.state() == guard.state()
    assert other.factor(4.0) == guard.factor(4.0)


def test_a_loss_that_stays_high_stops_the_training():
    watch = DivergenceWatch(OptimisationConfig(diverged_loss=3.0, diverged_evaluations=2))
    assert watch.improved(1.0, 10)
    assert not watch.improved(2.9, 20)
    assert not watch.improved(3.5, 30)
    assert not watch.improved(1.5, 40)
    assert not watch.improved(3.5, 50)
    with pytest.raises(TrainingError, match=r"step 60, best 1 at step 10"):
        watch.improved(3.5, 60)


def test_a_loss_that_is_no_number_stops_at_once():
    watch = DivergenceWatch(OptimisationConfig())
    watch.improved(1.0, 10)
    with pytest.raises(TrainingError, match="nan"):
        watch.improved(math.nan, 20)


def test_weight_average_is_the_exponential_one_and_is_applied_for_a_while_only():
    model = torch.nn.Linear(1, 1, bias=False)
    average = WeightAverage(model, decay=0.5)
    expected = model.weight.item()
    for update in range(20):
        with torch.no_grad():
            model.weight.fill_(float(update))
        average.update()
        decay = min(0.5, (1 + update) / (10 + update))
        expected = decay * expected + (1 - decay) * update
    assert float(average.weights["weight"]) == pytest.approx(expected)
    with average.applied():
        assert model.weight.item() == pytest.approx(expected)
    assert model.weight.item() == 19.0
