"""``longstride demo``: wrong options are one line, and the real thing writes its report."""

import json
from pathlib import Path

import pytest

from longstride.cli import main as program
from longstride.kernels import instructions


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--time", "10"], "--time 10"),
        (["--temperature", "-3"], "--temperature -3"),
        (["--model", "nothing-here"], "no model 'nothing-here'"),
    ],
)
def test_wrong_options_are_one_line_and_leave_nothing(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert program.main(["demo", "--out", str(out), *options]) == program.WRONG_INPUT
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert words in captured.err
    assert not out.exists()


def test_a_small_demo_writes_its_report_and_is_restartable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["demo", "--out", str(tmp_path), "--atoms", "108", "--time", "1.2ps", "--ranks", "1"]
    assert program.main(words) == 0
    first = capsys.readouterr()
    assert str(tmp_path / "report.html") in first.out
    assert "nvt.temperature.relative_error[600K]" in first.out
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["schema"] == 1
    assert results["provenance"]["machine"].get("instructions") == instructions()
    assert instructions() is None or f"instruction set {instructions()}" in first.out
    assert program.main(words) == 0
    assert capsys.readouterr().err.count("used again") >= 5
    assert json.loads((tmp_path / "results.json").read_text())["checks"] == results["checks"]
