"""Recorded runs: what they leave, and that a stop at any moment does not change a bit."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longstride.dynamics import (
    SEGMENT,
    Ensemble,
    Ramp,
    RunFiles,
    RunPlan,
    Stride,
    csvr,
    draw_velocities,
    langevin,
    load_restart,
    npt,
    read_thermo,
    resume_run,
    start_run,
    strides_of_frames,
)
from longstride.errors import ConfigError, FileFormatError, RolloutError
from longstride.state import State
from longstride.testsystems import LennardJones
from longstride.trajectory import TrajectoryFile
from longstride.units import GPA

PLAN = RunPlan(n_strides=60, restart_every=7, frame_every=2, shortest_distance=2.0)
SUBSTRIDE_PLAN = RunPlan(n_strides=60, restart_every=7, substride=True)


class Stop(Exception):
    """Stands for any interruption."""


class Remembering:
    """An argon map whose cache does change its results, until it is reset."""

    def __init__(self) -> None:
        self._inner = LennardJones().verlet(steps=2)
        self._strides_remembered = 0

    @property
    def stride(self) -> float:
        """Time of one stride in fs."""
        return self._inner.stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        """One stride, changed a little by the memory."""
        self._strides_remembered += 1
        end = self._inner.step(state, rng)
        return end.with_(velocities=end.velocities * (1 + 1e-9 * self._strides_remembered))

    def reset_cache(self) -> None:
        """Forget."""
        self._strides_remembered = 0


def argon_langevin() -> Ensemble:
    return langevin(LennardJones().verlet(steps=4, n_stages=2), 60.0, friction_time=100.0)


def argon_csvr() -> Ensemble:
    return csvr(LennardJones().verlet(steps=4, n_stages=2), 60.0, relaxation_time=100.0)


def argon_npt() -> Ensemble:
    """All that changes in time at once: the cell, its pressure, the temperature."""
    argon = LennardJones(skin=0.2)
    return npt(
        argon.verlet(steps=4, n_stages=2),
        argon,
        Ramp(60.0, 40.0, 960.0),
        Ramp(0.0, 0.1 * GPA, 960.0),
        bath_time=100.0,
        barostat_time=200.0,
        compressibility=0.5 / GPA,
        anisotropic=True,
    )


def remembering() -> Ensemble:
    return langevin(Remembering(), 60.0, friction_time=100.0)


def start(ensemble: Ensemble, out: Path, plan: RunPlan = PLAN, **more: object) -> State:
    rng = np.random.default_rng(4)
    state = draw_velocities(LennardJones().crystal(3), 60.0, rng)
    return start_run(ensemble, state, rng, plan, out, **more)  # type: ignore[arg-type]


def stop_after(index: int) -> Callable[[Stride], None]:
    """A monitor that interrupts a run after some stride."""

    def monitor(stride: Stride) -> None:
        if stride.index == index:
            raise Stop

    return monitor


def resume(ensemble: Ensemble, out: Path, **more: object) -> State:
    return resume_run(ensemble, load_restart(RunFiles(out).restart), out, **more)  # type: ignore[arg-type]


def assert_same_run(one: Path, other: Path) -> None:
    """Both runs are complete and agree in every bit."""
    with TrajectoryFile(one) as a, TrajectoryFile(other) as b:
        assert a[SEGMENT].n_frames == b[SEGMENT].n_frames
        assert a.sha256() == b.sha256()
    assert RunFiles(one).thermo.read_bytes() == RunFiles(other).thermo.read_bytes()


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_complete_run_leaves_a_trajectory_and_its_scalars(tmp_path: Path):
    out = tmp_path / "a.h5"
    seen = []
    last = start(
        argon_langevin(),
        out,
        provenance={"model": "argon"},
        metadata={"temperature": 60.0},
        monitor=lambda stride: seen.append(stride.index),
    )
    assert left_over(tmp_path) == ["a.h5", "a.thermo.csv"]
    assert seen == list(range(1, 61))
    with TrajectoryFile(out) as file:
        segment = file[SEGMENT]
        assert file.provenance == {"model": "argon"}
        assert segment.metadata == {"temperature": 60.0}
        np.testing.assert_array_equal(segment.times, np.arange(0.0, 961.0, 32.0))
        end = segment.state(-1)
        np.testing.assert_array_equal(end.positions, last.positions)
        np.testing.assert_array_equal(end.velocities, last.velocities)
        thermo = read_thermo(RunFiles(out).thermo)
        np.testing.assert_array_equal(thermo.time, np.arange(0.0, 961.0, 16.0))
        every_other = [segment.state(i).temperature for i in range(segment.n_frames)]
        np.testing.assert_array_equal(thermo.temperature[::2], every_other)
        assert thermo.kinetic_energy[-1] == last.kinetic_energy
        assert np.all(thermo.momentum < 1e-10)


def test_a_run_at_constant_pressure_records_cells_and_volumes(tmp_path: Path):
    out = tmp_path / "a.h5"
    last = start(argon_npt(), out)
    with TrajectoryFile(out) as file:
        segment = file[SEGMENT]
        np.testing.assert_array_equal(segment.cells(-1), last.cell)
        np.testing.assert_array_equal(segment.cells(0), LennardJones().crystal(3).cell)
        thermo = read_thermo(RunFiles(out).thermo)
        assert thermo.volume is not None
        volumes = [segment.state(i).volume for i in range(segment.n_frames)]
        np.testing.assert_array_equal(thermo.volume[::2], volumes)
        assert len(set(volumes)) == segment.n_frames
    start(argon_langevin(), tmp_path / "b.h5")
    assert read_thermo(RunFiles(tmp_path / "b.h5").thermo).volume is None


def test_a_density_out_of_range_ends_the_run(tmp_path: Path):
    start_density = 4 / 5.4**3
    plan = RunPlan(n_strides=60, density=(0.9995 * start_density, 1.0005 * start_density))
    with pytest.raises(RolloutError, match=r"density 0\.025.* atoms/Å³ at t = .*the model covers"):
        start(argon_npt(), tmp_path / "a.h5", plan)
    with TrajectoryFile(RunFiles(tmp_path / "a.h5").partial_out) as file:
        assert file[SEGMENT].n_frames >= 1


def test_an_open_cell_has_no_pressure_to_run_at(tmp_path: Path):
    state = LennardJones().crystal(3).with_(pbc=np.array([True, True, False]))
    with pytest.raises(ConfigError, match="periodic in all directions"):
        start_run(argon_npt(), state, np.random.default_rng(0), PLAN, tmp_path / "a.h5")
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("make", [argon_langevin, argon_csvr, argon_npt, remembering])
@pytest.mark.parametrize("plan", [PLAN, SUBSTRIDE_PLAN], ids=["strides", "stages"])
def test_a_run_stopped_twice_is_the_unbroken_run(
    tmp_path: Path, make: Callable[[], Ensemble], plan: RunPlan
):
    whole, broken = tmp_path / "whole.h5", tmp_path / "broken.h5"
    last = start(make(), whole, plan)
    with pytest.raises(Stop):
        start(make(), broken, plan, monitor=stop_after(3))
    assert load_restart(RunFiles(broken).restart).header.done == 0
    with pytest.raises(Stop):
        resume(make(), broken, monitor=stop_after(40))
    assert load_restart(RunFiles(broken).restart).header.done == 35
    assert not broken.exists()
    resumed = resume(make(), broken)
    np.testing.assert_array_equal(resumed.positions, last.positions)
    assert_same_run(whole, broken)


def test_the_memory_of_a_propagator_matters_where_it_is_not_reset(tmp_path: Path):
    start(remembering(), tmp_path / "often.h5")
    start(remembering(), tmp_path / "seldom.h5", PLAN.model_copy(update={"restart_every": 20}))
    thermo = [RunFiles(tmp_path / name).thermo for name in ("often.h5", "seldom.h5")]
    assert thermo[0].read_bytes() != thermo[1].read_bytes()


PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from longstride.dynamics import RunPlan, draw_velocities, langevin, start_run
from longstride.testsystems import LennardJones
rng = np.random.default_rng(4)
state = draw_velocities(LennardJones().crystal(3), 60.0, rng)
ensemble = langevin(LennardJones().verlet(steps=4, n_stages=2), 60.0, friction_time=100.0)
plan = RunPlan(n_strides=150, restart_every=3, shortest_distance=2.0)
start_run(ensemble, state, rng, plan, Path(sys.argv[1]))
"""


