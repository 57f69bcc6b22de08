"""The heating of a trained model on its card."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from longstride.active import heating as module
from longstride.active import state_heating
from longstride.errors import RolloutError
from longstride.kernels import load_propagator
from longstride.model import read_card
from longstride.testsystems import LennardJones
from longstride.testsystems.lennard_jones import ARGON, ARGON_MASS
from longstride.training import TrainConfig, train
from longstride.training.config import parse_config
from longstride.trajectory import TrajectoryWriter, segment_of

TEMPERATURES = (20.0, 40.0)


@pytest.fixture(scope="module")
def argon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of 32 argon atoms at each temperature, with energies."""
    path = tmp_path_factory.mktemp("data") / "argon.h5"
    potential = LennardJones(cutoff=4.5, skin=0.5)
    with TrajectoryWriter(path, {}) as out:
        for temperature in TEMPERATURES:
            for seed in (1, 2):
                rng = np.random.default_rng([seed, int(temperature)])
                state = potential.crystal(2)
                speed = 9e-4 * np.sqrt(temperature / 20.0)
                velocities = speed * rng.normal(size=state.positions.shape)
                state = state.with_(velocities=velocities - velocities.mean(axis=0))
                state = potential.verlet(4.0, 100).step(state, rng)
                run = f"T{temperature:g}_seed{seed}"
                segment = segment_of(
                    out,
                    run,
                    state,
                    interval=20.0,
                    metadata={"temperature": temperature, "run": run},
                )
                for frame in range(24):
                    known = potential.configuration(state)
                    segment.append(
                        time=20.0 * frame,
                        positions=state.positions,
                        velocities=state.velocities,
                        potential_energy=known.energy,
                        stress=known.virial_stress,
                    )
                    state = potential.verlet(4.0, 5).step(state, rng)
    return path


def recipe(file: Path, atom_strides: int, **model: Any) -> TrainConfig:
    torch.set_num_threads(1)
    raw = {
        "data": {"files": [str(file)]},
        "model": {
            "stage_times": [40.0, 80.0],
            "substeps": 2,
            "kicks": 2,
            "species": [ARGON],
            "masses": [ARGON_MASS],
            "cutoff": 4.6,
            "inner": 3.0,
            "network": {"radial": 3, "hidden": 8, "attention": False, "bound": "hidden"},
            "energy_head": True,
            **model,
        },
        "budget": {"steps": 2},
        "initialise_windows": 4,
        "validation_windows": 1,
        "threads": 1,
        "device": "cpu",
        "heating": {"atom_strides": atom_strides},
    }
    return parse_config(raw, "recipe")


@pytest.fixture
def trained(argon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder; its pieces are short."""
    monkeypatch.setattr("longstride.dynamics.heating.SPACING", 2)
    train(recipe(argon, 0), tmp_path / "run")
    return tmp_path / "run" / "model"


def test_the_card_gets_a_heating_for_each_temperature_once(trained: Path, argon: Path):
    before = read_card(trained)
    state_heating(trained, recipe(argon, 0))
    assert read_card(trained) == before
    config = recipe(argon, 32 * 2 * 30)
    state_heating(trained, config)
    residuals = load_propagator(trained).residuals
    assert residuals is not None
    assert residuals.temperatures == TEMPERATURES
    assert residuals.heating is not None
    # Where all seems to be fluctuation in so few pieces, none.
    assert len(residuals.heating) == len(TEMPERATURES)
    assert min(residuals.heating) >= 0.0
    after = read_card(trained)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"residual_covariance"}
    # Stated is stated: a training that is resumed at its end does not measure again.
    state_heating(trained, recipe(argon, 32 * 2 * 60))
    assert read_card(trained) == after


def test_where_every_rollout_breaks_down_nothing_is_stated(
    trained: Path, argon: Path, monkeypatch: pytest.MonkeyPatch
):
    def breaks(*_: Any) -> None:
        raise RolloutError("atoms overlap")

    monkeypatch.setattr(module, "measure_walk", breaks)
    before = read_card(trained)
    state_heating(trained, recipe(argon, 1000))
    assert read_card(trained) == before


def test_without_an_energy_head_nothing_is_stated(argon: Path, tmp_path: Path):
    config = recipe(argon, 1000, energy_head=False)
    train(config, tmp_path / "run")
    before = read_card(tmp_path / "run" / "model")
    state_heating(tmp_path / "run" / "model", config)
    assert read_card(tmp_path / "run" / "model") == before


def test_where_no_residual_is_inside_the_regime_nothing_is_stated(trained: Path, argon: Path):
    path = trained / "model.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["regime"]["temperatures"] = [100.0, 200.0]
    path.write_text(json.dumps(content), encoding="utf-8")
    before = read_card(trained)
    state_heating(trained, recipe(argon, 1000))
    assert read_card(trained) == before
