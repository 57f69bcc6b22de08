"""The run command on LAMMPS: what it writes, and which options do not go together."""

from pathlib import Path

import ase.io
import pytest
from ase.build import bulk

from longstride.cli.main import main
from longstride.dynamics import read_thermo
from longstride.kernels.native import load_native
from longstride.trajectory import TrajectoryFile

WORDS = ["run", "-m", "al-fast", "-s", "al.cif", "-T", "600", "--time", "240fs", "-o", "out.h5"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    ase.io.write("al.cif", bulk("Al", a=4.06, cubic=True))
    return tmp_path


@pytest.mark.skipif(load_native() is None, reason="the kernel was not compiled")
def test_a_run_on_lammps_writes_its_files(folder: Path, capsys: pytest.CaptureFixture[str]):
    more = ["--repeat", "3", "--engine", "lammps", "--every", "2", "--extxyz", "out.xyz"]
    assert main([*WORDS, *more]) == 0
    captured = capsys.readouterr()
    assert "velocities drawn at 600 K with seed 0" in captured.err
    assert "3 of 108 atoms, to 240 fs" in captured.out
    with TrajectoryFile("out.h5") as file:
        assert file["run"].n_frames == 3
        assert file.provenance["options"]["engine"] == "lammps"
    assert len(read_thermo(folder / "out.thermo.csv").time) == 5
    assert len(ase.io.read("out.xyz", index=":")) == 3
    assert sorted(path.suffix for path in folder.iterdir()) == [
        *(".cif", ".csv", ".h5", ".png", ".xyz")
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--engine", "lammps", "--pressure", "0"], "--pressure does not go with --engine lammps"),
        (["--engine", "lammps", "--noise", "calibrated"], "--noise does not go with"),
        (["--engine", "lammps", "--substride"], "--substride does not go with"),
        (["--engine", "lammps", "--on-leave", "warn"], "--on-leave does not go with"),
        (["--ranks", "2"], "--ranks is an option of --engine lammps"),
        (["--exchange", "stride"], "--exchange is an option of --engine lammps"),
        (["--engine", "gromacs"], "gromacs"),
    ],
)
def test_options_that_do_not_go_together(
    capsys: pytest.CaptureFixture[str], more: list[str], said: str
):
    assert main([*WORDS, *more]) == 2
    captured = capsys.readouterr().err.strip()
    assert said in captured
    assert "\n" not in captured