@pytest.mark.fixed_seeds
@pytest.mark.parametrize("done", [12, 60])
def test_a_killed_run_resumes_to_the_same_bits(tmp_path: Path, done: int):
    whole, killed = tmp_path / "whole.h5", tmp_path / "killed.h5"
    plan = RunPlan(n_strides=150, restart_every=3, shortest_distance=2.0)
    start(argon_langevin(), whole, plan)
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(killed)]) as process:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            time.sleep(0.003)
            restart = RunFiles(killed).restart
            if restart.exists() and load_restart(restart).header.done >= done:
                break
        process.send_signal(signal.SIGKILL)
    assert not killed.exists()
    assert load_restart(RunFiles(killed).restart).header.done >= done
    resume(argon_langevin(), killed)
    assert_same_run(whole, killed)
    assert left_over(tmp_path) == ["killed.h5", "killed.thermo.csv", "whole.h5", "whole.thermo.csv"]


def test_an_overlap_stops_the_run_and_keeps_the_good_frames(tmp_path: Path):
    class Squeezing:
        stride = 16.0

        def step(self, state: State, rng: np.random.Generator) -> State:
            return state.with_(positions=0.97 * state.positions)

    out = tmp_path / "a.h5"
    plan = RunPlan(n_strides=60, shortest_distance=3.0)
    with pytest.raises(RolloutError, match=r"overlap at t = 128 fs: .*; the 8 frames before are"):
        start(langevin(Squeezing(), 60.0), out, plan)
    assert not out.exists()
    with TrajectoryFile(RunFiles(out).partial_out) as file:
        segment = file[SEGMENT]
        assert segment.n_frames == 8
        np.testing.assert_allclose(segment.positions(7), 0.97**7 * segment.positions(0), rtol=1e-12)


