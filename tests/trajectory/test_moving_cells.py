"""Trajectories whose frames have cells of their own: layout, resuming, refusals."""

from pathlib import Path
from typing import Any

import ase.io
import h5py
import numpy as np
import pytest

from longstride.errors import FileFormatError
from longstride.trajectory import TrajectoryFile, TrajectoryWriter, write_extxyz

F, N = 12, 4
HEADER: dict[str, Any] = {
    "species": [13] * N,
    "masses": [26.98] * N,
    "cell": None,
    "pbc": [True, True, True],
    "interval": 10.0,
}


def frames(count: int = F) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "time": 10.0 * np.arange(F)[:count],
        "positions": rng.normal(size=(F, N, 3))[:count],
        "velocities": rng.normal(size=(F, N, 3))[:count],
        "cell": (6.0 * np.eye(3) + 0.1 * rng.normal(size=(F, 3, 3)))[:count],
    }


def write(path: Path, name: str = "a") -> None:
    with TrajectoryWriter(path) as out:
        out.segment(name, **HEADER).append_many(**frames())


def test_every_frame_gives_its_cell_back(tmp_path: Path):
    write(tmp_path / "a.h5")
    with TrajectoryFile(tmp_path / "a.h5") as file:
        segment = file["a"]
        assert not segment.has_fixed_cell
        np.testing.assert_array_equal(segment.cells(), frames()["cell"])
        np.testing.assert_array_equal(segment.cells(slice(2, 9, 3)), frames()["cell"][2:9:3])
        np.testing.assert_array_equal(segment.state(-1).cell, frames()["cell"][-1])
        write_extxyz(tmp_path / "a.xyz", segment)
        with pytest.raises(FileFormatError, match="'a' is of constant pressure, with another cell"):
            _ = segment.cell
    read = ase.io.read(tmp_path / "a.xyz", index=":")
    np.testing.assert_allclose([atoms.cell.array for atoms in read], frames()["cell"], atol=1e-9)


def test_a_fixed_cell_is_that_of_every_frame(tmp_path: Path):
    cell = 6.0 * np.eye(3)
    with TrajectoryWriter(tmp_path / "a.h5") as out:
        given = {key: value for key, value in frames().items() if key != "cell"}
        out.segment("a", **HEADER | {"cell": cell}).append_many(**given)
    with TrajectoryFile(tmp_path / "a.h5") as file:
        assert file["a"].has_fixed_cell
        np.testing.assert_array_equal(file["a"].cells(slice(1, 4)), np.stack([cell] * 3))
        np.testing.assert_array_equal(file["a"].cells(3), cell)
        with pytest.raises(FileFormatError, match="no frame 12"):
            file["a"].cells(12)


def test_the_box_follows_h5md(tmp_path: Path):
    write(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        edges = file["particles/a/box/edges"]
        assert set(edges) == {"value", "step", "time"}
        assert edges["time"] == file["particles/a/position/time"]
        assert edges["value"].attrs["unit"] == b"Angstrom"


def test_cells_are_resumed_with_their_frames(tmp_path: Path):
    write(tmp_path / "whole.h5")
    with TrajectoryWriter(tmp_path / "broken.h5") as out:
        out.segment("a", **HEADER).append_many(**frames(9))
    with TrajectoryWriter.resume(tmp_path / "broken.h5", {"a": 7}) as out:
        segment = out.segment("a", **HEADER)
        for k in range(7, F):
            segment.append(**{key: value[k] for key, value in frames().items()})
    with TrajectoryFile(tmp_path / "whole.h5") as one, TrajectoryFile(tmp_path / "broken.h5") as b:
        assert one.sha256() == b.sha256()


def test_the_checksum_sees_the_cells(tmp_path: Path):
    write(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        before = TrajectoryFile(tmp_path / "a.h5").sha256()
        file["particles/a/box/edges/value"][3, 0, 0] += 1e-9
    assert TrajectoryFile(tmp_path / "a.h5").sha256() != before


@pytest.mark.parametrize(
    ("header", "change", "message"),
    [
        (HEADER, {"cell": None}, "frame 0: cell: each frame needs one"),
        (HEADER | {"cell": 6.0 * np.eye(3)}, {}, "cell: the segment has a fixed one"),
        (HEADER, {"cell": np.zeros((F, 3, 3))}, "frame 0: a periodic cell must have a volume"),
        (HEADER, {"cell": np.full((F, 3, 3), np.nan)}, "non-finite cell"),
        (HEADER, {"cell": np.ones((F, 3))}, r"cell has shape \(12, 3\)"),
    ],
)
def test_wrong_cells_are_refused(
    tmp_path: Path, header: dict[str, Any], change: dict[str, Any], message: str
):
    with (
        pytest.raises(FileFormatError, match=message),
        TrajectoryWriter(tmp_path / "a.h5") as out,
    ):
        out.segment("a", **header).append_many(**frames() | change)


def test_a_moving_cell_does_not_go_on_as_a_fixed_one(tmp_path: Path):
    write(tmp_path / "a.h5")
    with (
        pytest.raises(FileFormatError, match="has another cell"),
        TrajectoryWriter.resume(tmp_path / "a.h5") as out,
    ):
        out.segment("a", **HEADER | {"cell": 6.0 * np.eye(3)})
