"""Energies, energy correction and noise of the run command; argon is its model."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from argon_model import ArgonWithHead, install, refused, run

from longstride.cli.main import main
from longstride.dynamics import CORRECTION_COLUMN, ENERGY_COLUMNS, read_thermo
from longstride.model import ModelResiduals
from longstride.model.residuals import BLOCK
from longstride.trajectory import TrajectoryFile

MEASURED = {
    "temperatures": [40.0],
    "species": {"18": [{"displacement": 1e-8, "cross": 0.0, "velocity": 1e-10}]},
    "windows": [1],
}


class ArgonWithResidual(ArgonWithHead):
    """The same with a head and a measured residual."""

    card: ClassVar[dict[str, Any]] = {**ArgonWithHead.card, BLOCK: MEASURED}
    residuals = ModelResiduals.model_validate(MEASURED)
    symplectic = True


def test_a_model_with_a_head_writes_energies_and_the_summary_shows_them(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    install(monkeypatch, ArgonWithHead)
    assert run("--ensemble", "nve", "--energy-every", "3") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "meV/atom from start to end" in told
    assert "GPa, mean of the second half" in told
    thermo = read_thermo(work / "out.thermo.csv")
    assert tuple(thermo.observed) == ENERGY_COLUMNS
    known = np.isfinite(thermo.observed[ENERGY_COLUMNS[1]])
    np.testing.assert_array_equal(np.flatnonzero(known), np.arange(0, 126, 3))
    assert (work / "out.temperature.png").stat().st_size > 10_000


def test_without_a_head_or_where_not_asked_for_there_are_none(
    work: Path, monkeypatch: pytest.MonkeyPatch
):
    assert run() == 0
    assert read_thermo(work / "out.thermo.csv").observed == {}
    install(monkeypatch, ArgonWithHead)
    assert run("--energy-every", "0", "--overwrite") == 0
    assert read_thermo(work / "out.thermo.csv").observed == {}


def test_a_held_and_noisy_run_is_resumed_to_the_same_bits(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    install(monkeypatch, ArgonWithResidual)
    words = ["--ensemble", "nve", "--energy-correction", "0.2ps", "--noise", "calibrated"]
    assert run(*words, output="whole.h5") == 0
    assert "given to the velocities in all" in " ".join(capsys.readouterr().out.split())
    install(monkeypatch, ArgonWithResidual, signal_after=115)
    assert run(*words) == 143
    install(monkeypatch, ArgonWithResidual)
    line = refused(capsys, main(["run", "--resume", "-o", "out.h5", "--noise", "none"]))
    assert "--noise differs from that of the run to resume (calibrated)" in line
    assert main(["run", "--resume", "-o", "out.h5"]) == 0
    assert (work / "whole.thermo.csv").read_bytes() == (work / "out.thermo.csv").read_bytes()
    with TrajectoryFile("whole.h5") as whole, TrajectoryFile("out.h5") as resumed:
        np.testing.assert_array_equal(whole["run"].velocities(), resumed["run"].velocities())
    thermo = read_thermo(work / "out.thermo.csv")
    assert thermo.observed[CORRECTION_COLUMN][-1] != 0.0
    assert np.all(thermo.momentum < 1e-10)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--energy-correction", "1ps"], "--energy-correction holds a constant energy"),
        (
            ["--ensemble", "nve", "--energy-correction", "1ps"],
            "--energy-correction: model 'argon' has no energy head to tell its energy",
        ),
        (
            ["--ensemble", "nve", "--energy-correction", "0ps"],
            "--energy-correction 0ps: not a positive time",
        ),
        (["--noise", "calibrated"], "--noise calibrated: model 'argon' does not state"),
        (["--noise", "loud"], "loud"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    work: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    expected: str,
):
    install(monkeypatch)
    assert expected in refused(capsys, run(*words))
    assert sorted(path.name for path in work.iterdir()) == ["ar.cif", "argon"]
