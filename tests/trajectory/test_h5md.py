"""The trajectory file: round trip, layout, resuming, and what its writer and reader refuse."""

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


def assert_equal(path: Path, frames: dict[str, Any], name: str = "a") -> None:
    with TrajectoryFile(path) as file:
        segment = file[name]
        np.testing.assert_array_equal(segment.times, frames["time"])
        np.testing.assert_array_equal(segment.positions(), frames["positions"])
        np.testing.assert_array_equal(segment.velocities(), frames["velocities"])
        np.testing.assert_array_equal(segment.potential_energy(), frames["potential_energy"])
        np.testing.assert_array_equal(segment.stress(), frames["stress"])


def test_round_trip_is_exact(tmp_path: Path) -> None:
    path, frames = tmp_path / "a.h5", make_frames()
    write(path, frames)
    assert_equal(path, frames)
    with TrajectoryFile(path) as file:
        assert file.provenance == {"made_by": "test"}
        assert file.segments == ("a",)
        segment = file["a"]
        assert segment.metadata == HEADER["metadata"]
        assert (segment.n_frames, segment.n_atoms, segment.interval) == (F, N, 10.0)
        assert segment.has_velocities
        np.testing.assert_array_equal(segment.species, HEADER["species"])
        np.testing.assert_array_equal(segment.masses, HEADER["masses"])
        np.testing.assert_array_equal(segment.cell, CELL)
        np.testing.assert_array_equal(segment.pbc, HEADER["pbc"])
        np.testing.assert_array_equal(
            segment.positions(slice(3, 20, 4)), frames["positions"][3:20:4]
        )
        state = segment.state(-1)
        np.testing.assert_array_equal(state.positions, frames["positions"][-1])
        np.testing.assert_array_equal(state.velocities, frames["velocities"][-1])
        assert state.time == frames["time"][-1]
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.h5"]


def test_append_frame_by_frame_gives_the_same_content(tmp_path: Path) -> None:
    frames = make_frames()
    write(tmp_path / "many.h5", frames)
    with TrajectoryWriter(tmp_path / "one.h5") as out:
        segment = out.segment("a", **HEADER)
        for i in range(F):
            segment.append(**{key: value[i] for key, value in frames.items()})
        assert out.frames == {"a": F}
    with (
        TrajectoryFile(tmp_path / "many.h5") as many,
        TrajectoryFile(tmp_path / "one.h5") as one,
    ):
        assert many.sha256() == one.sha256()


def test_checksum_changes_with_any_content(tmp_path: Path) -> None:
    sums = set()
    for i, change in enumerate(("positions", "velocities", "potential_energy", "stress", "none")):
        frames = make_frames()
        if change != "none":
            frames[change].flat[-1] += 1e-12
        write(tmp_path / f"{i}.h5", frames)
        with TrajectoryFile(tmp_path / f"{i}.h5") as file:
            sums.add(file.sha256())
    assert len(sums) == 5


def test_file_follows_h5md(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", make_frames())
    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file["h5md"].attrs["version"]) == [1, 1]
        assert {"author", "creator"} <= set(file["h5md"])
        group = file["particles/a"]
        assert group["box"].attrs["dimension"] == 3
        assert list(group["box"].attrs["boundary"]) == [b"periodic", b"periodic", b"none"]
        for element in (group["position"], group["velocity"], file["observables/a/stress"]):
            assert {"value", "step", "time"} == set(element)
            assert len(element["value"]) == len(element["step"]) == len(element["time"]) == F


def test_without_velocities_energies_or_stress(tmp_path: Path) -> None:
    frames = make_frames()
    with TrajectoryWriter(tmp_path / "a.h5") as out:
        out.segment("a", **HEADER).append_many(time=frames["time"], positions=frames["positions"])
    with TrajectoryFile(tmp_path / "a.h5") as file:
        segment = file["a"]
        assert not segment.has_velocities
        assert segment.potential_energy() is None
        assert segment.stress() is None
        with pytest.raises(FileFormatError, match="no velocities"):
            segment.state(0)


def write_and_fail(path: Path, frames: dict[str, Any]) -> None:
    with TrajectoryWriter(path) as out:
        segment = out.segment("a", **HEADER)
        for i in range(7):
            segment.append(**{key: value[i] for key, value in frames.items()})
        raise RuntimeError


def test_exception_leaves_a_partial_file_only(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(RuntimeError):
        write_and_fail(path, make_frames())
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.h5.partial"]
    with TrajectoryFile(tmp_path / "a.h5.partial") as file:
        assert file["a"].n_frames == 7
    with pytest.raises(FileFormatError, match=r"a\.h5\.partial is there"):
        TrajectoryFile(path)


@pytest.mark.parametrize("finished", [True, False])
def test_resume_gives_the_uninterrupted_file(tmp_path: Path, finished: bool) -> None:
    frames, path = make_frames(), tmp_path / "a.h5"
    write(tmp_path / "whole.h5", frames)
    write(path, part(frames, 0, 25))
    if not finished:
        path.rename(tmp_path / "a.h5.partial")
    with TrajectoryWriter.resume(path, {"a": 13}) as out:
        assert out.frames == {"a": 13}
        out.segment("a", **HEADER).append_many(**part(frames, 13, F))
    assert_equal(path, frames)
    with TrajectoryFile(path) as file, TrajectoryFile(tmp_path / "whole.h5") as whole:
        assert file.sha256() == whole.sha256()


def test_resume_drops_segments_started_later(tmp_path: Path) -> None:
    frames, path = make_frames(), tmp_path / "a.h5"
    with TrajectoryWriter(path) as out:
        for name in ("a", "b"):
            out.segment(name, **HEADER).append_many(**frames)
    with TrajectoryWriter.resume(path, {"a": 3}):
        pass
    with TrajectoryFile(path) as file:
        assert file.segments == ("a",)
        assert file["a"].n_frames == 3


def test_resume_refuses_what_does_not_fit(tmp_path: Path) -> None:
    frames, path = make_frames(), tmp_path / "a.h5"
    write(path, frames)
    with pytest.raises(FileFormatError, match="at frame 41: 40 frames"):
        TrajectoryWriter.resume(path, {"a": 41})
    with pytest.raises(FileFormatError, match="no such segment"):
        TrajectoryWriter.resume(path, {"b": 1})
    assert path.is_file()
    with pytest.raises(FileFormatError, match="another interval"):  # noqa: SIM117
        with TrajectoryWriter.resume(path) as out:
            out.segment("a", **(HEADER | {"interval": 20.0}))


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
        (damage_times, "position/time is missing"),
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
