"""The watch over a regime: what it records, how it acts, and that it is resumed bit for bit."""

from pathlib import Path

import numpy as np
import pytest

from longstride.dynamics import (
    Relay,
    RunFiles,
    RunPlan,
    Stride,
    Watch,
    draw_velocities,
    langevin,
    load_restart,
    read_thermo,
    resume_run,
    start_run,
)
from longstride.dynamics.watch import CALM
from longstride.errors import ConfigError, FileFormatError, RegimeLeftError
from longstride.propagator import Signal
from longstride.state import State
from longstride.testsystems import LennardJones
from longstride.trajectory import TrajectoryFile

ARGON = LennardJones()
PLAN = RunPlan(n_strides=44, restart_every=7, frame_every=2)


class Stop(Exception):
    """Stands for any interruption."""


class Displacement:
    """Counts as unlike the data what is far from the lattice; the limit may change in time."""

    names = ("displacement_A",)

    def __init__(self, start: State, limit: float, relaxed_after: float = np.inf) -> None:
        self._start, self._limit, self._relaxed = start.positions, limit, relaxed_after

    def look(self, state: State) -> tuple[Signal, ...]:
        """How far every atom is from where it started, Å."""
        far = np.linalg.norm(state.positions - self._start, axis=1)
        limit = 100.0 if state.time > self._relaxed else self._limit
        return (Signal(far, np.full(state.n_atoms, limit)),)


def start() -> State:
    return draw_velocities(ARGON.crystal(3), 60.0, np.random.default_rng(2))


def maps() -> tuple:
    """The model, and a reference that is another map of the same stride."""
    return ARGON.verlet(steps=4, n_stages=2), ARGON.verlet(time_step=2.0, steps=8, n_stages=2)


def go(out: Path, watch: Watch, map_=None, monitor=None) -> State:
    ensemble = langevin(map_ or maps()[0], 60.0, friction_time=100.0)
    rng = np.random.default_rng(1)
    return start_run(ensemble, start(), rng, PLAN, out, observers=[watch], monitor=monitor)


def go_on(out: Path, watch: Watch, map_=None) -> State:
    ensemble = langevin(map_ or maps()[0], 60.0, friction_time=100.0)
    return resume_run(ensemble, load_restart(RunFiles(out).restart), out, observers=[watch])


def test_looks_are_columns_of_the_record(tmp_path: Path) -> None:
    watch = Watch(Displacement(start(), 1e3), 5)
    go(tmp_path / "out.h5", watch)
    seen = read_thermo(tmp_path / "out.thermo.csv").observed
    assert list(seen) == [
        "displacement_A_max",
        "displacement_A_mean",
        "atoms_outside",
        "reference_strides",
    ]
    looked = np.isfinite(seen["displacement_A_max"])
    np.testing.assert_array_equal(np.flatnonzero(looked), np.arange(0, 45, 5))
    with TrajectoryFile(tmp_path / "out.h5") as file:
        far = np.linalg.norm(file["run"].positions(5) - start().positions, axis=1)
    assert seen["displacement_A_max"][10] == far.max()
    assert seen["displacement_A_mean"][10] == pytest.approx(far.mean(), rel=1e-12)
    assert watch.findings.looks == 9
    assert watch.findings.looks_outside == 0


def test_looking_does_not_change_a_run(tmp_path: Path) -> None:
    watched = go(tmp_path / "a.h5", Watch(Displacement(start(), 0.2), 3))
    rng = np.random.default_rng(1)
    ensemble = langevin(maps()[0], 60.0, friction_time=100.0)
    alone = start_run(ensemble, start(), rng, PLAN, tmp_path / "b.h5")
    np.testing.assert_array_equal(watched.positions, alone.positions)


def test_a_departure_is_told_once_and_counted(tmp_path: Path) -> None:
    lines: list[str] = []
    watch = Watch(Displacement(start(), 0.2), 5, say=lines.append)
    go(tmp_path / "out.h5", watch)
    (line,) = lines
    assert line.startswith("warning: outside the model's regime at t = ")
    assert "displacement" in line
    assert "A, limit 0.2" in line
    outside = read_thermo(tmp_path / "out.thermo.csv").observed["atoms_outside"]
    assert np.sum(outside > 0) == watch.findings.looks_outside > 3
    assert watch.findings.largest > 1.0


