"""Long runs go on where they stopped, and their page judges what is in the results."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measurements import soak_run
from pages.soak import write_page

from longstride.dynamics import RunPlan, Stride, draw_velocities, langevin
from longstride.testsystems import LennardJones

PLAN = RunPlan(n_strides=30, restart_every=7, frame_every=3, shortest_distance=2.0)


def soaked(path: Path, plan: RunPlan = PLAN) -> soak_run.SoakRun:
    argon = LennardJones()
    state = draw_velocities(argon.crystal(3), 60.0, np.random.default_rng(1))
    ensemble = langevin(argon.verlet(4.0, 4), 60.0, 100.0)
    return soak_run.soak(path, "mark", ensemble, state, plan, 2)


def test_an_interrupted_soak_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = soaked(tmp_path / "whole.h5")
    assert whole.broke is None
    resumed = soak_run.resume_run

    def stopped(stride: Stride) -> None:
        if stride.index == 20:
            raise KeyboardInterrupt

    def start(*words: Any, monitor: object, **more: Any) -> object:
        return original(*words, monitor=stopped, **more)

    original = soak_run.start_run
    with monkeypatch.context() as patch:
        patch.setattr(soak_run, "start_run", start)
        with pytest.raises(KeyboardInterrupt):
            soaked(tmp_path / "broken.h5")
    assert not (tmp_path / "broken.json").exists()
    counted = []
    monkeypatch.setattr(
        soak_run, "resume_run", lambda *w, **m: (counted.append(1), resumed(*w, **m))[1]
    )
    broken = soaked(tmp_path / "broken.h5")
    assert counted == [1]
    texts = [run.files.thermo.read_bytes() for run in (whole, broken)]
    assert texts[0] == texts[1]
    assert soaked(tmp_path / "broken.h5") == broken


def test_a_soak_that_breaks_down_says_why_and_is_not_run_again(tmp_path: Path):
    plan = PLAN.model_copy(update={"shortest_distance": 3.7})
    run = soaked(tmp_path / "a.h5", plan)
    assert run.broke is not None
    assert "overlap" in run.broke
    assert soaked(tmp_path / "a.h5", plan) == run


def nvt(temperature: float, excess: float, energy: float, rdf: float) -> dict[str, Any]:
    result = {
        "broke": None,
        "length": 1e4,
        "temperature": {"value": temperature * (1 + excess), "error": 0.1},
        "potential_energy": {"value": -3300.0 + energy, "error": 0.03},
        "reference_potential_energy": {"value": -3300.0, "error": 0.04},
        "rdf": {
            "to_references": {"value": rdf * 0.01, "deviation": 0.001},
            "between_references": {"value": 0.01, "deviation": 0.001},
        },
    }
    return {"part": "soak-nvt", "temperature": temperature, "result": result}


def nve(variant: str, percent: float) -> dict[str, Any]:
    drift = {"percent": percent, "percent_error": 0.1, "deviation": 0.2, "offset": 0.1}
    result = {
        "broke": None,
        "kinetic_energy": 77.0,
        "head": drift,
        "reference": drift,
        "temperature_halves": [{"value": 600.0, "error": 0.3}, {"value": 602.0, "error": 0.4}],
        "series": {"time": list(range(40)), "reference": [0.02 * (k % 4 > 1) for k in range(40)]},
    }
    return {"part": "soak-nve", "variant": variant, "temperature": 600.0, "result": result}


def test_the_page_judges_and_says_what_falls_short(tmp_path: Path):
    results, docs = tmp_path / "results", tmp_path / "docs"
    results.mkdir()
    docs.mkdir()
    pieces = [nvt(300.0, 0.001, 0.3, 1.0), nvt(600.0, 0.007, -1.4, 1.3)]
    pieces += [nve("plain", 5.1), nve("calibrated", 5.4)]
    for index, piece in enumerate(pieces):
        (results / f"{index}.json").write_text(json.dumps(piece), encoding="utf-8")
    made = write_page(results, docs)
    assert [path.name for path in made] == ["soak.md", "soak-nve.png"]
    text = made[0].read_text(encoding="utf-8")
    (cool,) = [line for line in text.splitlines() if line.startswith("| 300 K")]
    assert cool.endswith("| pass, pass, pass |")
    (warm,) = [line for line in text.splitlines() if line.startswith("| 600 K")]
    assert warm.endswith("| **miss**, **miss**, **miss** |")
    for expected in (
        "In a bath at 600 K: +0.700 ± 0.017 % of temperature.",
        "In a bath at 600 K: −1.400 ± 0.050 meV per atom.",
        "In a bath at 600 K: 1.3 times the floor.",
        "In a bath at 900 K: not measured.",
        "the map alone: drifts by +5.10 ± 0.10 % in a nanosecond.",
        "+0.30 ± 0.17 %, 1.8 standard errors",
        "+2.00 ± 0.50 K, 4.0 standard errors",
    ):
        assert expected in text
