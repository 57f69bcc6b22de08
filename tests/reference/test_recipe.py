"""Recipes: the shipped ones, and one clear line for each kind of mistake."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from ase.data import atomic_masses

from longstride.errors import ConfigError, LongstrideError
from longstride.reference import load_recipe, plan_size
from longstride.reference.plan import plan_runs, random_seeds, relaxed_temperatures
from longstride.reference.structure import StructureSettings, build_structure

RECIPES = Path(__file__).parents[2] / "recipes"


def test_training_recipe_of_aluminium():
    recipe = load_recipe(RECIPES / "al.yaml")
    plans = plan_runs(recipe)
    assert len(plans) == 33
    assert {p.strain for p in plans if p.temperature == 600.0} == {0.0, 0.02, -0.02}
    assert {p.strain for p in plans if p.temperature > 950.0} == {0.0, -0.03}
    size, n_atoms = plan_size(recipe)
    assert n_atoms == 256
    assert size.megabytes < 600
    seeds = [p.langevin.seed for plan in plans for p in plan.phases(recipe) if p.langevin]
    assert len(set(seeds)) == len(seeds)


def test_held_out_recipe_shares_no_run_with_training():
    training = plan_runs(load_recipe(RECIPES / "al.yaml"))
    held_out = plan_runs(load_recipe(RECIPES / "al-test.yaml"))
    assert not {p.name for p in training} & {p.name for p in held_out}
    assert {p.temperature for p in held_out} == {300, 450, 600, 750, 900}


def test_phases_of_a_run(write_recipe):
    recipe = load_recipe(write_recipe())
    plan = plan_runs(recipe)[1]
    assert plan.name == "T300_strain+0.01_seed1"
    phases = plan.phases(recipe)
    assert [p.steps for p in phases] == [50, 20, 25, 20]
    assert [p.n_frames for p in phases] == [0, 11, 0, 11]
    assert [p.zero_momentum for p in phases] == [False, True, False, True]
    assert relaxed_temperatures(recipe, (plan,)) == (300.0,)


def test_seeds_differ_between_runs_and_repeat():
    assert random_seeds("T300_seed1", 1, 3) == random_seeds("T300_seed1", 1, 3)
    assert random_seeds("T300_seed1", 1, 3) != random_seeds("T400_seed1", 1, 3)
    assert random_seeds("T300_seed1", 2, 3) != random_seeds("T300_seed1", 1, 3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"time_stp": 1.0}, ["'time_stp'", "did you mean 'time_step'?"]),
        ({"runs_changes": {"temperature": [1]}}, ["'runs[0].temperature'", "'temperatures'?"]),
        ({"structure": {"lattice": "fcc", "elment": "Cu"}}, ["'structure.elment'", "'element'?"]),
        ({"structure": {"lattice": "fcc", "element": "Xq"}}, ["structure.element", "'Xq'"]),
        ({"structure": {"lattice": "fcc"}}, ["structure", "needs 'element'"]),
        ({"structure": {}}, ["either 'lattice'"]),
        ({"structure": {"lattice": "foo", "element": "Cu"}}, ["structure.lattice", "'foo'"]),
        ({"engine": {"kind": "vasp"}}, ["engine.kind", "'vasp'"]),
        ({"engine": "lammps"}, ["engine"]),
        ({"engine": {"kind": "lammps", "pairstyle": "eam"}}, ["engine."]),
        (
            {"engine": {"kind": "lammps", "pair_style": "a\nshell rm", "elements": ["Cu"]}},
            ["engine.pair_style", "one plain line"],
        ),
        ({"engine": {"kind": "ase", "calculator": "emt"}}, ["engine.calculator", "'emt'"]),
        ({"time_step": -1.0}, ["time_step", "greater than 0", "-1.0"]),
        ({"time_step": float("nan")}, ["time_step"]),
        ({"interval": 5.0}, ["interval 5 fs", "multiple of time_step 2 fs"]),
        ({"runs_changes": {"segment_length": 41.0}}, ["runs[0].segment_length 41", "interval 4"]),
        ({"runs_changes": {"strains": [2.0]}}, ["runs[0]", "strain 2.0", "0.02 means 2 %"]),
        ({"runs_changes": {"strains": [[0.0, 0.0, 2.0]]}}, ["runs[0]", "strain 2.0"]),
        ({"runs_changes": {"strains": [[0.1, 0.1]]}}, ["runs[0].strains[0]"]),
        ({"melt": {"temperature": 200.0}}, ["melt.temperature 200 K", "the 300 K of a run"]),
        ({"melt": {"temprature": 9.0}}, ["'melt.temprature'", "did you mean 'temperature'?"]),
        ({"runs_changes": {"densities": [8.9]}}, ["runs[0]", "'strains' or 'densities'"]),
        ({"runs_changes": {"temperatures": []}}, ["runs[0].temperatures"]),
        ({"runs_changes": {"temperatures": [-3]}}, ["runs[0].temperatures[0]", "-3"]),
        ({"runs_changes": {"seeds": [1, 1]}}, ["T300_seed1 occurs twice"]),
        ({"relaxation": None, "pressure": 1.0}, ["pressure", "relaxation"]),
        ({"runs": []}, ["runs"]),
    ],
)
def test_mistakes_are_named(write_recipe, changes, words):
    with pytest.raises(ConfigError) as caught:
        plan_size(load_recipe(write_recipe(**changes)))
    message = str(caught.value)
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "line"),
        ("- 1", "a recipe is a mapping"),
        ("", "a recipe is a mapping"),
        ("x: !!python/object/apply:os.system [ls]", "line 1"),
        ("time_step: 1\n", "'structure' is missing"),
    ],
)
def test_files_that_are_no_recipe(tmp_path, text, words):
    path = tmp_path / "r.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        load_recipe(path)


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        load_recipe(tmp_path / "none.yaml")


def test_structure_file_is_relative_to_the_recipe(write_recipe, tmp_path):
    (tmp_path / "POSCAR").write_text(
        "Cu\n3.6\n1 0 0\n0 1 0\n0 0 1.1\nCu\n1\nCartesian\n0.1 0.2 0.3\n"
    )
    recipe = load_recipe(write_recipe(structure={"file": "POSCAR", "repeat": [2, 1, 1]}))
    state = build_structure(recipe.structure)
    assert state.n_atoms == 2
    np.testing.assert_allclose(np.diag(state.cell), [7.2, 3.6, 3.96])
    (tmp_path / "POSCAR").write_text("nothing\n")
    with pytest.raises(LongstrideError, match="POSCAR"):
        build_structure(recipe.structure)
    (tmp_path / "POSCAR").unlink()
    with pytest.raises(LongstrideError, match="no such file"):
        build_structure(recipe.structure)


@pytest.mark.parametrize(
    ("lattice", "element", "atoms"),
    [("fcc", "Cu", 4), ("bcc", "W", 2), ("hcp", "Mg", 4), ("diamond", "Si", 8)],
)
def test_lattices_have_their_atoms(write_recipe, lattice, element, atoms):
    structure = {"lattice": lattice, "element": element}
    content = load_recipe(write_recipe(structure=structure)).structure
    assert build_structure(content).n_atoms == atoms


def test_an_unknown_lattice_constant_is_asked_for(write_recipe):
    content = load_recipe(write_recipe(structure={"lattice": "bcc", "element": "Cu"})).structure
    with pytest.raises(ConfigError, match=r"structure\.lattice_constant"):
        build_structure(content)


def test_recipe_survives_a_round_trip():
    recipe = load_recipe(RECIPES / "al.yaml")
    text = yaml.safe_dump(recipe.model_dump(mode="json"))
    assert type(recipe).model_validate(yaml.safe_load(text)) == recipe


@pytest.mark.parametrize(
    ("shares", "counts"),
    [
        ({"Cu": 0.5, "Ni": 0.5}, {29: 16, 28: 16}),
        ({"Cu": 0.1, "Ni": 0.9}, {29: 3, 28: 29}),
        ({"Cu": 1 / 3, "Ni": 1 / 3, "Al": 1 / 3}, {29: 11, 28: 11, 13: 10}),
        ({"Cu": 1.0, "Ni": 0.0}, {29: 32}),
    ],
)
def test_a_composition_takes_the_sites_at_random(shares, counts):
    def built(seed: int):
        return build_structure(
            StructureSettings(
                lattice="fcc", element="Cu", repeat=(2, 2, 2), composition=shares, seed=seed
            )
        )

    state = built(1)
    numbers, found = np.unique(state.species, return_counts=True)
    assert dict(zip(numbers.tolist(), found.tolist(), strict=True)) == counts
    for number in numbers:
        assert np.all(state.masses[state.species == number] == atomic_masses[number])
    np.testing.assert_array_equal(state.species, built(1).species)
    if len(counts) > 1:
        assert np.any(state.species != built(2).species)


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ({"Cu": 0.5, "Ni": 0.4}, "the shares add up to 0.9, not 1"),
        ({"Cu": 1.5, "Ni": -0.5}, "composition.Cu: 1.5 is no share"),
        ({"Xq": 1.0}, "'Xq' is not a chemical element"),
        ({}, "the shares add up to 0, not 1"),
    ],
)
def test_wrong_compositions_are_named(write_recipe, shares, words):
    structure = {"lattice": "fcc", "element": "Cu", "composition": shares}
    with pytest.raises(ConfigError, match=words):
        load_recipe(write_recipe(structure=structure))
