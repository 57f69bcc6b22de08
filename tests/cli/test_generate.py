"""``longstride generate`` as a user meets it."""

from pathlib import Path

import pytest

from longstride.cli.main import main

RECIPE = """\
structure: {lattice: fcc, element: Al, repeat: [2, 2, 2]}
engine: {kind: lammps, pair_style: eam/fs, potential: Al_mm.eam.fs, elements: Al}
relaxation: {time: 200}
time_step: 2.0
interval: 10.0
runs:
  - {temperatures: [300], equilibration: 100, segments: 2, segment_length: 50}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def test_a_file_is_made_once(recipe, tmp_path, capsys):
    output = tmp_path / "data.h5"
    command = ["generate", str(recipe), "-o", str(output), "--workers", "1"]
    assert main(command) == 0
    assert "1 runs of 32 atoms, 1 relaxed cells, 2 segments, 12 frames" in capsys.readouterr().err
    assert output.is_file()
    assert main(command) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main([*command, "--overwrite"]) == 0


def test_a_dry_run_makes_nothing(recipe, tmp_path, capsys):
    assert main(["generate", str(recipe), "-o", str(tmp_path / "data.h5"), "--dry-run"]) == 0
    assert "about 0 MB" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [recipe]


def test_a_mistake_is_one_line(recipe, tmp_path, capsys):
    recipe.write_text(RECIPE.replace("interval", "intervall"))
    assert main(["generate", str(recipe), "-o", str(tmp_path / "data.h5")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "did you mean 'interval'?" in said


def test_the_output_is_asked_for(recipe, capsys):
    assert main(["generate", str(recipe)]) == 2
    assert "-o data.h5" in capsys.readouterr().err


def test_the_help_has_an_example(capsys):
    assert main(["generate", "--help"]) == 0
    assert "longstride generate recipes/al.yaml -o al.h5" in capsys.readouterr().out
