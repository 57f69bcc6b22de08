"""``longstride bench``: both programs timed in turns; wrong options are one line."""

import json
import sys
from pathlib import Path
from shutil import which

import pytest

from longstride.cli import main as program
from longstride.zoo import shipped

LMP = which("lmp", path=str(Path(sys.executable).parent)) or which("lmp")
WRONG = 2


def bench(*words: object) -> int:
    return program.main(["bench", *map(str, words)])


@pytest.mark.skipif(not shipped(), reason="no model ships")
@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_both_are_timed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bench.json"
    assert bench("--atoms", "256,108", "--rounds", 2, "--ranks", 1, "--json", path) == 0
    content = json.loads(path.read_text())
    assert [run["atoms"] for run in content["runs"]] == [108, 256]
    assert content["reference"]["engine"] == "lammps"
    for run in content["runs"]:
        low, high = run["ratio_range"]
        assert low <= run["ratio"] <= high
        assert run["ns_per_day_range"][0] <= run["ns_per_day"] <= run["ns_per_day_range"][1]
        # µs per atom and stride, back to ns a day
        strides = 86400e6 / (run["us_per_atom_stride"] * run["atoms"])
        assert strides * content["stride"] * 1e-6 == pytest.approx(run["ns_per_day"])
        assert sum(run["split"].values()) == pytest.approx(1.0)
        assert run["split"]["network"] > 0.3
        assert run["peak_rss_mb"] > 50
    printed = capsys.readouterr().out
    assert "ratio" in printed
    assert "…" not in printed
    assert [item.name for item in tmp_path.iterdir()] == ["bench.json"]


@pytest.mark.skipif(not shipped(), reason="no model ships")
def test_a_model_is_timed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench("--reference", "none", "--atoms", 108, "--rounds", 1, "--ranks", 1) == 0
    printed = capsys.readouterr().out
    assert "108" in printed
    assert "ratio" not in printed


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--atoms", "many"), "--atoms many: write numbers"),
        (("--atoms", "4"), "--atoms 4: write numbers of 32 or more"),
        (("--reference", "vasp"), "choose lammps or none"),
        (("--temperature", "5000"), "the model covers"),
        (("--model", "nowhere"), "nowhere"),
    ],
)
def test_wrong_options_are_one_line(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(*words) == WRONG
    error = capsys.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
