"""A training leaves a guard where its recipe asks for one, or refuses before it begins."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longstride.errors import ConfigError
from longstride.kernels import load_propagator
from longstride.training import train
from longstride.training.config import TrainConfig
from longstride.trajectory import TrajectoryFile

KICKS = {"map": "kicks", "substeps": 2, "kicks": 2, "guard": True}


def test_a_trained_model_has_a_guard(
    recipe: Callable[..., TrainConfig], argon: Path, tmp_path: Path
) -> None:
    train(recipe(model=KICKS, budget={"steps": 1}), tmp_path / "run")
    propagator = load_propagator(tmp_path / "run" / "model")
    gauge = propagator.gauge
    assert gauge is not None
    # The data has no energies to disagree about.
    assert gauge.names == ("distance", "neighbourhood")
    assert gauge.limits.temperatures == (20.0, 40.0)
    with TrajectoryFile(argon) as file:
        state = file["T40_seed2"].state(-1)
    for signal in gauge.look(state):
        assert np.all(signal.values < signal.limits)


def test_data_too_small_to_calibrate_on_is_refused_before_the_training(
    recipe: Callable[..., TrainConfig], make_argon: Callable[..., Path], tmp_path: Path
) -> None:
    file = make_argon(tmp_path / "argon.h5", (20.0,))
    split = {"by": "time", "validation_fraction": 0.3, "gap_fs": 0.0}
    config = recipe(model=KICKS, data={"files": [str(file)], "split": split})
    with pytest.raises(
        ConfigError, match=r"model\.guard: run T20_seed1 of argon.h5 of the validation data has"
    ):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_species_that_no_held_out_run_has_is_refused(
    recipe: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    two = {**KICKS, "species": [18, 36], "masses": [39.948, 83.798]}
    with pytest.raises(ConfigError, match=r"no run of the validation data has atoms of atomic num"):
        train(recipe(model=two), tmp_path / "run")
    assert not (tmp_path / "run").exists()
