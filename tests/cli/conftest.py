"""Where the run command is tested: a folder with argon in it; inputs that benchmarks/ makes."""

import sys
from pathlib import Path

import ase.io
import pytest
from ase.build import bulk

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "benchmarks")]

from argon_model import install  # noqa: E402


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a structure file and a model folder that stands for argon."""
    monkeypatch.chdir(tmp_path)
    atoms = bulk("Ar", "fcc", a=5.4, cubic=True)
    ase.io.write("ar.cif", atoms)
    model = tmp_path / "argon"
    model.mkdir()
    (model / "model.safetensors").write_text("weights")
    install(monkeypatch)
    return tmp_path
