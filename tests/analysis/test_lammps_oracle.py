"""RDF, ADF, MSD and VACF against LAMMPS' own computes on a small Lennard-Jones liquid."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from longstride.analysis import (
    angular_distribution,
    mean_square_displacement,
    radial_distribution,
    velocity_autocorrelation,
)

LMP = shutil.which("lmp", path=str(Path(sys.executable).parent)) or shutil.which("lmp")
EVERY, FRAMES, BINS, CUTOFF, BONDS = 20, 6, 40, 2.0, 1.5

SCRIPT = f"""
units lj
lattice fcc 0.8
region box block 0 4 0 4 0 4
create_box 1 box
create_atoms 1 box
mass 1 1.0
velocity all create 3.0 87287 loop geom
pair_style lj/cut 2.5
pair_coeff * * 1.0 1.0
fix integrate all nve
run 100
reset_timestep 0
compute shells all rdf {BINS} cutoff {CUTOFF}
comm_modify cutoff 3.0
compute angles all adf {BINS} * * * 0.0 {BONDS} 0.0 {BONDS}
fix adf all ave/time {EVERY} 1 {EVERY} c_angles[*] file adf.txt mode vector
fix rdf all ave/time {EVERY} 1 {EVERY} c_shells[*] file rdf.txt mode vector
compute moved all msd
fix msd all ave/time {EVERY} 1 {EVERY} c_moved[4] file msd.txt format " %.17g"
compute turned all vacf
fix vacf all ave/time {EVERY} 1 {EVERY} c_turned[4] file vacf.txt format " %.17g"
dump frames all custom {EVERY} frames.txt id xu yu zu vx vy vz
dump_modify frames sort id format line "%d %.17g %.17g %.17g %.17g %.17g %.17g"
run {EVERY * (FRAMES - 1)}
"""


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_rdf_adf_msd_and_vacf_are_those_of_lammps(tmp_path: Path) -> None:
    (tmp_path / "in.lammps").write_text(SCRIPT)
    done = subprocess.run(
        [str(LMP), "-in", "in.lammps", "-screen", "none"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == 0, (tmp_path / "log.lammps").read_text()[-500:]
    lines = (tmp_path / "frames.txt").read_text().split("ITEM: TIMESTEP\n")[1:]
    columns = np.array([np.loadtxt(text.splitlines()[8:])[:, 1:] for text in lines])
    frames, velocities = columns[:, :, :3], columns[:, :, 3:]
    edge = float(lines[0].splitlines()[4].split()[1])
    shells = np.loadtxt(
        [r for r in (tmp_path / "rdf.txt").read_text().splitlines() if len(r.split()) == 4]
    ).reshape(FRAMES, BINS, 4)
    rdf = radial_distribution(frames, edge * np.eye(3), r_max=CUTOFF, bin_width=CUTOFF / BINS)
    np.testing.assert_allclose(rdf.r, shells[0, :, 1], atol=1e-5)
    # freud works in float32: now and then a pair falls into the neighbouring bin.
    np.testing.assert_allclose(rdf.g, shells[:, :, 2].mean(axis=0), atol=0.01)
    np.testing.assert_allclose(rdf.coordination, shells[:, :, 3].mean(axis=0), atol=0.01)
    angles = np.loadtxt(
        [r for r in (tmp_path / "adf.txt").read_text().splitlines() if len(r.split()) == 4]
    ).reshape(FRAMES, BINS, 4)
    adf = angular_distribution(frames, edge * np.eye(3), BONDS, n_bins=BINS)
    np.testing.assert_allclose(adf.angle, angles[0, :, 1], atol=1e-4)
    # LAMMPS rounds a frame to six digits, and its frames weigh the same whatever they hold.
    np.testing.assert_allclose(adf.density, angles[:, :, 2].mean(axis=0), atol=2e-5)
    moved = np.loadtxt(tmp_path / "msd.txt")[:, 1]
    for frame in range(1, FRAMES):
        pair = mean_square_displacement(frames[[0, frame]], 1.0)
        assert pair.value[1] == pytest.approx(moved[frame], rel=1e-9)
    turned = np.loadtxt(tmp_path / "vacf.txt")[:, 1]
    for frame in range(1, FRAMES):
        pair = velocity_autocorrelation(velocities[[0, frame]], np.ones(len(frames[0])), 1.0)
        assert pair.value[1] * pair.initial == pytest.approx(turned[frame], rel=1e-9)
