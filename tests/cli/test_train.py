"""``longstride train`` from a trajectory to a model folder."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml

from longstride.cli.main import main
from longstride.testsystems import LennardJones
from longstride.testsystems.lennard_jones import ARGON, ARGON_MASS
from longstride.trajectory import TrajectoryWriter, segment_of


@pytest.fixture(scope="module")
def argon(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run of 32 argon atoms, a frame every 20 fs."""
    path = tmp_path_factory.mktemp("data") / "argon.h5"
    potential = LennardJones(cutoff=4.5, skin=0.5)
    rng = np.random.default_rng(1)
    state = potential.crystal(2)
    state = state.with_(velocities=1e-3 * rng.normal(size=state.positions.shape))
    with TrajectoryWriter(path, provenance={}) as out:
        segment = segment_of(
            out, "only", state, interval=20.0, metadata={"temperature": 30.0, "run": "only"}
        )
        for frame in range(40):
            segment.append(
                time=20.0 * frame, positions=state.positions, velocities=state.velocities
            )
            state = potential.verlet(4.0, 5).step(state, rng)
    return path


@pytest.fixture
def recipe(argon: Path, tmp_path: Path) -> Path:
    """A recipe that trains in a second."""
    torch.set_num_threads(1)
    raw = {
        "data": {
            "files": [str(argon)],
            "split": {"by": "time", "gap_fs": 40, "validation_fraction": 0.3},
        },
        "model": {
            "map": "staged",
            "stage_times": [40, 80],
            "species": [ARGON],
            "masses": [ARGON_MASS],
            "cutoff": 4.6,
            "inner": 3.0,
            "network": {"radial": 3, "hidden": 8, "heads": 2, "key": 2, "value": 2},
        },
        "budget": {"steps": 4},
        "optimisation": {"batch_windows": 2},
        "initialise_windows": 4,
        "validate_every": 2,
        "validation_windows": 1,
        "checkpoint_every": 1,
        "threads": 1,
    }
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(raw))
    return path


def error_line(capsys: pytest.CaptureFixture[str]) -> str:
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    return err


def test_trains_prints_the_baseline_first_and_leaves_a_model(recipe, tmp_path, capsys):
    assert main(["train", str(recipe), "-o", str(tmp_path / "run")]) == 0
    out = capsys.readouterr().out
    assert out.index("ridge baseline") < out.index("step      0") < out.index("step      4")
    assert "relative error after one stride" in out
    assert (tmp_path / "run" / "model" / "model.safetensors").exists()
    assert set(json.loads((tmp_path / "run" / "errors.json").read_text())) == {"ridge", "model"}


def test_a_run_folder_is_not_overwritten(recipe, tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.txt").write_text("mine")
    assert main(["train", str(recipe), "-o", str(tmp_path / "run")]) == 2
    assert "--resume" in error_line(capsys)
    assert (tmp_path / "run" / "thesis.txt").read_text() == "mine"


def test_ctrl_c_leaves_a_checkpoint_and_says_how_to_go_on(recipe, tmp_path, capsys, monkeypatch):
    from longstride.cli.train_display import Display

    shown = Display.stepped

    def interrupting(self: Display, status: object) -> None:
        shown(self, status)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGINT)

    words = ["train", str(recipe), "-o", str(tmp_path / "run"), "--steps", "3"]
    with monkeypatch.context() as patch:
        patch.setattr(Display, "stepped", interrupting)
        assert main(words) == 130
    assert f"longstride {' '.join(words)} --resume" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0
    assert "continuing at step 1" in capsys.readouterr().out


