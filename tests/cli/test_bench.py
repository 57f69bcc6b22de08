"""``longstride bench``: both programs timed in turns; wrong options are one line."""

import json
import sys
from pathlib import Path
from shutil import which

import pytest

from longstride.cli import main as program
from longstride.kernels import instructions
from longstride.validation.bench_record import Bench
from longstride.validation.suite import SuiteSettings
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
        assert min(run["split"].values()) >= 0.0
        assert run["split"]["network"] > 0.0
        assert run["peak_rss_mb"] > 50
        assert run["matched_ratio"] is None
    assert content["matched"] is None
    assert content["instructions"] == instructions() == content["machine"].get("instructions")
    printed = capsys.readouterr().out
    assert "ratio" in printed
    assert instructions() is None or f"instruction set {instructions()}" in printed
    assert "matched" not in printed
    assert "…" not in printed
    assert [item.name for item in tmp_path.iterdir()] == ["bench.json"]


@pytest.mark.skipif(not shipped(), reason="no model ships")
@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_the_reference_is_timed_at_matched_fidelity_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = {"equilibration": 1000.0, "decorrelation": 200.0, "flights": 2, "flight_time": 600.0}
    short |= {"windows": 3, "largest_step": 5.0}
    quick = SuiteSettings.quick
    monkeypatch.setattr(SuiteSettings, "quick", lambda **given: quick(**{**given, **short}))
    monkeypatch.setattr("longstride.cli.bench_session.JUDGED_ATOMS", 108)
    monkeypatch.setattr("longstride.cli.bench_session.FAMILIES", ("onestep",))
    path, cache = tmp_path / "bench.json", tmp_path / "parts"
    words = ("--atoms", 108, "--rounds", 2, "--ranks", 1, "--matched-fidelity")
    assert bench(*words, "--cache", cache, "--json", path) == 0
    found = Bench.model_validate_json(path.read_text()).matched
    assert found is not None
    assert found.time_step is not None, found.failed
    assert (found.atoms, found.model_failed) == (108, ())
    step, names = list(found.failed.items())[-1]
    assert 5.0 <= found.time_step < step <= 20.0
    assert any(name.startswith("onestep.d.relative_error") for name in names)
    (run,) = json.loads(path.read_text())["runs"]
    low, high = run["matched_ratio_range"]
    assert low <= run["matched_ratio"] <= high
    printed = capsys.readouterr().out
    assert f"step of {found.time_step:.3g} fs" in printed
    assert f"at {step:.3g} fs it fails" in printed
    assert "the model passes all" in printed
    assert "…" not in printed
    assert list(cache.glob("flights-*")), "the trajectories are kept"


@pytest.mark.skipif(not shipped(), reason="no model ships")
@pytest.mark.parametrize(("model", "atoms"), [("al", 108), ("mg", 288), ("cuni", 108)])
def test_a_model_is_timed_alone(model: str, atoms: int, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("-m", model, "--reference", "none", "--rounds", 1, "--ranks", 1)
    assert bench(*words, "--atoms", atoms) == 0
    printed = capsys.readouterr().out
    assert str(atoms) in printed
    assert "ratio" not in printed


def test_a_file_of_an_older_edition_is_read() -> None:
    kept = Path(__file__).parents[2] / "benchmarks" / "results"
    (path, *_) = sorted(kept.glob("**/bench*.json"))
    assert Bench.model_validate_json(path.read_text()).instructions is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--atoms", "many"), "--atoms many: write numbers"),
        (("--atoms", "4"), "--atoms 4: write numbers of 32 or more"),
        (("--reference", "vasp"), "choose lammps or none"),
        (("--matched-fidelity", "--reference", "none"), "--matched-fidelity needs the reference"),
        (("--cache", "parts"), "--cache keeps what --matched-fidelity makes"),
        (("--matched-fidelity", "--cache", "/dev/null"), "--cache /dev/null: File exists"),
        (("--matched-fidelity", "--cache", "/dev/null/x"), "--cache /dev/null/x: Not a directory"),
        (("--json", "no/such/folder/bench.json"), "--json no/such/folder/bench.json"),
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
