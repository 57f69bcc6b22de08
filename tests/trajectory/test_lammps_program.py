"""Files of a real LAMMPS run: all its dumps are the same trajectory, and mechanics holds on it."""

import subprocess
from pathlib import Path

import ase.io
import numpy as np
import pytest

from longstride.reference.lammps_program import find_program
from longstride.trajectory import (
    ImportOptions,
    TrajectoryFile,
    import_trajectories,
    read_structure,
)
from longstride.units import REAL_ENERGY

# The tilts are vectors of the fcc lattice: the crystal is perfect in a triclinic box.
INPUT = """
units {units}
boundary p p p
lattice fcc 4.05
region cell prism 0 2 0 2 0 2 1.0 -0.5 0.5 units lattice
create_box 1 cell
create_atoms 1 box
mass 1 26.98
pair_style lj/cut 5.9
pair_coeff 1 1 {epsilon} 2.6
velocity all create 900 4711
velocity all set {drift} 0 0 sum yes
timestep {timestep}
fix 1 all nve
dump full all custom 5 full.dump vx xu id yu type zu vy vz element
dump_modify full element Al units yes time yes format float %.15g
dump flags all custom 5 flags.dump id type x y z ix iy iz vx vy vz
dump_modify flags format float %.15g
dump scaled all custom 5 scaled.dump element id xs ys zs
dump_modify scaled element Al format float %.15g
dump_modify scaled thresh x < 1e9
dump xyz all extxyz 5 ext.xyz
dump_modify xyz element Al vel yes
run 400
write_data end.data
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Outputs of one run in metal units."""
    return run_lammps(tmp_path_factory.mktemp("metal"), "metal")


def run_lammps(path: Path, units: str) -> Path:
    """Run the same system in either units: 800 fs, drifting through the cell."""
    scale = {"metal": 1.0, "real": 1e-3}[units]
    text = INPUT.format(
        units=units,
        epsilon=0.39 / (REAL_ENERGY if units == "real" else 1.0),
        drift=30.0 * scale,
        timestep=0.002 / scale,
    )
    (path / "in.lammps").write_text(text)
    subprocess.run(
        [find_program("lmp"), "-in", "in.lammps", "-log", "none", "-screen", "none"],
        cwd=path,
        check=True,
    )
    return path


def test_all_dumps_are_the_same_trajectory(folder: Path, tmp_path: Path) -> None:
    full = tmp_path / "full.h5"
    (made,) = import_trajectories([folder / "full.dump"], full, ImportOptions())
    assert (made.n_frames, made.n_atoms) == (81, 32)
    assert made.interval == pytest.approx(10.0)
    rest = tmp_path / "rest.h5"
    options = ImportOptions(elements=("Al",), units="metal", timestep=2.0)
    import_trajectories([folder / "flags.dump"], rest, options)
    scaled = tmp_path / "scaled.h5"
    options = ImportOptions(interval=10.0, temperatures=(900.0,))
    import_trajectories([folder / "scaled.dump"], scaled, options)
    ext = tmp_path / "ext.h5"
    import_trajectories([folder / "ext.xyz"], ext, ImportOptions(units="metal"))
    with TrajectoryFile(full) as a, TrajectoryFile(rest) as b:
        x, v = a["full"].positions(), a["full"].velocities()
        assert np.abs(x[-1] - x[0]).max() > 20.0
        np.testing.assert_allclose(b["flags"].positions(), x, atol=1e-10)
        np.testing.assert_allclose(b["flags"].velocities(), v, atol=1e-12)
        np.testing.assert_allclose(b["flags"].times, a["full"].times, atol=1e-9)
    with TrajectoryFile(scaled) as c, TrajectoryFile(ext) as d:
        y = c["scaled"].positions()
        np.testing.assert_allclose(y - y[0], x - x[0], atol=1e-9)
        y = d["ext"].positions()
        np.testing.assert_allclose(y - y[0], x - x[0], atol=2e-4)
        np.testing.assert_allclose(d["ext"].velocities(), v, rtol=1e-4, atol=1e-9)
        assert d["ext"].interval == pytest.approx(10.0)
    moved, flown = x[2:] - x[:-2], 20.0 * v[1:-1]
    assert np.sum(moved * flown) / np.sum(flown**2) == pytest.approx(1.0, abs=0.01)


def test_real_units_give_the_same_run(folder: Path, tmp_path: Path) -> None:
    run_lammps(tmp_path, "real")
    metal, real = tmp_path / "metal.h5", tmp_path / "real.h5"
    import_trajectories([folder / "full.dump"], metal, ImportOptions())
    import_trajectories([tmp_path / "full.dump"], real, ImportOptions())
    with TrajectoryFile(metal) as a, TrajectoryFile(real) as b:
        np.testing.assert_allclose(b["full"].times, a["full"].times, atol=1e-6)
        few = slice(0, 20)
        x, v = a["full"].positions(few), a["full"].velocities(few)
        np.testing.assert_allclose(b["full"].positions(few), x, atol=1e-3)
        np.testing.assert_allclose(b["full"].velocities(few), v, atol=1e-5)


def test_data_file(folder: Path, tmp_path: Path) -> None:
    state, moving = read_structure(folder / "end.data")
    assert moving
    import_trajectories([folder / "full.dump"], tmp_path / "full.h5", ImportOptions())
    with TrajectoryFile(tmp_path / "full.h5") as file:
        last = file["full"].state(-1)
    np.testing.assert_array_equal(state.species, last.species)
    np.testing.assert_allclose(state.masses, 26.98)
    np.testing.assert_allclose(state.cell, last.cell, atol=1e-12)
    np.testing.assert_allclose(state.positions, last.positions, atol=1e-8)
    np.testing.assert_allclose(state.velocities, last.velocities, rtol=1e-7)
    images = ase.io.read(folder / "end.data", format="lammps-data")
    np.testing.assert_allclose(images.positions, state.positions)
