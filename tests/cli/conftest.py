"""Where the run command is tested: a folder with argon in it."""

import sys
from pathlib import Path

import ase.io
import pytest
from ase.build import bulk

sys.path.insert(0, str(Path(__file__).parent))

from argon_model import install


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a structure file and a model folder that stands for argon."""
    monkeypatch.chdir(tmp_path)
    atoms = bulk("Ar", "fcc", a=5.4, cubic=True)
    ase.io.write("ar.cif", atoms)
    model = tmp_path / "argon"
    model.mkdir()
    (model / "model.json").write_text("{}")
    (model / "model.safetensors").write_text("weights")
    install(monkeypatch)
    return tmp_path
