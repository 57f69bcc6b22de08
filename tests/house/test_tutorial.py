"""docs/own-potential.md does what it says: every file and command of it, in order, made small."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "own-potential.md").read_text(encoding="utf-8")
FILE = re.compile(r"Write `([\w.]+)`:\n\n```yaml\n(.*?)```", re.DOTALL)
TESTED = re.compile(r"<!-- tested -->\n```(\w+)\n(.*?)```", re.DOTALL)

SMALL = {
    "cu.yaml": {
        "structure": {"lattice": "fcc", "element": "Cu", "repeat": [2, 2, 2]},
        "relaxation": {"time": 400.0, "damping": 200.0},
        "runs": [
            {
                "temperatures": [400.0, 800.0],
                "seeds": [1, 2],
                "equilibration": 200.0,
                "segments": 2,
                "segment_length": 400.0,
                "decorrelation": 100.0,
            }
        ],
    },
    "model.yaml": {
        "budget": {"steps": 4},
        "initialise_windows": 4,
        "validation_windows": 2,
        "checkpoint_every": 4,
        "heating": {"atom_strides": 0},
    },
}
"""What makes the tutorial's files small; of the keys that they have, none is another."""

SHORTER = {
    "validate": ["--checks", "onestep,laws"],
    "run": ["--time", "0.72ps", "--on-leave", "warn"],
}
"""Options put behind the tutorial's own. A model of four steps may leave its regime."""

LESS_GOOD = {"validate": (0, 1)}
"""Exit codes: nor need it pass."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the files that the tutorial has the reader write."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name, text in FILE.findall(TUTORIAL):
        content = {**yaml.safe_load(text), **SMALL[name]}
        if isinstance(content.get("runs"), list):
            del content["melting_temperature"]
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def test_the_files_of_the_tutorial_are_those_that_are_made_small():
    assert [name for name, _ in FILE.findall(TUTORIAL)] == list(SMALL)


def test_the_tutorial_runs(folder: Path):
    for kind, body in TESTED.findall(TUTORIAL):
        if kind == "python":
            run([sys.executable, "-c", body], folder)
            continue
        program, command, *words = shlex.split(body.removeprefix("$ "))
        assert program == "longstride"
        words += SHORTER.get(command, [])
        program = [sys.executable, "-m", "longstride.cli.main", command]
        run([*program, *words], folder, LESS_GOOD.get(command, (0,)))
    assert (folder / "cu-quick" / "report.html").stat().st_size > 100_000
    assert (folder / "out.thermo.csv").read_text().count("\n") > 5


def run(words: list[str], folder: Path, allowed: tuple[int, ...] = (0,)) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode in allowed, f"{words}\n{done.stdout}{done.stderr}"
