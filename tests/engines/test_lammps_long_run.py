"""A thousand strides in a bath on two ranks: their averages, and what LAMMPS itself writes of them.

The command is that of a user; one run serves all tests.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import ase
import ase.io
import numpy as np
import pytest
from lammps_systems import crystal

from longstride.analysis import mean_with_error, radial_distribution, variance_with_error
from longstride.dynamics import langevin, read_thermo, rollout
from longstride.engines.lammps.library import open_lammps
from longstride.engines.lammps.ranks import all_ranks
from longstride.kernels import load_propagator
from longstride.kernels.native import load_native
from longstride.state import Array
from longstride.trajectory import TrajectoryFile
from longstride.zoo import resolve

pytestmark = [
    pytest.mark.skipif(load_native() is None, reason="the kernel was not compiled"),
    pytest.mark.timeout(900),
    pytest.mark.long,
]

STRIDES, SKIPPED, EVERY = 1000, 100, 10
TEMPERATURE, FRICTION = 600.0, 1000.0

COMMANDS = f"""
variable frame equal {EVERY}*${{stride}}
compute moved all msd
compute pairs all rdf 40 cutoff 6.0
fix moved all ave/time ${{frame}} 1 ${{frame}} c_moved[4] file msd.txt
fix pairs all ave/time ${{frame}} 1 ${{frame}} c_pairs[1] c_pairs[2] file rdf.txt mode vector
fix kinetic all ave/time ${{frame}} 1 ${{frame}} c_thermo_temp file temperature.txt
dump frames all custom ${{frame}} out.dump id xu yu zu vx vy vz
dump_modify frames sort id format float %.17g
variable last equal {STRIDES}*${{stride}}
restart ${{last}} out.*.restart
"""


@dataclass(frozen=True)
class Finished:
    """What a run left: every frame, and the temperature of every stride."""

    folder: Path
    cell: Array
    positions: Array
    velocities: Array
    temperature: Array


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("long")
    start = crystal((3, 3, 3))
    atoms = ase.Atoms("Al108", positions=start.positions, cell=start.cell, pbc=True)
    ase.io.write(folder / "al.xyz", atoms, format="extxyz")
    (folder / "more.in").write_text(COMMANDS, encoding="utf-8")
    words = ["run", "-m", "al-fast", "-s", "al.xyz", "-T", f"{TEMPERATURE:g}", "--seed", "8"]
    words += ["--time", f"{STRIDES * 60}fs", "--every", f"{EVERY}", "-o", "out.h5"]
    words += ["--engine", "lammps", "--ranks", "2", "--lammps-commands", "more.in"]
    done = subprocess.run(
        [sys.executable, "-m", "longstride.cli.main", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    with TrajectoryFile(folder / "out.h5") as file:
        run = file["run"]
        return Finished(
            folder,
            start.cell,
            run.positions(),
            run.velocities(),
            read_thermo(folder / "out.thermo.csv").temperature,
        )


@pytest.fixture(scope="module")
def alone() -> tuple[Array, Array]:
    """Positions of frames, and temperatures of all strides, of one process with its own noise."""
    ensemble = langevin(load_propagator(resolve("al-fast")), TEMPERATURE, FRICTION)
    rng = np.random.default_rng(9)
    states = [one.end for one in rollout(ensemble, crystal((3, 3, 3)), rng, STRIDES)]
    positions = np.array([state.positions for state in states[EVERY - 1 :: EVERY]])
    return positions, np.array([state.temperature for state in states])


def square_distances(positions: Array) -> Array:
    """Mean over the atoms from their mean places, (F,) in Å²."""
    relative = positions - positions.mean(axis=1, keepdims=True)
    return np.asarray(((relative - relative.mean(axis=0)) ** 2).sum(axis=2).mean(axis=1))


def test_averages_are_those_of_one_process(finished: Finished, alone: tuple[Array, Array]):
    positions, temperature = alone
    frames = SKIPPED // EVERY
    pairs = [
        (mean_with_error(finished.temperature[SKIPPED:]), mean_with_error(temperature[SKIPPED:])),
        (
            variance_with_error(finished.temperature[SKIPPED:]),
            variance_with_error(temperature[SKIPPED:]),
        ),
        tuple(
            mean_with_error(square_distances(one[frames:]))
            for one in (finished.positions, positions)
        ),
    ]
    for one, other in pairs:
        assert one.error > 0
        assert abs(one.value - other.value) / np.hypot(one.error, other.error) < 4.0


def test_computes_and_dumps_see_the_frames(finished: Finished):
    text = (finished.folder / "out.dump").read_text(encoding="utf-8")
    blocks = text.split("ITEM: ATOMS id xu yu zu vx vy vz")[1:]
    dumped = np.array([np.loadtxt(one.split("ITEM")[0].splitlines()[1:]) for one in blocks])
    assert len(dumped) == STRIDES // EVERY + 1
    np.testing.assert_allclose(dumped[:, :, 1:4], finished.positions, atol=1e-9)
    np.testing.assert_allclose(dumped[:, :, 4:] / 1e3, finished.velocities, atol=1e-12)
    moved = np.loadtxt(finished.folder / "msd.txt")[:, 1]
    expected = ((finished.positions - finished.positions[0]) ** 2).sum(axis=2).mean(axis=1)
    np.testing.assert_allclose(moved, expected, rtol=1e-5)
    kinetic = np.loadtxt(finished.folder / "temperature.txt")[:, 1]
    np.testing.assert_allclose(kinetic, finished.temperature[::EVERY], rtol=1e-5)


def test_pairs_that_lammps_counts_are_those_of_the_frames(finished: Finished):
    rows = (finished.folder / "rdf.txt").read_text(encoding="utf-8").splitlines()[3:]
    frames = [line for line in rows if len(line.split()) == 3]
    g = np.array([line.split()[2] for line in frames], dtype=float).reshape(-1, 40)
    # Half of the cell's edge is 6.1 Å.
    ours = radial_distribution(finished.positions, finished.cell, r_max=6.0, bin_width=0.15)
    # Ours takes places in single precision: a pair at the edge of a bin may be in the next.
    np.testing.assert_allclose(g.mean(axis=0), ours.g, atol=2e-3)


def test_a_restart_file_of_lammps_holds_the_last_state(finished: Finished):
    (restart,) = finished.folder.glob("out.*.restart")
    lammps = open_lammps(all_ranks(), None)
    lammps.command(f"read_restart {restart}")
    numbers = np.array(lammps.gather_atoms("id", 0, 1))
    positions = np.array(lammps.gather_atoms("x", 1, 3)).reshape(-1, 3)[np.argsort(numbers)]
    velocities = np.array(lammps.gather_atoms("v", 1, 3)).reshape(-1, 3)[np.argsort(numbers)]
    lammps.close()
    apart = (positions - finished.positions[-1]) @ np.linalg.inv(finished.cell)
    np.testing.assert_allclose(apart, np.round(apart), atol=1e-9)
    np.testing.assert_allclose(velocities / 1e3, finished.velocities[-1], atol=1e-12)
