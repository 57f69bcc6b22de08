"""The run command: what it writes and refuses, how it stops and goes on; argon is its model."""

import signal
from pathlib import Path

import ase.io
import numpy as np
import pytest
from argon_model import ArgonWithHead, install, refused, run
from ase.build import bulk

from longstride.cli.main import main
from longstride.dynamics import RunFiles, read_thermo
from longstride.trajectory import TrajectoryFile


def test_a_run_writes_its_files_and_a_summary(work: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--every", "5", "--extxyz", "out.xyz", "--seed", "3") == 0
    made = sorted(path.name for path in work.iterdir())
    assert made == [
        "ar.cif",
        "argon",
        "out.h5",
        "out.temperature.png",
        "out.thermo.csv",
        "out.xyz",
    ]
    captured = capsys.readouterr()
    assert "velocities drawn at 60 K with seed 3" in captured.err
    assert "108 atoms, langevin, 125 strides of 16 fs: 2 ps" in captured.err
    for expected in ("26 of 108 atoms, to 2 ps", "ns/day", "out.thermo.csv", "out.temperature.png"):
        assert expected in captured.out
    with TrajectoryFile("out.h5") as file:
        segment = file["run"]
        assert (segment.n_frames, segment.interval) == (26, 80.0)
        assert segment.metadata["temperature"] == 60.0
        assert segment.metadata["potential"] == "longstride model argon"
        assert file.provenance["options"]["friction_time"] == 200.0
        assert len(ase.io.read("out.xyz", index=":")) == 26
    thermo = read_thermo(work / "out.thermo.csv")
    assert 30 < thermo.temperature[60:].mean() < 75
    assert (work / "out.temperature.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("ensemble", ["nve", "csvr"])
def test_the_other_ensembles(work: Path, capsys: pytest.CaptureFixture[str], ensemble: str):
    assert run("--ensemble", ensemble, "--substride") == 0
    with TrajectoryFile("out.h5") as file:
        assert (file["run"].n_frames, file["run"].interval) == (251, 8.0)
    thermo = read_thermo(work / "out.thermo.csv")
    expected = {"nve": 30.0, "csvr": 60.0}[ensemble]
    assert thermo.temperature[60:].mean() == pytest.approx(expected, abs=9)
    assert ("NVE from drawn velocities" in capsys.readouterr().err) == (ensemble == "nve")


def test_a_run_goes_on_from_the_end_of_another(work: Path, capsys: pytest.CaptureFixture[str]):
    assert run() == 0
    words = ["run", "-m", "argon", "-s", "out.h5", "--ensemble", "nve", "--time", "160fs"]
    assert main([*words, "-o", "more.h5"]) == 0
    assert "velocities of out.h5" in capsys.readouterr().err
    with TrajectoryFile("out.h5") as file, TrajectoryFile("more.h5") as more:
        last, first = file["run"].state(-1), more["run"].state(0)
        np.testing.assert_array_equal(first.positions, last.positions)
        np.testing.assert_allclose(first.velocities, last.velocities, atol=1e-15)
        assert "temperature" not in more["run"].metadata


def test_a_stopped_run_is_resumed_to_the_same_bits(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    assert run(output="whole.h5") == 0
    install(monkeypatch, signal_after=110)
    before = signal.getsignal(signal.SIGTERM)
    assert run() == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert "go on from 1.6 ps with: longstride run --resume -o out.h5" in capsys.readouterr().err
    install(monkeypatch)
    assert "--resume or discard" in refused(capsys, run())
    line = refused(capsys, main(["run", "--resume", "-o", "out.h5", "--temperature", "50"]))
    assert "--temperature differs from that of the run to resume (60.0)" in line
    assert main(["run", "--resume", "-o", "out.h5", "--time", "2ps"]) == 0
    with TrajectoryFile("whole.h5") as whole, TrajectoryFile("out.h5") as resumed:
        for read in ("positions", "velocities"):
            np.testing.assert_array_equal(
                getattr(whole["run"], read)(), getattr(resumed["run"], read)()
            )
    assert (work / "whole.thermo.csv").read_bytes() == (work / "out.thermo.csv").read_bytes()
    assert not RunFiles(work / "out.h5").restart.exists()


def test_a_run_at_constant_pressure_is_resumed_to_the_same_bits(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    install(monkeypatch, ArgonWithHead)
    words = ["--temperature", "60:40", "--pressure", "0.1:0.15", "--barostat", "aniso"]
    words += ["--barostat-time", "0.3ps", "--compressibility", "0.5", "--extxyz"]
    assert run(*words, "whole.xyz", output="whole.h5") == 0
    captured = capsys.readouterr()
    assert "108 atoms, langevin with a barostat, 125 strides" in captured.err
    assert "Å³, mean of the second half" in captured.out
    install(monkeypatch, ArgonWithHead, signal_after=110)
    assert run(*words, "out.xyz") == 143
    install(monkeypatch, ArgonWithHead)
    line = refused(capsys, main(["run", "--resume", "-o", "out.h5", "--pressure", "0.1"]))
    assert "--pressure differs from that of the run to resume ((0.1, 0.15))" in line
    assert main(["run", "--resume", "-o", "out.h5", "--temperature", "60:40"]) == 0
    assert (work / "whole.thermo.csv").read_bytes() == (work / "out.thermo.csv").read_bytes()
    with TrajectoryFile("whole.h5") as whole, TrajectoryFile("out.h5") as resumed:
        np.testing.assert_array_equal(whole["run"].cells(), resumed["run"].cells())
        np.testing.assert_array_equal(whole["run"].positions(), resumed["run"].positions())
        assert whole["run"].metadata["pressure_ramp"] == [0.1, 0.15]
    edges = np.array([frame.cell.lengths() for frame in ase.io.read("out.xyz", index=":")])
    assert np.all(edges.std(axis=0) > 0)
    words = ["run", "-m", "argon", "-s", "out.h5", "--temperature", "40", "--time", "160fs"]
    assert main([*words, "-o", "more.h5"]) == 0
    with TrajectoryFile("out.h5") as out, TrajectoryFile("more.h5") as more:
        np.testing.assert_array_equal(more["run"].cell, out["run"].cells(-1))


def test_a_changed_model_does_not_resume(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    install(monkeypatch, signal_after=5)
    assert run() == 143
    install(monkeypatch)
    (work / "argon" / "model.safetensors").write_text("other weights")
    line = refused(capsys, main(["run", "--resume", "-o", "out.h5"]))
    assert "the model has changed since the run was started" in line
    (work / "argon" / "model.safetensors").write_text("weights")
    (work / "argon").rename(work / "moved")
    assert "no model 'argon'" in refused(capsys, main(["run", "--resume", "-o", "out.h5"]))
    assert main(["run", "--resume", "-o", "out.h5", "-m", "moved"]) == 0
    line = refused(capsys, main(["run", "--resume", "-o", "out.h5"]))
    assert "the run is complete; continue it with --structure out.h5" in line


def test_an_overlap_ends_the_run_and_keeps_its_frames(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    install(monkeypatch, fail_after=12)
    line = refused(capsys, run())
    assert "overlap at t = 192 fs" in line
    assert "the 12 frames before are in out.h5.partial" in line
    with TrajectoryFile("out.h5.partial") as file:
        assert file["run"].n_frames == 12


def test_outside_the_regime_needs_force(work: Path, capsys: pytest.CaptureFixture[str]):
    line = refused(capsys, run(temperature="150"))
    assert "temperature 150 K (the model covers 20 to 80 K); --force runs it all the same" in line
    assert not (work / "out.h5.partial").exists()
    assert run("--force", temperature="90") == 0
    assert "warning: outside the model's regime: temperature 90 K" in capsys.readouterr().err
    ase.io.write("ne.cif", bulk("Ne", "fcc", a=5.4, cubic=True))
    line = refused(capsys, run("--structure", "ne.cif", "--force", output="ne.h5"))
    assert "atomic number 10 (the model knows 18)" in line


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--time", "4"], "--time 4: the unit is missing; write 4fs, 4ps or 4ns"),
        (["--friction-time", "0ps"], "--friction-time 0ps: not a positive time"),
        (["--repeat", "3x3"], "--repeat 3x3"),
        (["--temperature", "-1"], "--temperature -1: must be positive"),
        (["--ensemble", "npt"], "npt"),
        (["--temperature", "60:hot"], "--temperature 60:hot: write a number in K, or two for"),
        (["--temperature", "60:90"], "temperature 90 K (the model covers 20 to 80 K)"),
        (["--ensemble", "nve", "--temperature", "60:70"], "--temperature 60:70 needs a thermostat"),
        (["--ensemble", "nve", "--pressure", "0"], "--pressure 0 needs a thermostat"),
        (["--pressure", "0"], "--pressure: model 'argon' has no energy head to tell its pressure"),
        (["--pressure", "0:1:2"], "--pressure 0:1:2: write a number in GPa"),
        (["--barostat", "aniso"], "--barostat is of constant pressure; give --pressure too"),
        (["--pressure", "0", "--compressibility", "0"], "--compressibility 0.0: must be positive"),
        (["--model", "nonsense"], "no model 'nonsense': shipped are"),
        (["--structure", "gone.cif"], "gone.cif: no such file"),
        (["--every", "126"], "a frame every 2.016 ps is longer than the run's 2 ps"),
        (["--substride", "--every", "2"], "exclude each other"),
        (["--extxyz", "nowhere/a.xyz"], "folder nowhere does not exist"),
        (["-o", "out.xyz"], "name a file that ends in .h5"),
        (["-o", "nowhere/out.h5"], "folder nowhere does not exist"),
    ],
)
def test_wrong_options_are_one_line(
    work: Path, capsys: pytest.CaptureFixture[str], words: list[str], expected: str
):
    output = words[1] if words[0] == "-o" else "out.h5"
    more = [] if words[0] == "-o" else words
    assert expected in refused(capsys, run(*more, output=output))
    assert sorted(path.name for path in work.iterdir()) == ["ar.cif", "argon"]


def test_what_a_new_run_needs_is_said(work: Path, capsys: pytest.CaptureFixture[str]):
    for words, expected in (
        ([], "a new run needs --model"),
        (["-m", "argon"], "a new run needs --structure"),
        (["-m", "argon", "-s", "ar.cif"], "a new run needs --time"),
        (["-m", "argon", "-s", "ar.cif", "--time", "1ps"], "langevin needs --temperature"),
        (
            ["-m", "argon", "-s", "ar.cif", "--time", "1ps", "--ensemble", "nve"],
            "has no velocities to start from; give --temperature",
        ),
        (["--resume"], "nothing to resume"),
    ):
        assert expected in refused(capsys, main(["run", *words, "-o", "out.h5"]))


def test_nothing_is_replaced_without_overwrite(work: Path, capsys: pytest.CaptureFixture[str]):
    assert run() == 0
    assert "out.h5: exists; choose another name or give --overwrite" in refused(capsys, run())
    assert run("--overwrite") == 0
