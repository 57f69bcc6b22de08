"""Runs on LAMMPS from a job to its files, in this process as the only rank."""

from pathlib import Path
from typing import Any

import ase
import ase.io
import numpy as np
import pytest
from lammps_systems import crystal

from longstride.dynamics import CSVRBath, RunFiles, nve, read_thermo, starting_state
from longstride.engines.lammps.__main__ import main
from longstride.engines.lammps.bath import DomainLangevin, DomainRescaling, Moment
from longstride.engines.lammps.job import Job
from longstride.engines.lammps.ranks import all_ranks
from longstride.engines.lammps.record import OpenFiles
from longstride.engines.lammps.rollout import run_job
from longstride.errors import ConfigError, LongstrideError, RolloutError
from longstride.kernels import load_propagator
from longstride.kernels.native import load_native
from longstride.state import State
from longstride.trajectory import TrajectoryFile
from longstride.zoo import resolve

pytestmark = pytest.mark.skipif(load_native() is None, reason="the kernel was not compiled")

STRIDE = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    start = crystal((3, 3, 3))
    atoms = ase.Atoms("Al108", positions=start.positions, cell=start.cell, pbc=True)
    ase.io.write(tmp_path / "al.xyz", atoms, format="extxyz")
    return {
        "model": "al-fast",
        "structure": tmp_path / "al.xyz",
        "output": tmp_path / "out.h5",
        "temperature": 600.0,
        "time": 4 * STRIDE,
        "seed": 3,
    }


def run(settings: dict[str, Any]) -> list[str]:
    said: list[str] = []
    assert run_job(Job(**settings), all_ranks(), said.append).ns_per_day > 0
    return said


def frames_of(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with TrajectoryFile(path) as file:
        states = [file["run"].state(k) for k in range(file["run"].n_frames)]
    return np.array([s.positions for s in states]), np.array([s.velocities for s in states])


def test_a_run_is_that_of_one_process_and_lammps_sees_it(settings: dict[str, Any], tmp_path: Path):
    commands = tmp_path / "more.in"
    dump = tmp_path / "dump"
    commands.write_text(
        f"dump d all custom ${{stride}} {dump} id xu yu zu vx vy vz\n"
        "dump_modify d sort id format float %.17g\n",
        encoding="utf-8",
    )
    said = run({**settings, "ensemble": "nve", "commands": commands})
    assert any("velocities drawn at 600 K with seed 3" in line for line in said)
    propagator = load_propagator(resolve("al-fast"))
    state, rng, _ = starting_state(
        settings["structure"],
        propagator.regime,
        3,
        repeat=(1, 1, 1),
        temperatures=(600.0,),
        thermostat=False,
        force=False,
    )
    positions, velocities = frames_of(settings["output"])
    thermo = read_thermo(RunFiles(settings["output"]).thermo)
    lines = dump.read_text(encoding="utf-8").split("ITEM: ATOMS id xu yu zu vx vy vz")[1:]
    assert len(lines) == len(positions) == 5
    for k in range(5):
        np.testing.assert_allclose(positions[k], state.positions, atol=2e-6)
        np.testing.assert_allclose(velocities[k], state.velocities, atol=2e-7)
        assert thermo.temperature[k] == pytest.approx(state.temperature, rel=1e-5)
        table = np.loadtxt(lines[k].split("ITEM")[0].splitlines()[1:])
        np.testing.assert_allclose(table[:, 1:4], positions[k], atol=1e-9)
        np.testing.assert_allclose(table[:, 4:] / 1e3, velocities[k], atol=1e-12)
        state = nve(propagator).step(state, rng)
    assert np.abs(thermo.momentum).max() < 1e-11


@pytest.mark.parametrize("ensemble", ["langevin", "csvr"])
def test_a_stopped_run_goes_on(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ensemble: str
):
    settings |= {"ensemble": ensemble, "restart_every": 2, "temperature": (600.0, 500.0)}
    run({**settings, "output": tmp_path / "whole.h5"})
    kept = OpenFiles.frame

    def failing(self: OpenFiles, state: State) -> None:
        if state.time > 2.5 * STRIDE:
            raise RolloutError("no")
        kept(self, state)

    with monkeypatch.context() as patched:
        patched.setattr(OpenFiles, "frame", failing)
        with pytest.raises(RolloutError, match="no"):
            run_job(Job(**settings), all_ranks(), lambda line: None)
    files = RunFiles(settings["output"])
    assert files.restart.exists()
    assert not files.out.exists()
    with pytest.raises(ConfigError, match="exists"):
        run(settings)
    assert run({**settings, "resume": True}) == []
    for one, other in zip(frames_of(files.out), frames_of(tmp_path / "whole.h5"), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-6)
    assert len(read_thermo(files.thermo).time) == 5
    assert not files.restart.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"structure": Path("none.cif")}, "none.cif"),
        ({"model": "unheard"}, "no model 'unheard'"),
        ({"temperature": 3000.0}, "outside the model's regime"),
        ({"every": 100}, "longer than the run"),
        ({"commands": Path("none.in")}, "none.in"),
    ],
)
def test_wrong_input_is_one_line(settings: dict[str, Any], changes: dict[str, Any], said: str):
    with pytest.raises(LongstrideError, match=said) as caught:
        run(settings | changes)
    assert "\n" not in str(caught.value)
    assert not settings["output"].exists()


def test_a_wrong_command_is_one_line(settings: dict[str, Any], tmp_path: Path):
    commands = tmp_path / "wrong.in"
    commands.write_text("compute nothing\n", encoding="utf-8")
    with pytest.raises(LongstrideError, match="LAMMPS: ") as caught:
        run(settings | {"commands": commands})
    assert "\n" not in str(caught.value)


def test_rescaling_is_that_of_one_process():
    state = crystal((2, 2, 2))
    bath = DomainRescaling(all_ranks(), 700.0, 200.0, 30.0, 5, state.n_atoms)
    tags = np.arange(1, 33)
    seen, factor = bath.apply(state.velocities, state.masses, tags, Moment(9, True, 0.0))
    expected = CSVRBath(700.0, 200.0).apply(state, 30.0, np.random.default_rng((5, 9, 1)))
    np.testing.assert_allclose(seen, expected.velocities, rtol=1e-12)
    np.testing.assert_allclose(seen, factor * state.velocities, rtol=1e-12)


def test_langevin_brings_atoms_to_its_temperature():
    state = crystal((5, 5, 5))
    bath = DomainLangevin(all_ranks(), 400.0, 50.0, 200.0, 11)
    velocities, tags = state.velocities, np.arange(1, state.n_atoms + 1)
    temperatures = []
    for stride in range(60):
        velocities, _ = bath.apply(velocities, state.masses, tags, Moment(stride, False, 0.0))
        temperatures.append(state.with_(velocities=velocities).temperature)
    # Two hundred femtoseconds of a bath of fifty leave a fiftieth of a velocity: draws are new.
    late = np.array(temperatures[5:])
    spread = 400.0 * np.sqrt(2.0 / (3 * state.n_atoms - 3))
    assert abs(late.mean() - 400.0) / (spread / np.sqrt(len(late))) < 4.0
    assert abs(late.var() / spread**2 - 1.0) * np.sqrt(len(late) / 2.0) < 4.0


def test_help_tells_the_keys_of_a_job(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("usage: mpirun -n N")
    assert all(f"{name}:" in told for name in Job.model_fields)
    assert main([]) == 2
