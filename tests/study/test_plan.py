"""Every combination is one run, told from others by its name and by what determines it."""

from itertools import product
from pathlib import Path

import ase.io
import numpy as np
import pytest
import yaml
from ase.build import bulk
from studies import write_study

from longstride.errors import ConfigError
from longstride.reference import load_recipe
from longstride.study import load_study, plan_study
from longstride.trajectory import TrajectoryFile

FCC = {"lattice": "fcc", "element": "Al", "lattice_constant": 4.05, "repeat": [2, 2, 2]}
RUN = {
    "kind": "run",
    "recipe": None,
    "models": ["al", "al-fast"],
    "structures": {"fcc": FCC, "file": "al.cif"},
    "strains": [0.01, [0.02, 0.0, 0.0]],
    "options": {"time": "6ps", "force": True},
}


def plan(**changes: object):
    return plan_study(load_study(write_study(**changes)))


def fingerprints(**changes: object) -> list[str]:
    return [run.job.fingerprint for run in plan(**changes)]


@pytest.fixture(autouse=True)
def structure(work: Path) -> None:
    ase.io.write("al.cif", bulk("Al", "fcc", a=4.05, cubic=True))


def test_all_combinations_are_runs_with_names_of_their_own():
    runs = plan(**RUN)
    assert len(runs) == 2 * 2 * 2 * 2 * 2 == len({run.job.name for run in runs})
    axes = [
        (run.point.model, run.point.structure, run.point.strain, run.point.temperature)
        for run in runs
        if run.point.seed == 1
    ]
    assert set(axes) == set(
        product(["al", "al-fast"], ["fcc", "file"], [0.01, (0.02, 0.0, 0.0)], [300.0, 600.0])
    )
    assert "al_fcc_T300_e0.02,0,0_s1" in {run.job.name for run in runs}
    assert all("--force" in run.job.words for run in runs)


def test_a_strain_stretches_cell_and_atoms_alike(tmp_path: Path):
    run = next(run for run in plan(**RUN) if run.point.strain == (0.02, 0.0, 0.0))
    run.write(tmp_path / "run")
    with TrajectoryFile(tmp_path / "run" / "structure.h5") as file:
        found = file["structure"]
        factors = np.array([1.02, 1.0, 1.0])
        np.testing.assert_allclose(found.cell, np.diag(8.1 * factors), atol=1e-12)
        scaled = found.positions(0) / (4.05 * factors / 2)
        np.testing.assert_allclose(scaled, np.round(scaled), atol=1e-9)
    assert run.job.words[-2:] == ("--structure", "structure.h5")


def test_a_file_without_strain_is_read_by_the_run_itself():
    run = plan(**RUN | {"strains": []})[-1]
    assert run.job.words[-1] == str(Path("al.cif").resolve())
    assert run.structure is None


def test_a_recipe_is_written_for_its_point_alone(tmp_path: Path):
    run = plan(strains=[0.0, 0.02], pressures=[0.5])[-1]
    run.write(tmp_path / "run")
    recipe = load_recipe(tmp_path / "run" / "recipe.yaml")
    (group,) = recipe.runs
    assert (group.temperatures, group.strains, group.seeds) == ((600.0,), (0.02,), (2,))
    assert recipe.pressure == 0.5
    assert group.segment_length == 100.0


def test_a_recipe_with_several_groups_is_refused():
    content = yaml.safe_load(Path("recipe.yaml").read_text())
    content["runs"] *= 2
    Path("recipe.yaml").write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError, match="2 groups of runs; a study repeats one"):
        plan()


def test_validation_takes_the_recipe_at_the_point(tmp_path: Path):
    run = plan(kind="validate", models="al", pressures=[1.0], options={"quick": True})[0]
    run.write(tmp_path / "run")
    assert load_recipe(tmp_path / "run" / "recipe.yaml").pressure == 1.0
    words = " ".join(run.job.words)
    assert words == "--model al --temperatures 300 --seed 1 --ranks 1 --quick --recipe recipe.yaml"


def test_what_determines_a_run_changes_its_fingerprint_and_its_place_does_not(tmp_path: Path):
    plain = RUN | {"strains": [], "models": "al", "temperatures": [300], "seeds": [1]}
    before = fingerprints(**plain)
    assert fingerprints(**plain, where={"kind": "local", "workers": 1}) == before
    assert fingerprints(**plain | {"options": {"time": "7ps"}}) != before
    copy = tmp_path / "elsewhere"
    copy.mkdir()
    (copy / "al.cif").write_bytes(Path("al.cif").read_bytes())
    assert fingerprints(**plain | {"structures": {"fcc": FCC, "file": str(copy / "al.cif")}}) == (
        before
    )
    ase.io.write("al.cif", bulk("Al", "fcc", a=4.06, cubic=True))
    after = fingerprints(**plain)
    assert [a == b for a, b in zip(after, before, strict=True)] == [True, False]


def test_two_runs_of_one_name_are_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="two runs would be called T300_s1"):
        plan(temperatures=[300.0000001, 300.0000002], seeds=[1])