def test_two_processes_end_together_and_one_goes_on(recipe, tmp_path, capfd):
    run = tmp_path / "run"
    words = ["train", str(recipe), "-o", str(run), "--steps", "100000", "--processes", "2"]

    def end_the_command() -> None:
        while not (run / "checkpoints" / "last.safetensors").exists():
            time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end_the_command, daemon=True).start()
    assert main(words) == 143
    said = [line for line in capfd.readouterr().err.splitlines() if "longstride" in line]
    assert said == [f"longstride: stopped; go on with: longstride {' '.join(words)} --resume"]
    done = len((run / "log.csv").read_text().splitlines()) - 2
    steps = str(2 * done + 3)
    assert main(["train", str(recipe), "-o", str(run), "--steps", steps, "--resume"]) == 0
    assert "continuing at step" in capfd.readouterr().out
    assert (run / "model" / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--minutes", "1", "--steps", "2"], "exclude each other"),
        (["--data", "none.h5"], "there is no none.h5"),
        (["--device", "abacus"], "device"),
        (["--resume"], "no run here to continue"),
        (["--from", "nowhere"], "no model 'nowhere'"),
        (["--from", "al"], "model.cutoff: 4.6 in the recipe, 8.17 by the model al"),
        (["--active", "1"], "--active needs model.guard"),
        (["--active", "1", "--processes", "2"], "one process"),
        (["--precision", "fp8"], "precision"),
        (["--precision", "tf32"], "precision 'tf32'"),
    ],
)
def test_wrong_options_are_one_line(recipe, tmp_path, capsys, options, message):
    assert main(["train", str(recipe), "-o", str(tmp_path / "run"), *options]) == 2
    assert message in error_line(capsys)
    assert not (tmp_path / "run").exists()


def test_a_stage_between_frames_is_one_line_with_the_possible_times(recipe, tmp_path, capsys):
    raw = yaml.safe_load(recipe.read_text())
    raw["model"]["stage_times"] = [30, 60]
    recipe.write_text(yaml.safe_dump(raw))
    assert main(["train", str(recipe), "-o", str(tmp_path / "run")]) == 2
    line = error_line(capsys)
    assert "30 fs" in line
    assert "choose from 20, 40, 60" in line
    assert not (tmp_path / "run").exists()


def test_auto_proposes_says_why_trains_and_resumes(recipe, tmp_path, capsys):
    raw = yaml.safe_load(recipe.read_text())
    del raw["optimisation"]
    raw["data"]["split"]["validation_fraction"] = 0.5
    small = {"cutoff": 4.6, "inner": 3.0, "network": {"radial": 3}, "guard": False}
    raw["model"] = {"auto": True, **small}
    recipe.write_text(yaml.safe_dump(raw))
    words = ["train", str(recipe), "-o", str(tmp_path / "run")]
    assert main([*words, "--steps", "2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("proposed: fastest vibration ")
    assert out.count("proposed: ") == 8
    assert "closed-form solution is off by" in out
    config = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())
    model = config["model"]
    assert (model["cutoff"], model["kicks"], model["species"]) == (4.6, 3, [ARGON])
    assert model["stage_times"][-1] == 3 * model["stage_times"][0]
    assert config["optimisation"]["batch_windows"] == 2
    assert main([*words, "--steps", "3", "--resume"]) == 0
    assert "continuing at step 2" in capsys.readouterr().out


def test_from_a_model_says_what_is_taken_over(recipe, tmp_path, capsys):
    assert main(["train", str(recipe), "-o", str(tmp_path / "first")]) == 0
    raw = yaml.safe_load(recipe.read_text())
    del raw["model"]
    recipe.write_text(yaml.safe_dump(raw))
    parent = str(tmp_path / "first")
    words = ["train", str(recipe), "-o", str(tmp_path / "second"), "--from", parent]
    capsys.readouterr()
    assert main(words) == 0
    assert capsys.readouterr().out.startswith(
        f"taken over: map, stage times and network of {parent}"
    )
    one, other = (
        yaml.safe_load((tmp_path / name / "config.yaml").read_text())
        for name in ("first", "second")
    )
    assert other["model"] == one["model"]
    assert other["parent"]["model"] == parent