def test_a_run_that_stops_can_go_on_from_there(tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    gauge = Displacement(start(), 0.2)
    with pytest.raises(RegimeLeftError, match=r"outside the model's regime at t = (\d+) fs: atom"):
        go(out, Watch(gauge, 5, stops=True))
    files = RunFiles(out)
    assert not out.exists()
    stopped = load_restart(files.restart)
    assert stopped.header.done % 5 == 0
    assert 0 < stopped.header.done < 44
    with TrajectoryFile(files.partial_out) as file:
        assert file["run"].n_frames == stopped.header.frames == stopped.header.done // 2 + 1
    go_on(out, Watch(gauge, 5))
    whole = tmp_path / "whole.h5"
    go(whole, Watch(gauge, 5))
    # The record of both is the same: where the run stopped, nothing was lost and nothing added.
    assert files.thermo.read_bytes() == RunFiles(whole).thermo.read_bytes()


def test_a_start_outside_stops_at_once_and_can_be_resumed(tmp_path: Path) -> None:
    elsewhere = start().with_(positions=start().positions + 1.0)
    with pytest.raises(RegimeLeftError, match="at t = 0 fs"):
        go(tmp_path / "out.h5", Watch(Displacement(elsewhere, 0.2), 5, stops=True))
    assert load_restart(tmp_path / "out.h5.restart").header.done == 0


def relay_watch(lines: list[str]) -> tuple[Relay, Watch]:
    relay = Relay(*maps())
    gauge = Displacement(start(), 0.25, relaxed_after=320.0)
    return relay, Watch(gauge, 4, relay=relay, say=lines.append)


def test_the_reference_takes_over_until_the_guard_is_silent(tmp_path: Path) -> None:
    lines: list[str] = []
    relay, watch = relay_watch(lines)
    go(tmp_path / "out.h5", watch, relay)
    seen = read_thermo(tmp_path / "out.thermo.csv").observed
    first = int(np.flatnonzero(seen["atoms_outside"] > 0)[0])
    strides = seen["reference_strides"]
    # From the stride after the departure on, until it was silent for long enough after 320 fs.
    assert first % 4 == 0
    last = 320 // 16 + CALM
    expected = np.clip(np.arange(45) - first, 0, last - first)
    np.testing.assert_array_equal(strides, expected)
    assert watch.findings.reference_strides == last - first
    assert not relay.on_reference
    assert len(lines) == 1


@pytest.mark.parametrize("at", [11, 37])
def test_a_killed_relay_is_resumed_to_the_same_bits(tmp_path: Path, at: int) -> None:
    relay, watch = relay_watch([])
    whole = go(tmp_path / "whole.h5", watch, relay)

    def interrupt(stride: Stride) -> None:
        if stride.index == at:
            raise Stop

    relay, watch = relay_watch([])
    with pytest.raises(Stop):
        go(tmp_path / "out.h5", watch, relay, interrupt)
    relay, again = relay_watch([])
    resumed = go_on(tmp_path / "out.h5", again, relay)
    np.testing.assert_array_equal(resumed.positions, whole.positions)
    np.testing.assert_array_equal(resumed.velocities, whole.velocities)
    one, other = (tmp_path / f"{name}.thermo.csv" for name in ("whole", "out"))
    assert one.read_bytes() == other.read_bytes()


def test_a_stopped_run_is_taken_up_by_the_reference(tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    gauge = Displacement(start(), 0.25, relaxed_after=320.0)
    with pytest.raises(RegimeLeftError):
        go(out, Watch(gauge, 4, stops=True))
    relay, watch = relay_watch([])
    go_on(out, watch, relay)
    unbroken, other = relay_watch([])
    go(tmp_path / "whole.h5", other, unbroken)
    assert watch.findings.reference_strides == other.findings.reference_strides > 0


def test_maps_of_different_strides_make_no_relay() -> None:
    model, _ = maps()
    with pytest.raises(ConfigError, match="the model's stride is 16 fs, that of its reference 8"):
        Relay(model, ARGON.verlet(steps=2))


def test_what_is_not_finite_is_outside() -> None:
    class Broken(Displacement):
        def look(self, state: State) -> tuple[Signal, ...]:
            return (Signal(np.full(state.n_atoms, np.nan), np.ones(state.n_atoms)),)

    watch = Watch(Broken(start(), 1.0), 1, stops=True)
    watch.observe(0, start())
    with pytest.raises(RegimeLeftError):
        watch.conclude()


def test_a_memory_of_another_version_is_refused() -> None:
    with pytest.raises(FileFormatError, match="of another version"):
        Watch(Displacement(start(), 1.0), 1).recall({"glances": 3})
