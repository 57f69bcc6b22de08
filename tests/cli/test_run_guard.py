"""The guard of the run command: what it says and writes, its exit code, and how a run goes on."""

from pathlib import Path

import ase.io
import numpy as np
import pytest
from ase.build import bulk

from longstride.cli.main import main
from longstride.dynamics import read_thermo
from longstride.trajectory import TrajectoryFile
from longstride.zoo import resolve

MODEL = "al-fast"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A crystal, and one that is stretched far beyond the data."""
    monkeypatch.chdir(tmp_path)
    crystal = bulk("Al", "fcc", a=4.074, cubic=True).repeat(3)
    ase.io.write("al.cif", crystal)
    crystal.set_cell(1.06 * crystal.cell, scale_atoms=True)
    ase.io.write("stretched.cif", crystal)
    return tmp_path


def run(*more: str, structure: str = "al.cif", time: str = "1.2ps") -> int:
    words = ["run", "-m", MODEL, "-s", structure, "--temperature", "300", "--time", time]
    return main([*words, "-o", "out.h5", *more])


def test_a_bulk_crystal_is_inside(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--guard-every", "4") == 0
    assert "silent in 6 looks, at most" in capsys.readouterr().out
    seen = read_thermo(work / "out.thermo.csv").observed
    assert list(seen)[3:6] == ["distance_max", "distance_mean", "neighbourhood_max"]
    assert np.nanmax(seen["atoms_outside"]) == 0
    assert np.isfinite(seen["disagreement_eV_mean"]).sum() == 6


def test_what_is_left_of_the_regime_stops_the_run(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--force", "--on-leave", "stop", structure="stretched.cif") == 3
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("longstride: stopped: outside the model's regime at t = 0 fs: atom ")
    assert "limit" in line
    assert line.endswith("--resume --on-leave warn -o out.h5 (or --on-leave reference)")
    assert not (work / "out.h5").exists()
    assert main(["run", "--resume", "--on-leave", "warn", "-o", "out.h5"]) == 0
    captured = capsys.readouterr()
    assert "looks found atoms outside the regime, up to" in captured.out
    with TrajectoryFile("out.h5") as file:
        assert file["run"].n_frames == 21


def test_force_warns(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--force", structure="stretched.cif") == 0
    captured = capsys.readouterr()
    assert captured.err.count("warning: outside the model's regime at t = 0 fs: atom") == 1
    assert "looks found atoms outside" in captured.out


def test_the_reference_takes_over_and_a_kill_changes_nothing(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--force", "--on-leave", "reference")
    assert run(*words, structure="stretched.cif", time="360fs") == 0
    assert "did 6 of 6 strides, 360 fs" in capsys.readouterr().out
    whole = (work / "out.thermo.csv").read_bytes()
    assert read_thermo(work / "out.thermo.csv").observed["reference_strides"].tolist() == [
        *range(7)
    ]

    def interrupted(self: object, stride) -> None:
        if stride.index == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("longstride.cli.run_progress.RunProgress.__call__", interrupted)
        assert run(*words, "--overwrite", structure="stretched.cif", time="360fs") == 130
    assert main(["run", "--resume", "-o", "out.h5"]) == 0
    assert (work / "out.thermo.csv").read_bytes() == whole


def test_without_looks_there_is_no_guard(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--force", "--guard-every", "0", structure="stretched.cif") == 0
    assert "guard" not in capsys.readouterr().out
    assert "atoms_outside" not in read_thermo(work / "out.thermo.csv").observed


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--on-leave", "panic"], "panic"),
        (["--guard-every", "0", "--on-leave", "warn"], "give --guard-every above 0"),
        (["--pressure", "0", "--on-leave", "reference"], "goes without --pressure"),
    ],
)
def test_wrong_options_are_one_line(
    work: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
) -> None:
    assert run(*words) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("longstride: error: ")
    assert expected in line
    assert not (work / "out.h5.partial").exists()


def test_a_damaged_guard_is_one_line(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = work / "net"
    folder.mkdir()
    for name in ("model.json", "model.safetensors"):
        (folder / name).write_bytes((resolve(MODEL) / name).read_bytes())
    text = (folder / "model.json").read_text()
    (folder / "model.json").write_text(text.replace('"rate"', '"rite"'))
    words = ["run", "-m", "net", "-s", "al.cif", "--temperature", "300", "--time", "60fs"]
    assert main([*words, "-o", "out.h5"]) == 2
    assert "model.json: guard" in capsys.readouterr().err
