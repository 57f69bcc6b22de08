"""The loop: what it leaves behind, and that interruptions do not change it."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from longstride.dataset import TrajectorySet, batch_generator
from longstride.errors import ConfigError, FileFormatError, TrainingError
from longstride.graph import Batch
from longstride.model import load_checkpoint, read_card
from longstride.training import Silent, Status, TrainingInterrupted, train
from longstride.training.loop import Training
from longstride.training.run_folder import RunFolder
from longstride.training.sources import make_sources


class SignalAt(Silent):
    """Sends this process a signal after a step."""

    def __init__(self, step: int, number: signal.Signals) -> None:
        self._step, self._number = step, number

    def stepped(self, status: Status) -> None:
        if status.step == self._step:
            os.kill(os.getpid(), self._number)


def log_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def assert_same_training(one: Path, other: Path) -> None:
    """All tensors of a finished training agree bit for bit, and so does its learning curve."""
    for name in ("checkpoints/last.safetensors", "checkpoints/best.safetensors"):
        first, second = load_file(one / name), load_file(other / name)
        assert first.keys() == second.keys()
        for key in first:
            assert torch.equal(first[key], second[key]), key
    weights = "model/model.safetensors"
    assert (one / weights).read_bytes() == (other / weights).read_bytes()
    assert log_rows(one) == log_rows(other)
    assert (one / "errors.json").read_text() == (other / "errors.json").read_text()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, recipe) -> Path:
    folder = tmp_path_factory.mktemp("run") / "whole"
    train(recipe(), folder)
    return folder


def test_a_run_leaves_everything_needed_to_judge_and_repeat_it(uninterrupted):
    for name in ("config.yaml", "provenance.json", "log.csv", "learning.png", "baseline.json"):
        assert (uninterrupted / name).stat().st_size > 0
    assert [row["step"] for row in log_rows(uninterrupted)] == ["0.0", "2.0", "4.0", "6.0"]
    errors = json.loads((uninterrupted / "errors.json").read_text())
    assert [entry["temperature"] for entry in errors["model"]] == [20.0, 40.0]
    assert errors["ridge"] == json.loads((uninterrupted / "baseline.json").read_text())
    provenance = json.loads((uninterrupted / "provenance.json").read_text())
    assert list(provenance["data"]) == ["argon.h5"]
    assert not list(uninterrupted.rglob("*.partial*"))


def test_the_model_folder_states_what_it_was_made_for(uninterrupted):
    card = read_card(uninterrupted / "model")
    assert card["regime"]["temperatures"] == [20.0, 40.0]
    assert card["regime"]["number_density"] == pytest.approx([32 / 10.8**3] * 2)
    assert card["training"]["steps"] == 6
    model = load_checkpoint(uninterrupted / "model")
    best = load_file(uninterrupted / "checkpoints" / "best.safetensors")
    for name, parameter in model.named_parameters():
        assert torch.equal(parameter, best[name])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_training_resumes_bit_for_bit(recipe, uninterrupted, tmp_path, number):
    folder = tmp_path / "run"
    with pytest.raises(TrainingInterrupted, match=r"step 3; continue with --resume"):
        train(recipe(), folder, report=SignalAt(3, number))
    assert not (folder / "model").exists()
    train(recipe(), folder, resume=True)
    assert_same_training(folder, uninterrupted)


@pytest.mark.fixed_seeds
def test_a_killed_training_resumes_bit_for_bit(recipe, uninterrupted, tmp_path):
    folder = tmp_path / "run"
    config = recipe(checkpoint_every=2)
    (tmp_path / "recipe.json").write_text(config.model_dump_json())
    script = (
        "import os, signal, sys; from pathlib import Path;"
        "from longstride.training import Silent, TrainConfig, train;\n"
        "class Kill(Silent):\n"
        "    def stepped(self, status):\n"
        "        if status.step == 5: os.kill(os.getpid(), signal.SIGKILL)\n"
        "config = TrainConfig.model_validate_json(Path(sys.argv[1]).read_text());"
        "train(config, Path(sys.argv[2]), report=Kill())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "recipe.json"), str(folder)],
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    train(config, folder, resume=True)
    assert_same_training(folder, uninterrupted)


def test_a_run_killed_before_its_first_checkpoint_starts_again(recipe, uninterrupted, tmp_path):
    class Dies(Silent):
        def baseline(self, errors: object) -> None:
            raise MemoryError

    with pytest.raises(MemoryError):
        train(recipe(), tmp_path / "run", report=Dies())
    train(recipe(), tmp_path / "run", resume=True)
    assert_same_training(tmp_path / "run", uninterrupted)


def test_a_finished_training_can_be_given_more_budget(recipe, tmp_path):
    train(recipe(budget={"steps": 2}), tmp_path / "run")
    train(recipe(budget={"steps": 4}), tmp_path / "run", resume=True)
    assert [row["step"] for row in log_rows(tmp_path / "run")] == ["0.0", "2.0", "4.0"]


def test_a_finished_training_can_be_stated_for_a_narrower_regime(recipe, tmp_path):
    folder = tmp_path / "run"
    train(recipe(budget={"steps": 2}), folder)
    whole = read_card(folder / "model")["regime"]
    weights = load_file(folder / "model" / "model.safetensors")
    narrow = {"temperatures": (30.0, 50.0)}
    train(recipe(budget={"steps": 2}, regime=narrow), folder, resume=True)
    stated = read_card(folder / "model")["regime"]
    assert (whole.pop("temperatures"), stated.pop("temperatures")) == ([20.0, 40.0], [40.0])
    assert stated == whole
    for name, tensor in load_file(folder / "model" / "model.safetensors").items():
        assert torch.equal(tensor, weights[name])
    with pytest.raises(ConfigError, match="no training data inside"):
        train(recipe(regime={"temperatures": (300.0, 500.0)}), tmp_path / "other")


def test_a_run_is_not_overwritten_nor_continued_with_another_recipe(
    recipe, uninterrupted, tmp_path
):
    with pytest.raises(ConfigError, match="not empty: continue it with --resume"):
        train(recipe(), uninterrupted)
    with pytest.raises(ConfigError, match="another 'model' section"):
        train(recipe(model={"cutoff": 4.7}), uninterrupted, resume=True)
    with pytest.raises(ConfigError, match="no run here to continue"):
        train(recipe(), tmp_path / "none", resume=True)


def test_other_data_is_noticed(recipe, uninterrupted, tmp_path, make_argon):
    other = make_argon(tmp_path / "argon.h5", temperatures=(20.0,))
    with pytest.raises(ConfigError, match="other data"):
        train(recipe(data={"files": [str(other)]}), uninterrupted, resume=True)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint" * 10])
def test_a_damaged_checkpoint_is_named(recipe, tmp_path, content):
    train(recipe(budget={"steps": 1}), tmp_path / "run")
    last = tmp_path / "run" / "checkpoints" / "last.safetensors"
    last.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"last\.safetensors: not a training checkpoint"):
        train(recipe(budget={"steps": 2}), tmp_path / "run", resume=True)


def test_divergence_stops_the_training_and_keeps_the_best(recipe, tmp_path):
    optimisation = {"learning_rate": 1e6, "warmup_steps": 0, "ema_decay": 0.0, "skip": 1e9}
    config = recipe(
        optimisation={**optimisation, "diverged_loss": 1.01, "diverged_evaluations": 2},
        budget={"steps": 50},
        validate_every=1,
    )
    with pytest.raises(TrainingError, match=r"diverged.*learning_rate.*best weights are kept"):
        train(config, tmp_path / "run")
    best = load_file(tmp_path / "run" / "checkpoints" / "best.safetensors")
    assert all(torch.isfinite(value).all() for value in best.values())


@pytest.fixture
def make_training(recipe, tmp_path, argon):
    """Trainings at their first step: ``make_training(precision="bf16")``."""
    with TrajectorySet([argon]) as data:

        def make(**sections: Any) -> Training:
            config = recipe(**sections)
            run = RunFolder.create(tmp_path / "run", config, {})
            training = Training(config, run, make_sources(config, data), Silent())
            training.start()
            return training

        yield make


def first_batch(training: Training) -> Batch:
    return training.sources.training.batch(batch_generator(0, 0), 2).to("cpu", torch.float32)


def test_a_step_with_a_non_finite_gradient_changes_nothing(make_training):
    training = make_training()
    batch = first_batch(training)
    training.advance(batch)
    before = [p.detach().clone() for p in training.model.parameters()]
    average = {k: v.clone() for k, v in training.optimiser.average.weights.items()}
    training.advance(batch._replace(displacement=batch.displacement * torch.nan))
    assert training.optimiser.guard.skipped == 1
    assert training.step == 2
    for parameter, old in zip(training.model.parameters(), before, strict=True):
        assert torch.equal(parameter, old)
    for name, value in training.optimiser.average.weights.items():
        assert torch.equal(value, average[name])


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_small_steps_on_one_batch_go_down(make_training, precision):
    """Whatever the weights; what was not trained on may get worse for a while."""
    training = make_training(precision=precision)
    batch = first_batch(training)
    losses = [training.advance(batch) for _ in range(8)]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]


def test_a_budget_in_minutes_counts_training_time(recipe, tmp_path):
    train(recipe(budget={"minutes": 0.005}), tmp_path / "run")
    card = read_card(tmp_path / "run" / "model")
    assert 0.005 <= card["training"]["minutes"] < 0.02
    assert card["training"]["steps"] > 1


def test_positions_alone_are_enough(recipe, tmp_path):
    folder = tmp_path / "run"
    train(recipe(data={"velocities": "from_positions"}), folder)
    errors = json.loads((folder / "errors.json").read_text())["ridge"]
    # over the stride itself, w is d divided by the stride
    for entry in errors:
        assert entry["displacement_rmse"][-1] > 0.0
        assert np.isfinite(entry["velocity"]).all()


def test_masses_that_are_not_the_datas_are_refused(recipe, tmp_path):
    with pytest.raises(ConfigError, match=r"model\.masses"):
        train(recipe(model={"masses": [40.9]}), tmp_path / "run")
