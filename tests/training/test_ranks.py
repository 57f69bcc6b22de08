"""Several processes train as one does with the same global batch."""

import csv
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from longstride.cli.processes import launch
from longstride.errors import ConfigError
from longstride.training import Silent, Status, TrainConfig, TrainingInterrupted, train
from longstride.training.ranks import ALONE, Ranks

pytestmark = pytest.mark.fixed_seeds

PROGRAM = Path(__file__).with_name("rank_program.py")
STEPS, STOP = 16, 5

ROUNDING = 1e-5
"""Relative, of two trainings in float32 that sum in another order: 80 times its resolution; a wrong
weight of a rank is some percent."""


class Curve(Silent):
    """The loss of every step; it can end the training after one."""

    def __init__(self, stop: int = 0) -> None:
        self.values: list[float] = []
        self._stop = stop

    def stepped(self, status: Status) -> None:
        self.values.append(status.loss)
        if status.step == self._stop:
            os.kill(os.getpid(), signal.SIGTERM)


def together(jobs: list[dict[str, Any]], folder: Path, size: int = 2) -> list[list[dict[str, Any]]]:
    """Do trainings by ``size`` processes, of which the last one fails; what each rank saw."""
    path = folder / "jobs.json"
    path.write_text(json.dumps(jobs))
    assert launch([sys.executable, str(PROGRAM), str(path)], size) == 2
    return [json.loads(Path(f"{path}.{rank}").read_text()) for rank in range(size)]


def rows(folder: Path) -> list[dict[str, float]]:
    with (folder / "log.csv").open() as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def weights(folder: Path) -> np.ndarray:
    """The averaged weights at the end of a training."""
    found = load_file(folder / "checkpoints" / "last.safetensors")
    own = [v.numpy().ravel() for k, v in sorted(found.items()) if k.startswith("average.")]
    return np.concatenate(own)


@pytest.fixture(scope="module")
def shared(tmp_path_factory, recipe) -> dict[str, Any]:
    """Trainings alone, by two processes, and by both in turn; and one that loses a process."""
    folder = tmp_path_factory.mktemp("ranks")
    config: TrainConfig = recipe(
        budget={"steps": STEPS},
        optimisation={"batch_windows": 3, "warmup_steps": 2},
        validate_every=4,
        validation_windows=3,
        checkpoint_every=4,
    )
    curves = {name: Curve() for name in ("alone", "ends")}
    train(config, folder / "alone", report=curves["alone"])
    begun = Curve(STOP)
    with pytest.raises(TrainingInterrupted):
        train(config, folder / "begun", report=begun)
    plain = config.model_dump(mode="json")

    def job(name: str, resume: bool = False, stop: tuple[int, int] | None = None) -> dict[str, Any]:
        told = {"recipe": plain, "folder": str(folder / name), "resume": resume, "signal": stop}
        return told

    jobs = {
        "two": job("two"),
        "begun": job("begun", resume=True),
        "ends": job("ends", stop=(STOP, signal.SIGTERM)),
        "halved": job("halved", stop=(STOP, signal.SIGINT)),
        "whole": job("halved", resume=True),
        "lost": job("lost", stop=(STOP, signal.SIGKILL)),
    }
    first, second = (
        dict(zip(jobs, found, strict=False)) for found in together(list(jobs.values()), folder)
    )
    train(config, folder / "ends", resume=True, report=curves["ends"])
    curves |= {"begun": begun}
    return {"folder": folder, "curves": curves, "first": first, "second": second}


def test_two_processes_have_the_loss_curve_of_one(shared):
    one, two = shared["curves"]["alone"].values, shared["first"]["two"]["losses"]
    assert len(one) == STEPS
    np.testing.assert_allclose(two, one, rtol=ROUNDING)
    for a, b in zip(rows(shared["folder"] / "alone"), rows(shared["folder"] / "two"), strict=True):
        assert a.keys() == b.keys()
        for name in a.keys() - {"seconds"}:
            assert b[name] == pytest.approx(a[name], rel=ROUNDING, nan_ok=True), name


def test_of_the_same_weights_all_measure_the_same_errors(shared):
    one, two = (shared["folder"] / name / "baseline.json" for name in ("alone", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_ranks_hold_the_same_bits(shared):
    for name, other in shared["second"].items():
        assert shared["first"][name]["digest"] == other["digest"]


def test_the_same_processes_go_on_to_the_same_bits(shared):
    assert shared["first"]["halved"]["stopped"] == signal.SIGINT
    assert shared["first"]["whole"]["digest"] == shared["first"]["two"]["digest"]


def test_a_training_goes_on_with_another_number_of_processes(shared):
    folder = shared["folder"]
    continued = shared["curves"]["begun"].values + shared["first"]["begun"]["losses"]
    ended = shared["first"]["ends"]["losses"] + shared["curves"]["ends"].values
    for losses in (continued, ended):
        np.testing.assert_allclose(losses, shared["curves"]["alone"].values, rtol=ROUNDING)
    moved = np.abs(weights(folder / "alone")).max()
    for name in ("two", "begun", "ends"):
        np.testing.assert_allclose(
            weights(folder / name), weights(folder / "alone"), atol=ROUNDING * moved
        )


def test_the_first_rank_alone_writes_and_is_told(shared):
    assert not any(result["losses"] for result in shared["second"].values())
    assert (shared["folder"] / "two" / "model" / "model.safetensors").exists()
    assert not list(shared["folder"].rglob("*.partial*"))


def test_a_signal_to_one_rank_stops_all_at_the_same_step(shared):
    for results in (shared["first"], shared["second"]):
        assert results["ends"]["stopped"] == signal.SIGTERM
    assert len(shared["first"]["ends"]["losses"]) == STOP


def test_a_rank_that_dies_ends_the_others_with_one_word(shared):
    assert "lost" not in shared["second"]
    left = shared["first"]["lost"]
    assert "a process of the training was lost" in left["lost"]
    assert "\n" not in left["lost"]
    assert left["speaks"]
    assert len(left["losses"]) == STOP - 1
    assert (shared["folder"] / "lost" / "checkpoints" / "last.safetensors").exists()


def test_more_processes_than_windows_are_refused(recipe, tmp_path):
    with pytest.raises(ConfigError, match="2 windows a step for 3 processes"):
        train(recipe(), tmp_path / "run", ranks=Ranks(1, 3))
    assert not (tmp_path / "run").exists()


def test_alone_nothing_is_exchanged():
    assert (ALONE.first, ALONE.orphaned, ALONE.speaks()) == (True, False, True)
    assert ALONE.text(lambda: "told") == "told"
    assert ALONE.largest(2.0) == 2.0


def test_a_rank_whose_launcher_is_gone_knows(monkeypatch):
    ranks = Ranks(0, 2)
    assert not ranks.orphaned
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert ranks.orphaned
    assert not Ranks(0, 1).orphaned
