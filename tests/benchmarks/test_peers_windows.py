"""Windows that FlashMD is trained on: what is in them, and what metatrain would read."""

from pathlib import Path

import ase
import ase.units
import numpy as np
import pytest
from peers.settings import HELD_OUT, SIZES, PeerTraining, metatrain_options
from peers.training import convert, fitted
from peers.windows import first_windows, read_split, windows_of, write_windows

from longstride.errors import ConfigError
from longstride.trajectory import TrajectoryFile, TrajectoryWriter

ATOMS, FRAMES, INTERVAL = 3, 9, 10.0
MASS = 26.98
VELOCITY = np.array([[1e-3, 0.0, 0.0], [0.0, -2e-3, 0.0], [0.0, 0.0, 3e-3]])


def trajectory(path: Path, runs: tuple[str, ...]) -> Path:
    """Free flight: where every atom is, and how fast, is known at all times."""
    rng = np.random.default_rng(3)
    with TrajectoryWriter(path) as file:
        for number, run in enumerate(runs):
            segment = file.segment(
                f"{run}_{number}",
                species=[13] * ATOMS,
                masses=[MASS] * ATOMS,
                cell=(8.0 + number) * np.eye(3),
                pbc=[True] * 3,
                interval=INTERVAL,
                metadata={"run": run, "temperature": 300.0},
            )
            origin = rng.uniform(0.0, 8.0, (ATOMS, 3))
            for frame in range(FRAMES):
                time = frame * INTERVAL
                segment.append(time=time, positions=origin + time * VELOCITY, velocities=VELOCITY)
    return path


def test_a_window_is_a_frame_and_what_follows_in_the_peers_units(tmp_path):
    path = trajectory(tmp_path / "data.h5", ("a", "b"))
    with TrajectoryFile(path) as file:
        windows = windows_of(file, lag=30.0, spacing=20.0)
    # Starts at 0, 20 and 40 fs of each: a later one has no frame 30 fs ahead.
    assert len(windows) == 6
    moved = windows.vectors["future_positions"] - windows.vectors["x"]
    np.testing.assert_allclose(moved, np.broadcast_to(30.0 * VELOCITY, moved.shape), atol=1e-5)
    atoms = ase.Atoms("Al3", masses=[MASS] * ATOMS)
    atoms.set_velocities(VELOCITY / ase.units.fs)
    np.testing.assert_allclose(windows.vectors["momenta"][4], atoms.get_momenta(), rtol=1e-5)
    np.testing.assert_allclose(windows.cells[:, 0, 0], [8.0] * 3 + [9.0] * 3)


def test_a_reversed_window_begins_where_the_other_ends(tmp_path):
    path = trajectory(tmp_path / "data.h5", ("a",))
    with TrajectoryFile(path) as file:
        windows = windows_of(file, lag=30.0, spacing=20.0)
    both = windows.with_reversed()
    count = len(windows)
    assert len(both) == 2 * count
    flight = both.vectors["future_positions"] - both.vectors["x"]
    np.testing.assert_allclose(flight[count:], -flight[:count])
    np.testing.assert_array_equal(both.vectors["x"][count], windows.vectors["future_positions"][0])
    np.testing.assert_array_equal(
        both.vectors["future_momenta"][count], -windows.vectors["momenta"][0]
    )
    twice = both.in_order(np.arange(count, 2 * count)).with_reversed()
    np.testing.assert_array_equal(twice.vectors["x"][count:], windows.vectors["x"])


def test_what_is_written_is_what_metatrain_maps_into_memory(tmp_path):
    path = trajectory(tmp_path / "data.h5", ("a", "b"))
    with TrajectoryFile(path) as file:
        windows = windows_of(file, lag=20.0, spacing=10.0)
    write_windows(windows, tmp_path / "whole")
    first_windows(tmp_path / "whole", tmp_path / "some", 5)
    count, ends = np.load(tmp_path / "some" / "ns.npy"), np.load(tmp_path / "some" / "na.npy")
    assert count.shape == ()
    assert int(count) == 5
    assert ends.dtype == np.int64
    assert ends.tolist() == [3 * k for k in range(6)]
    shape = (int(ends[-1]), 3)
    for name in ("x", "momenta", "future_positions", "future_momenta"):
        mapped = np.memmap(tmp_path / "some" / f"{name}.bin", np.float32, "r", shape=shape)
        np.testing.assert_array_equal(mapped.reshape(5, 3, 3), windows.vectors[name][:5])
    species = np.memmap(tmp_path / "some" / "a.bin", np.int32, "r", shape=(shape[0],))
    assert set(species.tolist()) == {13}
    with pytest.raises(ConfigError, match="windows of"):
        first_windows(tmp_path / "whole", tmp_path / "more", 1 + len(windows))


def test_runs_held_out_are_in_no_window_that_is_trained_on(tmp_path):
    path = trajectory(tmp_path / "data.h5", ("a", *HELD_OUT))
    known, apart = read_split(path, HELD_OUT, 30.0, 60.0)
    assert set(known.cells[:, 0, 0]) == {8.0}
    assert 8.0 not in apart.cells[:, 0, 0]
    folder = convert(path, tmp_path / "work", 30.0)
    assert int(np.load(folder / "training" / "ns.npy")) == 2 * len(known)
    with pytest.raises(ConfigError, match="no runs c to hold out"):
        read_split(path, ["c"], 30.0, 60.0)


def test_times_that_are_no_frames_are_refused(tmp_path):
    path = trajectory(tmp_path / "data.h5", ("a",))
    with TrajectoryFile(path) as file:
        with pytest.raises(ConfigError, match="no multiple of the 10 fs"):
            windows_of(file, lag=25.0, spacing=20.0)
        with pytest.raises(ConfigError, match="no window of 90 fs"):
            windows_of(file, lag=90.0, spacing=20.0)


def test_windows_and_epochs_fill_the_time():
    assert fitted(720.0, 0.04, epochs=5, available=9000) == (3600, 5)
    assert fitted(3600.0, 0.04, epochs=5, available=9000) == (9000, 10)


def test_options_say_stride_and_sizes(tmp_path):
    training = PeerTraining(name="it", lag=30.0, network=SIZES["middle"], learning_rate=2e-3)
    options = metatrain_options(training, tmp_path / "w", tmp_path / "v", 4)
    chosen = options["architecture"]
    assert chosen["name"] == "experimental.flashmd"
    assert chosen["model"]["d_pet"] == 64
    assert chosen["training"]["timestep"] == 30.0
    assert chosen["training"]["num_epochs"] == 4
    assert options["training_set"]["targets"]["momentum"]["key"] == "future_momenta"
    with pytest.raises(ValueError, match="depth"):
        PeerTraining(name="it", depth=3)
