"""Local structure and vacancies of crystals with known defects."""

import subprocess
import sys
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from pyscal3 import wigner_seitz_analysis

from longstride.analysis import structure_fractions, wigner_seitz_vacancies
from longstride.errors import LongstrideError
from longstride.testsystems import fcc_lattice

LMP = which("lmp", path=str(Path(sys.executable).parent)) or which("lmp")


@pytest.mark.parametrize(
    ("name", "atoms", "cutoff"),
    [
        ("fcc", bulk("Al", "fcc", a=4.05).repeat(5), 3.46),
        ("hcp", bulk("Mg", "hcp", a=3.2, c=5.22).repeat(4), 3.86),
        ("bcc", bulk("Fe", "bcc", a=2.87, cubic=True).repeat(4), 3.46),
    ],
)
def test_warm_crystals_are_told_apart(name: str, atoms: Atoms, cutoff: float) -> None:
    rng = np.random.default_rng(1)
    q = atoms.positions + 0.05 * rng.normal(size=(3, len(atoms), 3)) + 100.0
    fractions = structure_fractions(q, atoms.cell[:])
    assert fractions.mean[name].value == 1.0
    assert fractions.mean[name].error == 0.0
    np.testing.assert_allclose(fractions.series.sum(axis=1), 1.0)
    with_cutoff = structure_fractions(q, atoms.cell[:], cutoff=cutoff)
    np.testing.assert_array_equal(with_cutoff.series, fractions.series)


def test_an_icosahedron_is_one() -> None:
    golden = (1 + np.sqrt(5)) / 2
    corners = [
        np.roll([0.0, a, b], s) for a in (-1, 1) for b in (-golden, golden) for s in range(3)
    ]
    q = np.array([[np.zeros(3), *corners]])
    for options in ({}, {"cutoff": 2.4}):
        fractions = structure_fractions(q, 7 * np.eye(3), **options)
        assert fractions.mean["ico"].value == pytest.approx(1 / 13)


def test_a_vacancy_disturbs_its_twelve_neighbours() -> None:
    lattice = fcc_lattice(4.05, 4)
    fractions = structure_fractions(lattice.positions[None, 1:], lattice.cell)
    assert fractions.mean["other"].value == pytest.approx(12 / 255)
    assert fractions.mean["fcc"].value == pytest.approx(243 / 255)


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_fractions_are_those_of_lammps(tmp_path: Path) -> None:
    lattice = fcc_lattice(4.05, 4)
    q = lattice.positions + 0.22 * np.random.default_rng(2).normal(size=lattice.positions.shape)
    edge = lattice.cell[0, 0]
    rows = "\n".join(f"{i + 1} 1 {x} {y} {z}" for i, (x, y, z) in enumerate(q % edge))
    box = "\n".join(f"0.0 {edge} {axis}lo {axis}hi" for axis in "xyz")
    (tmp_path / "crystal").write_text(
        f"crystal\n\n{len(q)} atoms\n1 atom types\n{box}\n\nMasses\n\n1 27.0\n\nAtoms\n\n{rows}\n"
    )
    (tmp_path / "in.lammps").write_text(
        "units metal\natom_style atomic\nread_data crystal\npair_style zero 6.0\n"
        "pair_coeff * *\ncompute kind all cna/atom 3.4571\n"
        'dump kinds all custom 1 kinds c_kind\ndump_modify kinds format line "%g"\nrun 0\n'
    )
    subprocess.run(
        [str(LMP), "-in", "in.lammps", "-screen", "none"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    kinds = np.loadtxt((tmp_path / "kinds").read_text().splitlines()[9:])
    fractions = structure_fractions(q[None], lattice.cell, cutoff=3.4571)
    assert 0.1 < fractions.mean["fcc"].value < 0.9
    for number, name in enumerate(["fcc", "hcp", "bcc", "ico", "other"], start=1):
        assert fractions.mean[name].value == np.mean(kinds == number)


def test_a_drifting_warm_crystal_keeps_its_vacancy() -> None:
    rng = np.random.default_rng(3)
    lattice = fcc_lattice(4.05, 3)
    sites, cell = lattice.positions, lattice.cell
    drift = np.array([0.9, -0.4, 0.3]) * np.arange(30)[:, None]
    q = sites[:-1] + drift[:, None] + 0.15 * rng.normal(size=(30, 107, 3))
    found = wigner_seitz_vacancies(q, sites, cell)
    assert np.all(found.vacancies == 1)
    assert np.all(found.interstitials == 0)
    assert np.all(found.occupation[:, -1] == 0)
    assert not found.hops.any()
    np.testing.assert_allclose(found.shift, drift, atol=0.1)


def test_a_hop_moves_the_vacancy() -> None:
    lattice = fcc_lattice(4.05, 3)
    q = np.repeat(lattice.positions[None, 1:], 4, axis=0)
    q[2:, 0] = lattice.positions[0] + lattice.cell[1]
    found = wigner_seitz_vacancies(q, lattice.positions, lattice.cell)
    assert found.occupation.argmin(axis=1).tolist() == [0, 0, 1, 1]
    assert found.hops.tolist() == [0, 1, 0]
    np.testing.assert_allclose(found.shift, 0.0, atol=1e-9)


def test_interstitial_and_agreement_with_pyscal() -> None:
    rng = np.random.default_rng(4)
    atoms = bulk("Fe", "bcc", a=2.87).repeat(5)
    q = atoms.positions[3:] + 0.3 * rng.normal(size=(122, 3))
    extra = atoms.positions[40] + [0.5, 0.4, 0.0]
    defective = Atoms("Fe123", np.concatenate([q, [extra]]), cell=atoms.cell, pbc=True)
    found = wigner_seitz_vacancies(defective.positions[None], atoms.positions, atoms.cell[:])
    assert np.abs(found.shift).max() < 0.15
    defective.positions -= found.shift[0]
    theirs = wigner_seitz_analysis(defective, atoms)
    assert found.vacancies[0] == theirs["vacancy_count"] >= 3
    assert found.interstitials[0] == theirs["interstitial_count"] == found.vacancies[0] - 2
    np.testing.assert_array_equal(found.occupation[0], theirs["occupancy"])


def test_bad_sites_are_named() -> None:
    q = np.zeros((1, 4, 3))
    with pytest.raises(LongstrideError, match="shape"):
        wigner_seitz_vacancies(q, np.zeros((4, 2)), np.eye(3))
    with pytest.raises(LongstrideError, match="not finite"):
        wigner_seitz_vacancies(q, np.full((4, 3), np.nan), np.eye(3))
    with pytest.raises(LongstrideError, match="positive"):
        structure_fractions(q, np.eye(3), cutoff=-1.0)
