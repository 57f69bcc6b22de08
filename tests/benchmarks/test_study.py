"""The study of error against cost: its file, and the way from points to measured ones."""

import json
import sys
from pathlib import Path
from shutil import which
from typing import Any

import pareto
import pytest
import yaml
from measurements.study import Study

from longstride.errors import ConfigError
from longstride.reference import Recipe, generate

ROOT = Path(__file__).parents[2]
LMP = which("lmp", path=str(Path(sys.executable).parent)) or which("lmp")

NETWORK = {"radial": 3, "hidden": 4, "attention": False, "bound": "hidden"}
STUDY: dict[str, Any] = {
    "steps": 2,
    "minutes": 10.0,
    "base": {
        "data": {"files": ["al.h5"]},
        "model": {
            "stage_times": [20, 40],
            "substeps": 2,
            "kicks": 1,
            "species": [13],
            "masses": [26.9815385],
            "cutoff": 3.8,
            "network": NETWORK,
        },
        "optimisation": {"batch_windows": 1},
        "initialise_windows": 2,
        "validation_windows": 1,
        "threads": 1,
    },
    "points": [
        {"name": "base", "varies": "base"},
        {"name": "wide", "varies": "width", "network": {"hidden": 6}},
    ],
}

GENERATION = {
    "structure": {"lattice": "fcc", "element": "Al", "lattice_constant": 4.05, "repeat": [2, 2, 2]},
    "engine": {
        "kind": "lammps",
        "pair_style": "eam/fs",
        "potential": "Al_mm.eam.fs",
        "elements": ["Al"],
    },
    "relaxation": None,
    "time_step": 2.0,
    "interval": 10.0,
    "runs": [
        {
            "temperatures": [300, 600, 900],
            "seeds": [1, 2],
            "equilibration": 200,
            "segments": 2,
            "segment_length": 400,
            "decorrelation": 100,
        }
    ],
}


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump({**STUDY, **changes}), encoding="utf-8")
    return path


def test_the_study_of_the_project_is_whole():
    study = Study.load(ROOT / "recipes" / "compare" / "pareto.yaml")
    assert study.points[0].varies == "base"
    recipes = [study.recipe(point) for point in study.points]
    assert len({recipe.model_dump_json() for recipe in recipes}) == len(recipes)
    # The fixed time of the errors is whole strides of every point.
    assert all(360.0 % recipe.model.stride == 0.0 for recipe in recipes)
    assert {recipe.budget.steps for recipe in recipes} == {study.steps}


def test_a_point_changes_the_base_where_it_says(tmp_path: Path):
    study = Study.load(written(tmp_path))
    base, wide = (study.recipe(point, Path("other.h5")).model for point in study.points)
    assert (base.network.hidden, wide.network.hidden) == (4, 6)
    assert wide.network.radial == base.network.radial == 3
    assert wide.cutoff == base.cutoff == 3.8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hours": 1}, "hours: Extra inputs"),
        ({"points": [{"name": "a", "varies": "colour"}]}, "points.0.varies: "),
        ({"points": [{"name": "a/b", "varies": "base"}]}, "points.0.name: "),
        ({"points": 2 * [{"name": "a", "varies": "base"}]}, "two points are called a"),
        (
            {"points": [{"name": "a", "varies": "base", "model": {"kick": 2}}]},
            "point a: model.kick: unknown key; did you mean kicks?",
        ),
        ({"base": {**STUDY["base"], "budget": {"steps": 9}}}, "base.budget"),
        ({"base": {"model": 3}}, "base.model"),
    ],
)
def test_mistakes_are_one_line(tmp_path: Path, changes: dict[str, Any], message: str):
    path = written(tmp_path, **changes)
    with pytest.raises(ConfigError) as raised:
        Study.load(path)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def run(*words: object) -> int:
    return pareto.main([str(word) for word in words])


@pytest.mark.parametrize(
    ("study", "message"),
    [("no.yaml", "no.yaml: cannot read the study"), ("study.yaml", "x.h5: no such file")],
)
def test_missing_files_end_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], study: str, message: str
):
    written(tmp_path)
    words = ("train", "--study", tmp_path / study, "--data", "x.h5", "--runs", tmp_path)
    assert run(*words) == 2
    complaint = capsys.readouterr().err
    assert message in complaint
    assert complaint.count("\n") == 1


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_points_are_trained_measured_and_timed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    data, runs, out = tmp_path / "al.h5", tmp_path / "runs", tmp_path / "out"
    generate(Recipe.model_validate(GENERATION), data, workers=1)
    common = ("--study", written(tmp_path), "--data", data, "--runs", runs, "--out", out)
    assert run("train", *common) == 0
    assert run("measure", "--time", 0.8, "--windows", 2, *common) == 0
    assert run("cost", "--rounds", 2, "--repeat", 1, *common) == 0
    capsys.readouterr()
    assert run("train", *common) == 0
    assert capsys.readouterr().out.count("there already") == len(STUDY["points"])
    cost = json.loads((out / "cost.json").read_text(encoding="utf-8"))["result"]["maps"]
    for name in ("base", "wide"):
        piece = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
        for errors in piece["result"]["errors"].values():
            expected = errors["one_stride"]["velocity_rmse"][-1] / errors["thermal_velocity"]
            assert errors["rate"] == pytest.approx(expected * (1000.0 / 40.0) ** 0.5, rel=1e-4)
            assert 0.0 < errors["later"]["value"] < 2.0
        assert cost[name]["evaluations"] == pytest.approx(2 * 1000.0 / 40.0)
        assert cost[name]["lowest"] <= cost[name]["microseconds"] <= cost[name]["highest"]
    assert 0.0 < cost["base"]["kflop"] < cost["wide"]["kflop"]
