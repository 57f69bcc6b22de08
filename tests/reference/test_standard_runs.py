"""``runs: standard``: one set of runs for every crystal."""

from pathlib import Path

import pytest
import yaml

from longstride.errors import ConfigError
from longstride.reference import load_recipe, plan_size
from longstride.reference.plan import plan_runs
from longstride.reference.standard_runs import standard_runs

METALS = Path(__file__).parents[2] / "recipes" / "metals"


def test_standard_runs_scale_with_the_melting_temperature(write_recipe):
    recipe = load_recipe(write_recipe(runs="standard", melting_temperature=1000))
    plans = plan_runs(recipe)
    assert len(plans) == 18 + 12 + 2 + 1
    assert {p.temperature for p in plans} == {250, 400, 550, 700, 850, 1000, 1150}
    assert {p.strain for p in plans if p.temperature == 1150} == {0.0, -0.03}
    lower = plan_runs(load_recipe(write_recipe(runs="standard", melting_temperature=800.0)))
    assert [p.temperature for p in lower] == [p.temperature * 4 / 5 for p in plans]


@pytest.mark.parametrize("melting", [1200.0, 1358.0, 3600.0])
def test_room_temperature_takes_the_place_of_a_higher_quarter_of_melting(melting):
    for warm, cold in zip(standard_runs(melting), standard_runs(1000.0), strict=True):
        inside = warm.get("in_regime", True)
        assert (warm["temperatures"][0] == 290.0) == inside
        expected = [10.0 * round(t / 1e4 * melting) for t in cold["temperatures"]]
        assert warm["temperatures"][inside:] == expected[inside:]


@pytest.mark.parametrize("path", sorted(METALS.glob("*.yaml")), ids=lambda p: p.stem)
def test_every_metal_may_be_used_at_room_temperature(path):
    if "structure" not in yaml.safe_load(path.read_text()):
        return
    used = [plan for plan in plan_runs(load_recipe(path)) if plan.group.in_regime]
    for strain in (0.0, 0.02, -0.02):
        at = [plan.temperature for plan in used if plan.strain == strain]
        assert min(at) <= 290.0 < 300.0 < max(at)


@pytest.mark.parametrize("given", [None, 0, -5.0, True, "hot", float("nan"), 1e9])
def test_standard_runs_need_a_melting_temperature(write_recipe, given):
    with pytest.raises(ConfigError, match="runs: standard needs melting_temperature in K"):
        load_recipe(write_recipe(runs="standard", melting_temperature=given))


def test_a_melting_temperature_alone_is_refused(write_recipe):
    with pytest.raises(ConfigError, match="goes with 'runs: standard'"):
        load_recipe(write_recipe(melting_temperature=1000.0))


def test_two_runs_of_every_condition_of_the_regime_and_beyond_it_only_heat():
    groups = standard_runs(1000.0)
    inside = [group for group in groups if group.get("in_regime", True)]
    hottest = max(t for group in inside for t in group["temperatures"])
    assert all(len(group["seeds"]) > 1 for group in inside)
    assert all(min(group["temperatures"]) > hottest for group in groups if group not in inside)


@pytest.mark.parametrize("path", sorted(METALS.glob("*.yaml")), ids=lambda p: p.stem)
def test_recipes_of_metals(path):
    content = yaml.safe_load(path.read_text())
    if "structure" not in content:
        assert content["model"] == "auto"
        return
    size, n_atoms = plan_size(load_recipe(path))
    assert 200 < n_atoms < 400
    assert len(content) <= 10
    assert size.megabytes < 1500
