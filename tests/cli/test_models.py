"""The list of models and their descriptions, read without torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from longstride import zoo
from longstride.cli.main import main
from longstride.errors import ConfigError, FileFormatError

DESCRIPTION = {
    "schema": 1,
    "config": {"species": [13, 28], "stage_times": [20.0, 40.0, 60.0]},
    "regime": {
        "temperatures": [300.0, 600.0, 900.0],
        "number_density": [0.0568, 0.0602],
        "potentials": ["NiAlH_jea.eam.alloy"],
    },
}


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zoo of one model."""
    folder = tmp_path / "models" / "nial"
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps(DESCRIPTION))
    (folder / "model.safetensors").write_text("")
    (folder / "card.md").write_text("# Ni-Al\n\nMade for this test.\n")
    monkeypatch.setattr("longstride.zoo.catalogue.MODELS", tmp_path / "models")
    return folder


def test_the_list_says_what_each_model_is_for(shelf: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["models"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for expected in ("nial", "Al Ni", "60 fs", "300 to 900 K", "NiAlH_jea.eam.alloy"):
        assert expected in out


def test_one_model_shows_its_card(shelf: Path, capsys: pytest.CaptureFixture[str]):
    for name in ("nial", str(shelf)):
        assert main(["models", name]) == 0
        out = capsys.readouterr().out
        assert "trained on: NiAlH_jea.eam.alloy" in out
        assert "density: 0.0568 to 0.0602 atoms/Å³" in out
        assert "Made for this test." in out


def test_models_are_found_by_name_and_by_path(shelf: Path, tmp_path: Path):
    assert zoo.shipped() == ("nial",)
    training = tmp_path / "training"
    training.mkdir()
    (training / "model").symlink_to(shelf)
    for given in ("nial", shelf, shelf / "model.json"):
        assert zoo.resolve(given) == shelf
    assert zoo.resolve(training) == training / "model"
    with pytest.raises(ConfigError, match="no model 'iron': shipped are nial; or give the path"):
        zoo.resolve("iron")
    with pytest.raises(ConfigError, match="not a model folder"):
        zoo.resolve(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"config": {"species": 13, "stage_times": []}}'])
def test_a_damaged_description_is_named(shelf: Path, text: str):
    (shelf / "model.json").write_text(text)
    with pytest.raises(FileFormatError, match=r"model\.json: (not the description|cannot be read)"):
        zoo.summarise(shelf)


def test_a_model_without_a_stated_range_says_so(shelf: Path, capsys: pytest.CaptureFixture[str]):
    bare = {"config": {"species": [13], "stage_times": [60.0]}}
    (shelf / "model.json").write_text(json.dumps(bare))
    (shelf / "card.md").unlink()
    assert main(["models", "nial"]) == 0
    assert "temperature: not stated" in capsys.readouterr().out


def test_the_list_does_not_load_torch():
    script = (
        "import sys; from longstride.cli.main import main; code = main(['models']);"
        "sys.exit('torch' in sys.modules or code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", zoo.shipped())
def test_every_shipped_model_is_described(name: str):
    summary = zoo.summarise(zoo.resolve(name))
    assert summary.temperature is not None
    assert summary.density is not None
    assert summary.card
