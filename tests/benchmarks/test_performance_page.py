"""docs/performance.md is made from results with and without matched fidelity."""

import json
from pathlib import Path
from typing import Any

import pytest
from pages.performance import text

from longstride.validation.bench_record import Bench

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "speed"
SUITES = Path(__file__).parents[2] / "benchmarks" / "results" / "suite"
SINCE = ("matched_us_per_atom_step", "matched_ratio", "matched_ratio_range")
"""Keys of a run that the first results do not have."""


@pytest.fixture
def benches(tmp_path: Path):
    """The results of the repository as they were before, changed, in a folder."""

    def write(**matched: Any) -> Path:
        for path in RESULTS.glob("bench-*.json"):
            bench = json.loads(path.read_text(encoding="utf-8"))
            bench.pop("matched", None)
            for run in bench["runs"]:
                for key in SINCE:
                    run.pop(key, None)
            if path.stem == "bench-al" and matched:
                bench["matched"] = {**MATCHED, "settings": {"temperatures": [600.0]}, **matched}
                if bench["matched"]["time_step"] is not None:
                    for run in bench["runs"]:
                        run.update(zip(SINCE, (0.61, 1.25, [1.2, 1.3]), strict=True))
            Bench.model_validate(bench)
            (tmp_path / path.name).write_text(json.dumps(bench), encoding="utf-8")
        return tmp_path

    return write


MATCHED = {
    "time_step": 4.0,
    "failed": {"5.0": ["nvt.temperature.relative_error[600K]", "onestep.d.rmse[600K]"]},
    "model_failed": [],
    "atoms": 500,
    "checks": 44,
}


def page_of(results: Path) -> str:
    """The page without the study of error against cost."""
    return text(results, SUITES, results / "study", results / "figures")


def test_results_from_before_have_no_section(benches) -> None:
    page = page_of(benches())
    assert "## Beside LAMMPS" in page
    assert "matched fidelity" not in page


def test_the_section_says_what_passes_what_fails_and_the_ratio(benches) -> None:
    page = page_of(benches(time_step=4.0))
    section = page[page.index("## At matched fidelity") : page.index("## What the speed")]
    assert "| al | 4,000 | 4 | 0.610 | **1.25** | 1.20 to 1.30 |" in section
    assert "LAMMPS passes in steps of 4 fs" in section
    failures = "`nvt.temperature.relative_error[600K]` and `onestep.d.rmse[600K]`"
    assert f"at 5 fs it fails {failures}. The model passes all." in section
    assert "al-fast" not in section


def test_no_step_that_passes_and_a_model_that_fails_are_told(benches) -> None:
    page = page_of(benches(time_step=None, failed={"2.0": ["a[600K]"]}, model_failed=["b[600K]"]))
    assert "LAMMPS passes at no step, so there is no ratio; at 2 fs it fails `a[600K]`" in page
    assert "The model fails `b[600K]`." in page
    assert "times as fast | range |\n| --- | ---: | ---: | ---: | ---: | ---: |" not in page


def test_every_step_may_pass(benches) -> None:
    page = page_of(benches(time_step=20.0, failed={}))
    assert "passes in steps of 20 fs, and no longer one divides" in page


def test_the_quick_suite_of_every_timed_model_is_told(benches) -> None:
    page = page_of(benches())
    for name in ("al", "al-fast", "cu-snap"):
        row = next(line for line in page.splitlines() if f"`longstride validate -m {name} " in line)
        results = json.loads((SUITES / f"quick-{name}.json").read_text(encoding="utf-8"))
        failed = [check["name"] for check in results["checks"] if not check["passed"]]
        total = len(results["checks"])
        assert f"| {total - len(failed)} of {total} |" in row
        assert all(name in row for name in failed)


def test_instruction_sets_have_a_row_each(benches) -> None:
    """Of every machine and model, the widest set first; the page goes without where none is."""
    folder = benches()
    assert "## By instruction set" not in page_of(folder)
    one = {"us_per_atom_stride": 5.0, "range": [4.9, 5.2], "of_widest": 1.2, "ratio": 4.0}
    one |= {"ratio_range": [3.9, 4.1], "gflops": 60.0, "peak_gflops": 240.0}
    sets = {"baseline": one, "v3": {**one, "us_per_atom_stride": 4.0}}
    found = {
        "machine": {"processor": "A processor"},
        "cores": 2,
        "created": "2026-11-29T20:00:00+00:00",
        "models": {"al": {"lammps_us": 0.7, "sets": sets}},
    }
    (folder / "instructions-one.json").write_text(json.dumps(found), encoding="utf-8")
    rows = [line for line in page_of(folder).splitlines() if line.startswith("| A processor")]
    assert [row.split(" | ")[2] for row in rows] == ["v3", "baseline"]
    assert "| 4.00 |" in rows[0]
    assert all(row.endswith("| 25 % |") for row in rows)


def test_start_up_tells_the_refusal_where_it_was_measured(benches) -> None:
    results = benches()
    seconds = {"help": {"median": 0.15}, "first_stride": {"median": 2.3}}
    for more, told in (({}, False), ({"refusal": {"median": 0.481}}, True)):
        record = json.dumps({"model": "al", "seconds": {**seconds, **more}})
        (results / "startup-speed.json").write_text(record, encoding="utf-8")
        line = page_of(results).split("## Start-up and size\n\n")[1].split("\n")[0]
        assert line.startswith("Fresh processes, medians: `longstride --help` 0.15 s; ")
        assert "first stride of 4,000 atoms 2.30 s. " in line
        assert ("read without torch, 0.48 s; " in line) == told
