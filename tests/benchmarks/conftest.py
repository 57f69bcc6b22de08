"""The scripts of benchmarks/ as modules, and results made up for the pages."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

STAMP = {
    "date": "2000-01-01 00:00 UTC",
    "software": {"longstride": "0"},
    "machine": {"processor": "made-up", "usable_cores": 1, "system": "none"},
    "load_average": [0.0, 0.0],
}


def model(name: str, role: str = "comparison") -> dict[str, Any]:
    kind = "staged" if "stage" in name else "kicks"
    times = [60.0] if name == "one-stage" else [20.0, 40.0, 60.0]
    return {
        "name": name,
        "role": role,
        "sha256": "0" * 64,
        "map": kind,
        "stage_times": times,
        "attention": "no" not in name,
        "hidden": 8,
        "kicks": 2,
        "substeps": 3,
        "minutes": 1.0,
        "steps": 10,
    }


def onestep(subject: dict[str, Any], temperature: float, w: float, d: float) -> dict[str, Any]:
    times = subject["stage_times"]
    many = [1.0] * len(times)
    errors = {
        "n_windows": 2,
        "stage_times": times,
        "velocity": [w * x for x in many],
        "displacement": [d * x for x in many],
        "velocity_uncertainty": [1e-4] * len(times),
        "displacement_uncertainty": [1e-4] * len(times),
        **{f"{q}_{e}": many for q in ("velocity", "displacement") for e in ("rmse", "mae")},
    }
    ridge = {**errors, "velocity": [2 * w] * len(times)}
    return {
        "part": "onestep",
        "model": subject,
        "temperature": temperature,
        "provenance": STAMP,
        "result": {"model": errors, "ridge": ridge},
    }


WAVES = {"rms": 0.01, "noise": 0.01}


def nve(subject: dict[str, Any], temperature: float, percent: float) -> dict[str, Any]:
    drift = {
        "percent": percent,
        "percent_error": 0.1,
        "rate": 0.01,
        "rate_error": 0.001,
        "ends_percent": percent,
        "ends_percent_error": 0.2,
        "length": 100.0,
    }
    series = {"time": [0.0, 1.0], "total_energy_change": [0.0, 0.1], "temperature": [1.0, 1.0]}
    result = {"broke": None, "total": drift, "kinetic": drift, "wavevectors": WAVES}
    return {
        "part": "nve",
        "model": subject,
        "temperature": temperature,
        "settings": {"time": 1e5},
        "provenance": STAMP,
        "result": {**result, "series": series},
    }


def broken_nve(subject: dict[str, Any], temperature: float) -> dict[str, Any]:
    piece = nve(subject, temperature, 0.0)
    return {**piece, "result": {"broke": {"time": 0.25, "reason": "atoms overlap"}}}


def nvt(subject: dict[str, Any], temperature: float) -> dict[str, Any]:
    """0.5 % too hot, g(r) at 1.2 times the noise, amplitude 4 % too large."""
    seen = {
        "temperature": {"value": 1.005 * temperature, "error": 0.001 * temperature},
        "amplitude": {"value": 0.104, "error": 0.001},
        "wavevectors": WAVES,
    }
    known = {**seen, "amplitude": {"value": 0.1, "error": 0.001}}
    rdf = {"to_references": [0.011, 0.013], "between_references": [0.01]}
    return {
        "part": "nvt",
        "model": subject,
        "temperature": temperature,
        "settings": {
            "friction_time": 1e3,
            "time": 1e5,
            "model_equilibration": 5e3,
            "references": 2,
        },
        "provenance": STAMP,
        "result": {"broke": None, "model": seen, "references": [known, known], "rdf": rdf},
    }


def speed(names: list[str]) -> dict[str, Any]:
    def row(length: float, time: float) -> dict[str, float]:
        return {
            "length": length,
            "microseconds": time,
            "lowest": time,
            "highest": time,
            "ns_per_day": length / time,
        }

    return {
        "part": "speed",
        "models": [model(name) for name in names],
        "settings": {"cores": 2, "rounds": 3},
        "reference": {"potential": "made-up.eam.fs"},
        "provenance": STAMP,
        "result": {
            "n_atoms": 100,
            "maps": {name: row(60.0, 10.0 * (k + 1)) for k, name in enumerate(names)},
            "reference": row(2.0, 0.5),
        },
    }


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results, made up for these tests."""
    shipped = model("al", "shipped")
    pieces = [
        onestep(shipped, 300.0, w=0.010, d=0.008),
        onestep(shipped, 900.0, w=0.030, d=0.008),
        onestep(model("one-stage"), 300.0, w=0.050, d=0.030),
        onestep(model("staged"), 300.0, w=0.010, d=0.008),
        onestep(model("kicks"), 300.0, w=0.020, d=0.008),
        onestep(model("kicks-no-attention"), 300.0, w=0.030, d=0.008),
        nve(shipped, 300.0, 0.5),
        nve(shipped, 600.0, -7.5),
        nve({"name": "reference"}, 300.0, 0.0),
        nve(model("kicks"), 300.0, 2.0),
        broken_nve(model("staged"), 300.0),
        nvt(shipped, 600.0),
        speed(["al", "kicks", "staged"]),
    ]
    folder = tmp_path / "results"
    folder.mkdir()
    for index, piece in enumerate(pieces):
        (folder / f"{index}.json").write_text(json.dumps(piece), encoding="utf-8")
    return folder
