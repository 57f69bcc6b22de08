"""What the trajectory file's writer and reader refuse."""

import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from longstride.errors import FileFormatError
from longstride.trajectory import TrajectoryFile, TrajectoryWriter

N = 5
F = 40
CELL = np.array([[6.0, 0.0, 0.0], [1.0, 7.0, 0.0], [-0.5, 0.3, 8.0]])
HEADER: dict[str, Any] = {
    "species": [13, 13, 29, 13, 29],
    "masses": [26.98, 26.98, 63.55, 26.98, 63.55],
    "cell": CELL,
    "pbc": [True, True, False],
    "interval": 10.0,
    "metadata": {"temperature": 600.0, "run": "a", "seed": 3},
}


def make_frames(seed: int = 0, count: int = F) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "time": 5.0 + 10.0 * np.arange(count),
        "positions": 20.0 * rng.normal(size=(count, N, 3)),
        "velocities": rng.normal(size=(count, N, 3)),
        "potential_energy": rng.normal(size=count),
        "stress": rng.normal(size=(count, 3, 3)),
    }


def part(frames: dict[str, Any], start: int, stop: int) -> dict[str, Any]:
    return {key: value[start:stop] for key, value in frames.items()}


def write(path: Path, frames: dict[str, Any], name: str = "a") -> None:
    with TrajectoryWriter(path, provenance={"made_by": "test"}) as out:
        out.segment(name, **HEADER).append_many(**frames)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"positions": np.full((1, N, 3), np.nan)}, "frame 40: non-finite position"),
        ({"velocities": np.zeros((1, N - 1, 3))}, "velocity has shape"),
        ({"time": np.array([1000.0])}, "expected 10 fs"),
        ({"stress": None}, "stress must be given"),
    ],
)
def test_writer_refuses_bad_frames(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    frames = make_frames(count=F + 1)
    with TrajectoryWriter(tmp_path / "a.h5") as out:
        segment = out.segment("a", **HEADER)
        segment.append_many(**part(frames, 0, F))
        with pytest.raises(FileFormatError, match=message):
            segment.append_many(**(part(frames, F, F + 1) | change))
        segment.append_many(**part(frames, F, F + 1))
    with TrajectoryFile(tmp_path / "a.h5") as file:
        np.testing.assert_array_equal(file["a"].positions(), frames["positions"])
        np.testing.assert_array_equal(file["a"].stress(), frames["stress"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"species": [0] * N}, "atomic numbers"),
        ({"masses": [1.0] * (N - 1)}, "masses must be 5"),
        ({"masses": [-1.0] * N}, "positive"),
        ({"cell": np.zeros((3, 3))}, "volume"),
        ({"interval": 0.0}, "interval must be positive"),
        ({"metadata": {"temperature": float("nan")}}, "JSON"),
    ],
)
def test_writer_refuses_bad_segments(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with TrajectoryWriter(tmp_path / "a.h5") as out:
        with pytest.raises(FileFormatError, match=message):
            out.segment("a", **(HEADER | change))
        with pytest.raises(FileFormatError, match="not a usable name"):
            out.segment("a/b", **HEADER)
        out.segment("a", **HEADER)
        with pytest.raises(FileFormatError, match="exists"):
            out.segment("a", **HEADER)


def damage_schema(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file.attrs["schema"] = 99


def damage_particles(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["particles"]


def damage_species(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["particles/a/species"]


def damage_times(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        del file["particles/a/position/time"]


def damage_length(path: Path) -> None:
    with h5py.File(path, "r+") as file:
        file["particles/a/velocity/value"].resize(F - 1, axis=0)


def damage_end(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def damage_all(path: Path) -> None:
    path.write_text("ITEM: TIMESTEP\n")


def damage_origin(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["x"] = 1


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_schema, "schema 99"),
        (damage_particles, "/particles"),
        (damage_species, "species"),
        (damage_times, "no positions or times"),
        (damage_length, "39 to 40 frames"),
        (damage_end, "truncated"),
        (damage_all, "not an HDF5 file"),
        (damage_origin, "no longstride trajectory"),
        (Path.unlink, "no such file"),
    ],
)
def test_reader_refuses_with_one_line(tmp_path: Path, damage: Any, message: str) -> None:
    path = tmp_path / "a.h5"
    write(path, make_frames())
    damage(path)
    with pytest.raises(FileFormatError, match=message) as caught:
        TrajectoryFile(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_reader_and_writer_name_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write(path, make_frames())
    with TrajectoryFile(path) as file:
        with pytest.raises(FileFormatError, match="no segment 'b'; it has a"):
            file["b"]
        with pytest.raises(FileFormatError, match="no frame 40"):
            file["a"].positions(40)
    with pytest.raises(FileFormatError, match="does not exist"):
        TrajectoryWriter(tmp_path / "nowhere" / "a.h5")


def fill_disk(path: Path, frames: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(path.parent)
    with TrajectoryWriter(path) as out:
        segment = out.segment("a", **HEADER)
        segment.append_many(**part(frames, 0, 30))
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**6))
        segment.append_many(**part(frames, 30, F))


def test_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileFormatError, match=r"a\.h5\.partial: disk full, 1\.0 MB are left"):
        fill_disk(tmp_path / "a.h5", make_frames(), monkeypatch)
    with TrajectoryFile(tmp_path / "a.h5.partial") as file:
        assert file["a"].n_frames == 30
