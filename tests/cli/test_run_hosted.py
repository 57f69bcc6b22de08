"""The run command on LAMMPS: what it writes, and which options do not go together."""

from pathlib import Path

import ase.io
import pytest
from ase.build import bulk

from longstride.cli.hosted_progress import RecordFollower
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
    assert "silent in 1 looks" in captured.out
    with TrajectoryFile("out.h5") as file:
        assert file["run"].n_frames == 3
        assert file.provenance["options"]["engine"] == "lammps"
    thermo = read_thermo(folder / "out.thermo.csv")
    assert len(thermo.time) == 5
    assert "potential_energy_eV_per_atom" in thermo.observed
    assert len(ase.io.read("out.xyz", index=":")) == 3
    assert sorted(path.suffix for path in folder.iterdir()) == [
        *(".cif", ".csv", ".h5", ".png", ".xyz")
    ]


@pytest.mark.skipif(load_native() is None, reason="the kernel was not compiled")
def test_a_run_that_leaves_the_regime_stops_and_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    ase.io.write("al.cif", bulk("Al", a=4.32, cubic=True))
    more = ["--repeat", "3", "-T", "300", "--engine", "lammps", "--force", "--on-leave", "stop"]
    assert main([*WORDS, *more]) == 3
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("longstride: stopped: outside the model's regime at t = 0 fs: atom ")
    assert line.endswith("--resume --on-leave warn -o out.h5")
    assert not (folder / "out.h5").exists()
    assert main(["run", "--resume", "--on-leave", "warn", "-o", "out.h5"]) == 0
    assert "1 of 1 looks found atoms outside the regime" in capsys.readouterr().out
    assert len(read_thermo(folder / "out.thermo.csv").observed["atoms_outside"]) == 5


def test_a_record_that_grows_is_followed(folder: Path):
    shown: list[tuple[int, float, float]] = []

    class Line:
        def show(self, *state: float) -> None:
            shown.append(state)

    record = folder / "out.thermo.csv.partial"
    follower = RecordFollower(record, 60.0, Line())
    follower.look()
    for text in ("time_fs,temperature_K\n", "0.0,600.5,1\n60.0,59", "9.0,1\n"):
        with record.open("a") as file:
            file.write(text)
        follower.look()
    assert shown == [(0, 0.0, 600.5), (1, 60.0, 599.0)]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--engine", "lammps", "--pressure", "0"], "--pressure does not go with --engine lammps"),
        (["--engine", "lammps", "--noise", "calibrated"], "--noise does not go with"),
        (["--engine", "lammps", "--substride"], "--substride does not go with"),
        (["--engine", "lammps", "--on-leave", "reference"], "choose stop or warn"),
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
