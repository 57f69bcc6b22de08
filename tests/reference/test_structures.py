"""Structures beyond the perfect crystal: vacancies, melts, strained axes, and the shipped cells."""

import sys
from pathlib import Path

import numpy as np
import pytest
from ase.io import read

from longstride.errors import ConfigError
from longstride.reference import generate, load_recipe
from longstride.reference.plan import plan_runs, size_of
from longstride.reference.sampling import run_cell
from longstride.reference.structure import StructureSettings, build_structure
from longstride.trajectory import TrajectoryFile

ROOT = Path(__file__).parents[2]

CRYSTAL = {"lattice": "fcc", "element": "Cu", "lattice_constant": 3.6, "repeat": [3, 3, 3]}


def order(positions: np.ndarray, cell: np.ndarray) -> float:
    """|S(G)| / N of a cubic cell of 3 × 3 × 3 fcc cells at G = (111): 1 at rest, ~N^-1/2 molten."""
    phase = positions @ np.linalg.inv(cell).T @ np.full(3, 3.0)
    return float(abs(np.exp(2j * np.pi * phase).mean()))


def test_vacancies_are_other_sites_for_other_seeds_and_the_rest_stays():
    full = build_structure(StructureSettings(**CRYSTAL))
    one, again, other = (
        build_structure(StructureSettings(**CRYSTAL, vacancies=3, seed=seed)) for seed in (1, 1, 2)
    )
    assert one.n_atoms == full.n_atoms - 3
    for kept in (one, other):
        assert {tuple(q) for q in kept.positions} < {tuple(q) for q in full.positions}
        assert len(kept.velocities) == len(kept.masses) == len(kept.species) == kept.n_atoms
    np.testing.assert_array_equal(one.positions, again.positions)
    assert {tuple(q) for q in one.positions} != {tuple(q) for q in other.positions}


def test_more_vacancies_than_atoms_are_refused():
    with pytest.raises(ConfigError, match=r"structure\.vacancies: 108 of 108 atoms"):
        build_structure(StructureSettings(**CRYSTAL, vacancies=108))


def test_a_strain_of_each_axis_has_its_own_name_and_cell(write_recipe):
    recipe = load_recipe(write_recipe(runs_changes={"strains": [[0.04, 0, -0.01], 0.02]}))
    one, other = plan_runs(recipe)
    assert one.name == "T300_strain+0.04+0-0.01_seed1"
    structure = build_structure(recipe.structure)
    cell = np.array([[7.0, 0.0, 0.0], [1.0, 7.0, 0.0], [0.0, 2.0, 7.0]])
    stretch = np.diag([1.04, 1.0, 0.99])
    np.testing.assert_allclose(run_cell(structure, one, cell), cell @ stretch)
    np.testing.assert_allclose(run_cell(structure, other, cell), 1.02 * cell)


def test_a_molten_structure_has_lost_its_lattice_and_says_so(write_recipe, tmp_path):
    short = {"equilibration": 300.0, "segments": 1, "strains": [0.0], "temperatures": [1600.0]}
    for name, melt in (("crystal", None), ("melt", {"temperature": 6000.0, "time": 1000.0})):
        recipe = write_recipe(
            structure=CRYSTAL, relaxation={"time": 1000.0}, melt=melt, runs_changes=short
        )
        generate(load_recipe(recipe), tmp_path / f"{name}.h5", workers=1)
    with (
        TrajectoryFile(tmp_path / "crystal.h5") as crystal,
        TrajectoryFile(tmp_path / "melt.h5") as melt,
    ):
        solid, liquid = (next(iter(file)) for file in (crystal, melt))
        assert order(solid.positions(0), solid.cell) > 0.5
        # The order of a melt is that of N random phases: its square is 1/N in the mean.
        assert order(liquid.positions(0), liquid.cell) < 4.0 / np.sqrt(108)
        assert "lattice_constant" in solid.metadata
        assert "lattice_constant" not in liquid.metadata
        # Copper expands on melting.
        assert np.linalg.det(liquid.cell) > 1.02 * np.linalg.det(solid.cell)


def test_melting_counts_in_the_size_of_a_recipe(write_recipe):
    plain = load_recipe(write_recipe())
    melting = load_recipe(write_recipe(melt={"temperature": 3000.0, "time": 100.0}))
    runs = plan_runs(melting)
    extra = size_of(melting, runs, 32).steps - size_of(plain, plan_runs(plain), 32).steps
    assert extra == 50 * (len(runs) + 1)
    first = runs[0].phases(melting)[0]
    assert (first.steps, first.langevin.temperature, first.every) == (50, 3000.0, 0)
    seeds = {run.phases(melting)[0].langevin.seed for run in runs}
    assert len(seeds) == len(runs)


@pytest.mark.parametrize("path", sorted((ROOT / "recipes" / "al-broad").glob("*.yaml")))
def test_recipes_beyond_the_crystal_are_whole(path):
    recipe = load_recipe(path)
    structure = build_structure(recipe.structure)
    assert 100 < structure.n_atoms < 250
    assert plan_runs(recipe)


def test_shipped_cells_are_those_that_the_script_makes(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    sys.modules.pop("structures", None)
    from structures import structures

    for name, made in structures().items():
        kept = read(ROOT / "recipes" / "al-broad" / f"{name}.extxyz")
        np.testing.assert_allclose(kept.positions, made.positions, atol=1e-7)
        np.testing.assert_allclose(kept.cell, made.cell, atol=1e-7)


def test_neighbours_tell_surface_fault_and_boundary_apart(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from measurements import defects

    def bonds(atoms) -> np.ndarray:
        distances = atoms.get_all_distances(mic=True)
        return np.sort((distances < 1.2 * 4.05 / np.sqrt(2.0)).sum(axis=1) - 1)

    size = (4, 4, 8)
    assert set(bonds(defects.slab_100(4.05, size))[:32]) == {8}
    assert set(bonds(defects.slab_111(4.05, size))[:32]) == {9}
    assert set(bonds(defects.stacking_fault(4.05, size))) == {12}
    boundary = defects.grain_boundary(4.05, (3, 2, 2))
    assert 0.3 < np.mean(bonds(boundary) == 12) < 0.7
    # An intrinsic fault brings two layers of the hcp kind; the layers on either side of each face
    # each other: neighbours at 1.633 distances, which fcc has not.
    fault = defects.stacking_fault(4.05, size).get_all_distances(mic=True) / (4.05 / np.sqrt(2.0))
    assert (np.abs(fault - np.sqrt(8.0 / 3.0)) < 0.01).any(axis=1).sum() == 4 * 16
