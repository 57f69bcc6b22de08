"""``longstride export``: what is made is told by the ending; what does not fit is one line."""

from pathlib import Path

import numpy as np
import pytest
import torch

from longstride.cli.main import main
from longstride.trajectory import TrajectoryWriter


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A rollout of three frames, in the working directory."""
    monkeypatch.chdir(tmp_path)
    with TrajectoryWriter(tmp_path / "out.h5") as out:
        out.segment(
            "run", species=[13], masses=[26.98], cell=4.0 * np.eye(3), pbc=[True] * 3, interval=60.0
        ).append_many(time=60.0 * np.arange(3), positions=np.zeros((3, 1, 3)))
    return tmp_path


def test_trajectories(run: Path, capsys: pytest.CaptureFixture[str]):
    for name, frames, count in (
        ("out.extxyz", "::2", "2 frames"),
        ("out.gsd", "1:", "2 frames"),
        ("out.h5md", "-1", "1 frame"),
        ("out.lammpstrj", None, "3 frames"),
        ("last.data", None, "1 frame"),
    ):
        words = ["export", "out.h5", "-o", name]
        assert main(words if frames is None else [*words, "--frames", frames]) == 0
        assert capsys.readouterr().err == f"wrote {name}: {count}\n"
        assert (run / name).is_file()
    assert "TIMESTEP\n120\n" in (run / "out.lammpstrj").read_text()


def test_an_existing_file_is_kept_unless_asked(run: Path, capsys: pytest.CaptureFixture[str]):
    (run / "a.xyz").write_text("mine")
    assert main(["export", "out.h5", "-o", "a.xyz"]) == 2
    assert "a.xyz: exists; add --overwrite" in capsys.readouterr().err
    assert (run / "a.xyz").read_text() == "mine"
    assert main(["export", "out.h5", "-o", "a.xyz", "--overwrite"]) == 0
    assert (run / "a.xyz").read_text().startswith("1\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["out.h5", "-o", "a.pdb"], "the ending says no format"),
        (["none.h5", "-o", "a.xyz"], "none.h5: no such file"),
        (["out.h5", "-o", "a.xyz", "--skin", "2"], "--skin: a.xyz is a trajectory"),
        (["out.h5", "-o", "a.xyz", "--precision", "float64"], "--precision: a.xyz is a trajectory"),
        (["al", "-o", "a.pt", "--frames", "3"], "--frames: a.pt is a model"),
        (["al", "-o", "a.pt", "--skin", "0"], "--skin 0: not between 0 and 20 Å"),
        (["zinc", "-o", "a.pt"], "no model 'zinc'"),
        (["out.h5", "-o", "a.xyz", "--frames", "x"], "--frames x: write a number, or"),
        (["out.h5", "-o", "a.xyz", "--frames", "::-1"], "--frames ::-1: write a number, or"),
        (["out.h5", "-o", "a.xyz", "--frames", "1:2:3:4"], "--frames 1:2:3:4: write a number, or"),
        (["out.h5", "-o", "a.xyz", "--frames", "7"], "--frames chooses none of the 3 frames"),
        (["out.h5", "-o", "none/a.xyz"], "folder none does not exist"),
    ],
)
def test_what_does_not_fit(run: Path, capsys: pytest.CaptureFixture[str], words, complaint):
    assert main(["export", *words]) == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.startswith("longstride: error: ")
    assert error.count("\n") == 1
    assert [path.name for path in run.iterdir()] == ["out.h5"]


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_a_model(run: Path, capsys: pytest.CaptureFixture[str]):
    pytest.importorskip("metatomic", reason="the extra 'metatomic' is not installed")
    assert main(["export", "al-fast", "-o", "al.pt", "--precision", "float64"]) == 0
    assert capsys.readouterr().err == "wrote al.pt: al-fast as a metatomic model in float64\n"
    from metatomic.torch import load_atomistic_model

    model = load_atomistic_model(run / "al.pt")
    assert model.capabilities().dtype == "float64"
    assert model.capabilities().atomic_types == [13]
    assert all(tensor.dtype != torch.float32 for tensor in model.module.buffers())
