"""Studies of the reference whose command is a stand-in that copies a finished file."""

import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parent))

from brownian import write_walk
from studies import RECIPE, write_study

STAND_IN = """
import os, pathlib, shutil, signal, sys, time
name = pathlib.Path.cwd().name
behaviour = os.environ.get("STAND_IN", "")
if behaviour == "slow":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pathlib.Path("begun").touch()
    time.sleep(60)
if behaviour and behaviour == name:
    print("longstride: error: the oven is cold", file=sys.stderr)
    sys.exit(2)
shutil.copy({walk!r}, "data.h5")
"""
"""A command that makes its output at once, fails for the run that STAND_IN names, or waits."""


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a study and its recipe; nothing real is run in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STAND_IN", raising=False)
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(RECIPE))
    write_study()
    walk = tmp_path / "walk.h5"
    write_walk(walk, diffusion=1e-4, temperature=300.0, seed=1, n_frames=40)
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN.format(walk=str(walk)))
    monkeypatch.setattr("longstride.study.task.PROGRAM", (sys.executable, str(script)))
    return tmp_path
