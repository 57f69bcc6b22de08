"""``train --active``: from a rollout's flagged frames to data and a model that knows them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from longstride.active import rounds as module
from longstride.active import train_actively
from longstride.active.explore import Exploration, explore
from longstride.errors import ConfigError
from longstride.kernels import load_propagator
from longstride.model import read_card
from longstride.testsystems import LennardJones
from longstride.testsystems.lennard_jones import ARGON, ARGON_MASS
from longstride.training import Silent, TrainConfig
from longstride.training.config import parse_config
from longstride.trajectory import TrajectoryFile, TrajectoryWriter, segment_of
from longstride.zoo import model_checksum

INTERVAL, TIME_STEP, FRAMES = 20.0, 4.0, 24
ENGINE = {
    "kind": "ase",
    "calculator": "ase.calculators.lj:LennardJones",
    "arguments": {"epsilon": 0.01032, "sigma": 3.405, "rc": 4.5, "smooth": True},
}


def write(path: Path, provenance: dict[str, Any]) -> Path:
    """Two runs of 32 argon atoms at 20 K."""
    potential = LennardJones(cutoff=4.5, skin=0.5)
    with TrajectoryWriter(path, provenance) as out:
        for seed in (1, 2):
            rng = np.random.default_rng(seed)
            state = potential.crystal(2)
            velocities = 9e-4 * rng.normal(size=state.positions.shape)
            state = state.with_(velocities=velocities - velocities.mean(axis=0))
            state = potential.verlet(TIME_STEP, 100).step(state, rng)
            segment = segment_of(
                out,
                f"T20_seed{seed}",
                state,
                interval=INTERVAL,
                metadata={"temperature": 20.0, "run": f"T20_seed{seed}"},
            )
            for frame in range(FRAMES):
                segment.append(
                    time=frame * INTERVAL,
                    positions=state.positions,
                    velocities=state.velocities,
                )
                state = potential.verlet(TIME_STEP, 5).step(state, rng)
    return path


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data that says which engine made it."""
    provenance = {"recipe": {"engine": ENGINE, "time_step": TIME_STEP}, "engine": {}}
    return write(tmp_path_factory.mktemp("data") / "argon.h5", provenance)


def recipe(file: Path, **sections: Any) -> TrainConfig:
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
            "guard": True,
        },
        "budget": {"steps": 2},
        "initialise_windows": 4,
        "validation_windows": 1,
        "threads": 1,
        "device": "cpu",
        "active": {
            "temperatures": [60.0],
            "strains": [0.0, 0.02],
            "time": 2000.0,
            "frames": 4,
            "segment_length": 340.0,
        },
    }
    return parse_config({**raw, **sections}, "recipe")


class Heard(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def started(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture(scope="module")
def finished(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("active") / "run"
    train_actively(recipe(recorded), folder, 1)
    return folder


def test_flagged_frames_become_labelled_data_of_the_last_model(finished: Path) -> None:
    with TrajectoryFile(finished / "active-1.h5") as file:
        assert len(file.segments) == 4
        runs = [segment.metadata["run"] for segment in file]
        assert sorted(runs) == [*["active1"] * 3, "active1-validation"]
        for segment in file:
            assert segment.metadata["share_of_limit"] > 1.0
            assert segment.interval == INTERVAL
            assert segment.potential_energy() is not None
    regime = load_propagator(finished / "model").regime
    assert max(regime.temperature) == 60.0


def test_the_reference_starts_from_the_frames_of_the_same_potential(finished: Path) -> None:
    """Labels by ASE's calculator obey the forces of the potential that made the data."""
    with TrajectoryFile(finished / "active-1.h5") as file:
        segment = file["active1_000"]
        energies = segment.potential_energy()
        kinetic = [segment.state(k).kinetic_energy for k in range(segment.n_frames)]
    assert energies is not None
    total = energies + kinetic
    assert total.std() < 0.02 * energies.std()


def test_finished_rounds_are_not_repeated(
    recorded: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*given: object, **more: object) -> None:
        raise AssertionError("done before")

    monkeypatch.setattr(module, "train", never)
    monkeypatch.setattr(module, "explore", never)
    heard = Heard()
    (done,) = train_actively(recipe(recorded), finished, 1, resume=True, report=heard)
    assert (done.chosen, done.labelled) == (4, 4)
    assert done.flagged <= done.looks
    assert "round-0: done before" in heard.lines


def test_rounds_end_where_nothing_is_outside(
    recorded: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "explore", lambda *given: Exploration((), 0, 5, ()))
    heard = Heard()
    done = train_actively(recipe(recorded), finished, 2, resume=True, report=heard)
    assert [one.number for one in done] == [1]
    assert "no frame is outside of the data: there is nothing to add" in heard.lines


def test_another_round_goes_on_from_the_last(
    recorded: Path, finished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def some(*given: Any) -> Exploration:
        found = explore(*given)
        return replace(found, found=found.seen[:4])

    monkeypatch.setattr(module, "explore", some)
    train_actively(recipe(recorded), finished, 2, resume=True)
    card = read_card(finished / "model")
    assert card["training"]["recipe"]["data"]["files"] == ["argon.h5", "active-1.h5", "active-2.h5"]
    start = model_checksum(finished / "round-1" / "model")
    assert card["training"]["provenance"]["parent"]["sha256"] == start


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"temperatures": [10.0, 30.0]}, "60 K is outside of data.temperatures"),
        ({"velocities": "from_positions"}, "needs data.velocities: stored"),
    ],
)
def test_data_that_rollouts_do_not_fit_is_refused(
    recorded: Path, tmp_path: Path, data: dict[str, Any], line: str
) -> None:
    config = recipe(recorded, data={"files": [str(recorded)], **data})
    with pytest.raises(ConfigError, match=line):
        train_actively(config, tmp_path / "run", 1)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("provenance", "line"),
    [
        ({}, "records no engine"),
        (
            {
                "recipe": {"engine": {**ENGINE, "calculator": "os:system"}, "time_step": 4.0},
                "engine": {},
            },
            "os:system, which is not ASE's own",
        ),
    ],
)
def test_data_without_a_known_engine_is_refused_before_the_training(
    tmp_path: Path, provenance: dict[str, Any], line: str
) -> None:
    config = recipe(write(tmp_path / "argon.h5", provenance))
    with pytest.raises(ConfigError, match=line):
        train_actively(config, tmp_path / "run", 1)
    assert not (tmp_path / "run").exists()


def test_a_model_without_a_guard_is_refused(recorded: Path, tmp_path: Path) -> None:
    config = recipe(recorded)
    config = config.model_copy(update={"model": config.model.model_copy(update={"guard": False})})
    with pytest.raises(ConfigError, match=r"needs model\.guard"):
        train_actively(config, tmp_path / "run", 1)
