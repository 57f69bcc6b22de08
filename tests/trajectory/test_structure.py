"""Starting structures: what ASE writes comes back, and what cannot run is refused."""

from pathlib import Path

import ase
import ase.io
import numpy as np
import pytest
from ase.build import bulk
from ase.constraints import FixAtoms

from longstride.errors import LongstrideError
from longstride.trajectory import read_structure
from longstride.units import ASE_TIME

DATA = """title

2 atoms
2 atom types

0 4 xlo xhi
0 4 ylo yhi
0 4 zlo zhi

{masses}Atoms # atomic

2 1 2.0 2.0 2.0 0 1 0
1 2 0.0 0.0 0.0 0 0 0
"""
MASSES = "Masses\n\n1 {}\n2 63.546\n\n"


def crystal() -> ase.Atoms:
    atoms = bulk("AlCu", "cesiumchloride", a=3.0) * (2, 2, 2)
    atoms.rattle(0.1, seed=1)
    return atoms


@pytest.mark.parametrize("name", ["a.xyz", "POSCAR", "a.cif", "a.traj", "a.json"])
def test_formats(tmp_path: Path, name: str) -> None:
    atoms = crystal()
    ase.io.write(tmp_path / name, atoms)
    state, moving = read_structure(tmp_path / name)
    again = ase.io.read(tmp_path / name)
    assert not moving
    assert not state.velocities.any()
    np.testing.assert_allclose(state.cell, atoms.cell.array, atol=1e-6)
    np.testing.assert_array_equal(state.species, again.numbers)
    np.testing.assert_allclose(state.positions, again.positions)
    np.testing.assert_allclose(state.masses, again.get_masses())
    assert state.pbc.all()


@pytest.mark.parametrize("name", ["a.xyz", "a.traj"])
def test_velocities(tmp_path: Path, name: str) -> None:
    atoms = crystal()
    atoms.set_velocities(np.random.default_rng(1).normal(size=(16, 3)))
    ase.io.write(tmp_path / name, [crystal(), atoms])
    state, moving = read_structure(tmp_path / name)
    assert moving
    np.testing.assert_allclose(
        state.velocities, atoms.get_velocities() / ASE_TIME, rtol=1e-7, atol=1e-9
    )


def test_lammps_data(tmp_path: Path) -> None:
    path = tmp_path / "a.data"
    path.write_text(DATA.format(masses=MASSES.format(26.98)))
    state, moving = read_structure(path)
    assert not moving
    np.testing.assert_array_equal(state.species, [29, 13])
    np.testing.assert_allclose(state.positions, [[0, 0, 0], [2, 6, 2]])
    np.testing.assert_allclose(state.masses, [63.546, 26.98])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (DATA.format(masses=""), "no Masses section"),
        (DATA.format(masses=MASSES.format(30.0)), "no element has the mass 30 of type 1"),
        (DATA.format(masses=MASSES.format(26.98))[:-30], "not a whole LAMMPS data file"),
        ("", "cannot be read|not known"),
        ("hello", "not known to ASE|cannot be read"),
        ("0\n\n", "has no atoms|cannot be read"),
        ('1\nLattice="4 0 0 0 4 0 0 0 4"\nX 0 0 0\n', "atom 1 has no element"),
        ('1\nLattice="4 0 0 0 4 0 0 0 4"\nAl 0 nan 0\n', "positions not finite"),
        ('1\nLattice="4 0 0 0 4 0 0 4 0"\nAl 0 0 0\n', "no volume"),
    ],
)
def test_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "a.xyz"
    path.write_text(content)
    with pytest.raises(LongstrideError, match=f"a.xyz: .*({message})") as caught:
        read_structure(path)
    assert "\n" not in str(caught.value)


def test_constraints_and_missing_file(tmp_path: Path) -> None:
    atoms = crystal()
    atoms.set_constraint(FixAtoms([0]))
    ase.io.write(tmp_path / "a.traj", atoms)
    with pytest.raises(LongstrideError, match="constraints"):
        read_structure(tmp_path / "a.traj")
    with pytest.raises(LongstrideError, match="no such file"):
        read_structure(tmp_path / "b.traj")


@pytest.mark.parametrize("count", ["982567512633051", "9_825_675_126_330"])
def test_a_later_frame_that_counts_without_end_is_refused(tmp_path: Path, count: str):
    path = tmp_path / "two.xyz"
    frame = "1\n\nAl 0.0 0.0 0.0\n"
    path.write_text(frame + frame.replace("1\n", f"{count}\n", 1))
    with pytest.raises(LongstrideError, match=r"line 4: counts 9\w+ atoms, more than the file"):
        read_structure(path)
