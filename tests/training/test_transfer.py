"""``train --from``: what is taken over, what is refused, and that it can be repeated."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

from longstride.errors import ConfigError
from longstride.model import read_card
from longstride.training import Silent, Status, TrainConfig, TrainingInterrupted, train
from longstride.training.config import parse_config
from longstride.training.transfer import with_parent
from longstride.trajectory import TrajectoryFile, TrajectoryWriter

KICKS = {
    "map": "kicks",
    "substeps": 2,
    "kicks": 2,
    "network": {"radial": 3, "hidden": 8, "attention": False, "bound": "hidden"},
}
CHECKSUM = "0" * 64


@pytest.fixture(scope="module")
def parent(recipe: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model."""
    run = tmp_path_factory.mktemp("parent") / "run"
    train(recipe(model=KICKS, budget={"steps": 2}), run)
    return run / "model"


@pytest.fixture
def raw(argon: Path) -> dict[str, Any]:
    """A recipe that leaves all to the parent."""
    return {
        "data": {"files": [str(argon)]},
        "budget": {"steps": 4},
        "initialise_windows": 2,
        "validation_windows": 1,
        "validate_every": 2,
        "checkpoint_every": 1,
        "threads": 1,
        "device": "cpu",
    }


def completed(raw: dict[str, Any], parent: Path) -> TrainConfig:
    return parse_config(with_parent(raw, "argon", parent, CHECKSUM, Path())[0], "recipe")


def scaled(argon: Path, path: Path, factor: float, species: list[int]) -> Path:
    """The same crystal, larger by a factor, of other elements in turn."""
    with TrajectoryFile(argon) as file, TrajectoryWriter(path, {}) as out:
        for segment in file:
            atoms = np.resize(species, segment.n_atoms)
            copy = out.segment(
                segment.name,
                species=atoms,
                masses=np.where(atoms == species[0], 100.0, 50.0),
                cell=factor * segment.cell,
                pbc=segment.pbc,
                interval=segment.interval,
                metadata=segment.metadata,
            )
            positions, velocities = segment.positions(), segment.velocities()
            assert velocities is not None
            copy.append_many(
                time=segment.times, positions=factor * positions, velocities=factor * velocities
            )
    return path


@pytest.mark.parametrize("model", [None, "auto", {"auto": True, "guard": True}])
def test_the_map_comes_from_the_parent(raw: dict[str, Any], parent: Path, model: Any) -> None:
    if model is not None:
        raw["model"] = model
    config = completed(raw, parent)
    wanted = read_card(parent)["config"]
    guard = isinstance(model, dict)
    assert config.model.model_dump(mode="json") == {**wanted, "guard": guard}
    assert config.parent is not None
    assert config.parent.sha256 == CHECKSUM


@pytest.mark.parametrize(
    ("model", "line"),
    [
        ({"cutoff": 5.0}, "model.cutoff: 5.0 in the recipe, 4.6 by the model argon"),
        ({"stage_times": [20, 40]}, r"model.stage_times: \[20, 40\] in the recipe, \[40.0, 80.0\]"),
        ({"network": {"hidden": 9}}, "model.network.hidden: 9 in the recipe, 8 by"),
        ({"cutof": 5.0}, "model.cutof: unknown key; did you mean cutoff"),
    ],
)
def test_a_recipe_that_contradicts_is_refused(
    raw: dict[str, Any], parent: Path, model: dict[str, Any], line: str
) -> None:
    with pytest.raises(ConfigError, match=line):
        completed({**raw, "model": model}, parent)


def test_another_element_scales_lengths_with_the_crystal(
    raw: dict[str, Any], parent: Path, argon: Path, tmp_path: Path
) -> None:
    """A crystal that is larger by a factor has the same neighbourhoods, and so the same shells."""
    raw["data"]["files"] = [str(scaled(argon, tmp_path / "large.h5", 1.25, [54]))]
    whole, said = with_parent(raw, "argon", parent, CHECKSUM, Path())
    assert whole["model"]["cutoff"] == pytest.approx(1.25 * 4.6)
    assert whole["model"]["inner"] == pytest.approx(1.25 * 3.0)
    assert whole["model"]["species"] == [54]
    assert whole["model"]["masses"] == [100.0]
    assert "54 as 18" in said[1]
    train(parse_config(whole, "recipe"), tmp_path / "run", parent=parent)


def test_species_that_differ_in_number_are_refused(
    raw: dict[str, Any], parent: Path, argon: Path, tmp_path: Path
) -> None:
    raw["data"]["files"] = [str(scaled(argon, tmp_path / "two.h5", 1.0, [18, 36]))]
    with pytest.raises(ConfigError, match=r"argon tells 1 species apart .* the data has 2"):
        completed(raw, parent)


def test_another_model_than_the_recorded_one_is_refused(raw: dict[str, Any], parent: Path) -> None:
    raw["parent"] = {"model": "argon", "sha256": "1" * 64}
    with pytest.raises(ConfigError, match="argon is not the model that the recipe was made with"):
        completed(raw, parent)


def test_an_interrupted_fine_tuning_resumes_bit_for_bit(
    raw: dict[str, Any], parent: Path, tmp_path: Path
) -> None:
    class Stops(Silent):
        def stepped(self, status: Status) -> None:
            if status.step == 2:
                signal.raise_signal(signal.SIGTERM)

    config = completed(raw, parent)
    train(config, tmp_path / "whole", parent=parent)
    with pytest.raises(TrainingInterrupted):
        train(config, tmp_path / "stopped", parent=parent, report=Stops())
    train(config, tmp_path / "stopped", parent=parent, resume=True)
    one, other = (
        load_file(tmp_path / name / "model" / "model.safetensors") for name in ("whole", "stopped")
    )
    for name, value in one.items():
        assert torch.equal(value, other[name]), name
    written = yaml.safe_load((tmp_path / "whole" / "config.yaml").read_text())
    assert written["parent"] == {"model": "argon", "sha256": CHECKSUM}
    provenance = json.loads((tmp_path / "whole" / "provenance.json").read_text())
    assert provenance["parent"] == written["parent"]
