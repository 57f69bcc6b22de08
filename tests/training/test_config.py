"""Recipes: mistakes are named, files are found."""

from pathlib import Path

import pytest
import yaml

from longstride.errors import ConfigError
from longstride.training import load_recipe
from longstride.training.config import BudgetConfig


def write(folder: Path, raw: object) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(raw if isinstance(raw, str) else yaml.safe_dump(raw))
    return path


@pytest.mark.parametrize(
    ("section", "key", "message"),
    [
        ("optimisation", "learning_rat", "did you mean learning_rate"),
        ("data", "file", "did you mean files"),
        ("model", "stage_time", "did you mean stage_times"),
        ("budget", "hours", "known: steps, minutes"),
        (None, "sede", "did you mean seed"),
    ],
)
def test_a_typo_names_the_key_that_was_meant(recipe, tmp_path, section, key, message):
    raw = recipe().model_dump(mode="json")
    (raw[section] if section else raw)[key] = 1.0
    with pytest.raises(ConfigError, match=message):
        load_recipe(write(tmp_path, raw))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"budget": {"steps": 5, "minutes": 1.0}}, "either steps or minutes"),
        ({"budget": {}}, "either steps or minutes"),
        ({"loss": {"displacement": 0.0, "velocity": 0.0}}, "nothing would be learned"),
        ({"loss": {"stages": [1.0]}}, "1 weights for 2 stage times"),
        ({"optimisation": {"learning_rate": -1.0}}, "optimisation.learning_rate"),
        ({"data": {"files": []}}, "data.files"),
        ({"device": "tpu"}, "device"),
        ({"regime": {"temperatures": [900.0, 300.0]}}, "the lower one first"),
        ({"data": {"files": ["a.h5"], "temperatures": [0.0, 300.0]}}, "data.temperatures"),
    ],
)
def test_wrong_values_are_named(recipe, tmp_path, change, message):
    raw = recipe().model_dump(mode="json") | change
    with pytest.raises(ConfigError, match=message):
        load_recipe(write(tmp_path, raw))


@pytest.mark.parametrize(
    ("text", "message"), [("a: [1", "not valid YAML"), ("- 1", "mapping"), ("", "mapping")]
)
def test_a_file_that_is_no_recipe(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_recipe(write(tmp_path, text))


def test_no_such_recipe(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load_recipe(tmp_path / "none.yaml")


def test_data_is_found_beside_the_recipe(recipe, tmp_path, argon):
    raw = recipe().model_dump(mode="json")
    raw["data"]["files"] = ["beside.h5"]
    path = write(tmp_path, raw)
    with pytest.raises(ConfigError, match=r"no beside\.h5 nor .*longstride generate"):
        load_recipe(path)
    (tmp_path / "beside.h5").write_bytes(argon.read_bytes())
    assert load_recipe(path).data.files == (tmp_path / "beside.h5",)


def test_a_budget_in_minutes_follows_time_and_one_in_steps_the_steps():
    assert BudgetConfig(minutes=2.0).progress(1000, 60.0) == 0.5
    assert BudgetConfig(steps=200).progress(100, 1e6) == 0.5
    assert BudgetConfig(steps=200).progress(300, 0.0) == 1.0