def test_a_bad_start_leaves_no_files(tmp_path: Path):
    with pytest.raises(RolloutError, match="overlap at t = 0 fs"):
        start(argon_langevin(), tmp_path / "a.h5", RunPlan(n_strides=5, shortest_distance=5.0))
    assert left_over(tmp_path) == []


def test_what_cannot_be_resumed_is_refused(tmp_path: Path):
    out = tmp_path / "a.h5"
    files = RunFiles(out)
    with pytest.raises(FileFormatError, match="nothing to resume"):
        resume(argon_langevin(), out)
    with pytest.raises(Stop):
        start(argon_langevin(), out, options={"seed": 4}, monitor=stop_after(30))
    point = load_restart(files.restart)
    assert point.header.options == {"seed": 4}
    with pytest.raises(ConfigError, match="stride of 16 fs, the model now one of 8 fs"):
        resume(remembering(), out)
    kept = files.partial_thermo.read_bytes()
    files.partial_thermo.write_bytes(kept[:100])
    with pytest.raises(FileFormatError, match=r"thermo\.csv\.partial: missing or cut"):
        resume(argon_langevin(), out)
    files.partial_thermo.write_bytes(kept)
    resume(argon_langevin(), out)


@pytest.mark.parametrize("content", [b"", b"not a zip file", b"PK\x03\x04 cut"])
def test_damaged_restart_files_are_named(tmp_path: Path, content: bytes):
    path = tmp_path / "a.h5.restart"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"a\.h5\.restart: damaged restart file"):
        load_restart(path)


def test_restart_files_of_another_version_or_shape_are_refused(tmp_path: Path):
    out = tmp_path / "a.h5"
    with pytest.raises(Stop):
        start(argon_langevin(), out, monitor=stop_after(1))
    path = RunFiles(out).restart
    with np.load(path, allow_pickle=False) as data:
        good = dict(data)
    newer = str(good["header"]).replace('"schema_version":1', '"schema_version":9')
    np.savez(tmp_path / "b.npz", **{**good, "header": np.array(newer)})
    with pytest.raises(FileFormatError, match="restart schema 9"):
        load_restart(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", **{**good, "velocities": np.zeros((2, 3))})
    with pytest.raises(FileFormatError, match="damaged"):
        load_restart(tmp_path / "c.npz")


def test_only_a_generator_that_can_be_saved_is_taken(tmp_path: Path):
    crystal = LennardJones().crystal(3)
    rng = np.random.Generator(np.random.MT19937(0))
    with pytest.raises(ConfigError, match="PCG64 generator"):
        start_run(argon_langevin(), crystal, rng, PLAN, tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("time", "every", "stride", "strides"),
    [(3000.0, 10, 60.0, 50), (3001.0, 10, 60.0, 60), (0.3, 1, 0.1, 3), (50.0, 1, 60.0, 1)],
)
def test_a_run_covers_its_time_by_whole_frames(
    time: float, every: int, stride: float, strides: int
):
    assert strides_of_frames(time, every, stride) == strides
