"""The section on error against cost, from results made up here."""

import json
from pathlib import Path
from typing import Any

import pytest
from pages import pareto
from pages.front import Front, shipped_settings

STAMP = {"date": "2000-01-01 00:00 UTC", "machine": {"processor": "made-up"}}
SETTINGS = {"windows": 4, "horizon": 360.0, "hot": 900.0, "nve": {"time": 1e5}}


def config(cutoff: float) -> dict[str, Any]:
    return {
        "stage_times": [20.0, 40.0, 60.0],
        "substeps": 3,
        "kicks": 3,
        "cutoff": cutoff,
        "network": {"radial": 7, "hidden": 32},
    }


def point(name: str, rate: float, drift: float | None, **changes: Any) -> dict[str, Any]:
    """One with an error rate in % at every temperature; drift None: it broke down."""
    one = {
        key: [0.01]
        for quantity in ("velocity", "displacement")
        for key in (quantity, f"{quantity}_uncertainty", f"{quantity}_rmse")
    }
    errors = {"one_stride": one, "rate": 0.01 * rate, "later": {"value": 0.08, "error": 0.001}}
    nve: dict[str, Any] = {"broke": {"time": 2.5, "reason": "atoms overlap"}}
    if drift is not None:
        nve = {"broke": None, "total": {"percent": drift, "percent_error": 0.1}}
    result = {
        "config": config(4.4),  # of no shipped model
        "n_atoms": 500,
        "errors": {t: errors for t in ("300", "600", "900")},
        "nve": nve,
    }
    return {
        "part": "pareto",
        "point": {"name": name, "varies": "cutoff"},
        "model": {"name": name, "sha256": "1" * 64, "steps": 10},
        "settings": SETTINGS,
        "result": {**result, **changes},
    }


def cost(**microseconds: float) -> dict[str, Any]:
    rows = {
        name: {
            "microseconds": value,
            "lowest": 0.9 * value,
            "highest": 1.1 * value,
            "evaluations": 150.0,
            "neighbours": 40.0,
            "kflop": None if name == "slow" else 5000.0,
        }
        for name, value in microseconds.items()
    }
    return {
        "part": "cost",
        "models": [{"name": name, "sha256": "1" * 64} for name in microseconds],
        "settings": {"threads": 1, "rounds": 3, "temperature": 600.0},
        "provenance": STAMP,
        "result": {"n_atoms": 4000, "maps": rows},
    }


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "pareto"
    folder.mkdir()
    pieces = {
        "cheap": point("cheap", 12.0, 1.0),
        "good": point("good", 8.0, -2.0, config=shipped_settings("al")),
        "slow": point("slow", 9.0, 1.0),
        "hot": point("hot", 7.0, 9.0),
        "broken": point("broken", 5.0, None),
        "new": {**point("new", 1.0, 1.0), "model": {"name": "new", "sha256": "2" * 64}},
        "cost": cost(cheap=50.0, good=100.0, slow=900.0, hot=90.0, broken=70.0, new=60.0),
    }
    for name, piece in pieces.items():
        (folder / f"{name}.json").write_text(json.dumps(piece), encoding="utf-8")
    return folder


def test_the_front_is_what_no_steady_map_beats(study: Path):
    front = Front.read(study)
    assert front is not None
    assert [mark.name for mark in front.marks] == ["cheap", "broken", "hot", "good", "slow"]
    assert [mark.name for mark in front.best] == ["cheap", "good"]


def test_the_section_says_what_was_measured(study: Path, tmp_path: Path):
    text = pareto.section(study, tmp_path / "figures")
    rows = {line.split(" | ")[0]: line for line in text.splitlines() if line.startswith("| ")}
    assert "+1.00 ± 0.10" in rows["| **cheap**"]
    # Whatever has the settings of a shipped model bears its name.
    assert "−2.00 ± 0.10" in rows["| **al**"]
    assert "broke down after 2.5 ps" in text
    assert "| new" not in rows
    assert "figures/pareto.png" in text
    assert 0 < (tmp_path / "figures" / "pareto.png").stat().st_size < 200_000


def test_nothing_measured_is_no_section(tmp_path: Path):
    assert pareto.section(tmp_path, tmp_path / "figures") == ""
    assert not (tmp_path / "figures").exists()
