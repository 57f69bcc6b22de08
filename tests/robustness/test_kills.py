"""Commands killed at a few seeded moments: the campaign of benchmarks/robustness.py in short."""

from dataclasses import replace
from pathlib import Path

import pytest
from kills.campaign import campaign
from kills.jobs import ROLLOUTS


def test_a_killed_rollout_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    """In NPT with a ramp; tests/training and tests/reference kill the other two commands."""
    job = replace(next(one for one in ROLLOUTS if one.name == "run-npt-ramp"), time="6ps")
    found = campaign(job, seed=2, kills=2, folder=tmp_path / "work")
    assert found["failures"] == []
    assert found["kills"] == 2
    assert found["results_compared"] > 0


def test_a_complete_run_whose_picture_is_missing_gets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a kill between the last frame and the picture."""
    from longstride.cli.main import main

    monkeypatch.chdir(tmp_path)
    job = replace(ROLLOUTS[0], time="1.2ps")
    job.prepare(tmp_path)
    assert main(job.words(tmp_path)) == 0
    whole = (tmp_path / "out.xyz").read_bytes()
    (tmp_path / "out.xyz").unlink()
    assert main(["run", "--resume", "-o", "out.h5"]) == 0
    assert (tmp_path / "out.xyz").read_bytes() == whole
    capsys.readouterr()
    assert main(["run", "--resume", "-o", "out.h5"]) == 2
    assert "the run is complete; continue it with --structure" in capsys.readouterr().err


def test_a_training_killed_before_its_recipe_was_written_starts_anew(tmp_path: Path) -> None:
    from kills.jobs import TRAINING

    from longstride.training.config import parse_config
    from longstride.training.run_folder import RunFolder

    config = parse_config(TRAINING, "recipe")
    (tmp_path / "RUN" / "checkpoints").mkdir(parents=True)
    (tmp_path / "RUN" / "provenance.json.partial").write_text("{")
    RunFolder.reopen(tmp_path / "RUN", config, {"data.h5": "0"})
    assert (tmp_path / "RUN" / "config.yaml").is_file()
