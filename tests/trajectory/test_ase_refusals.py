"""What the import refuses in extended XYZ, .traj and unknown files: one line, and no output."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ase
import ase.io
import numpy as np
import pytest
from ase.constraints import FixAtoms

from longstride.trajectory import ImportOptions, import_trajectories


def write_ase(path: Path, **changes: Any) -> None:
    """Five frames; ``f3=change`` changes frame 3."""
    rng = np.random.default_rng(3)
    start = ase.Atoms("Al4", positions=rng.uniform(0, 8, (4, 3)), cell=[8, 8, 8], pbc=True)
    images = []
    for i in range(5):
        image = start.copy()
        image.positions += 0.1 * i
        image.set_velocities(0.02 * rng.normal(size=(4, 3)))
        image.info["time"] = 10.0 * i
        images.append(image)
    for frame, change in changes.items():
        change(images[int(frame.removeprefix("f"))])
    if path.suffix == ".traj":
        ase.io.write(path, images)
    else:
        for image in images:
            ase.io.write(path, image, append=True)


def set_nan(image: ase.Atoms) -> None:
    image.positions[2, 1] = np.nan


def drop_time(image: ase.Atoms) -> None:
    del image.info["time"]


def drop_momenta(image: ase.Atoms) -> None:
    del image.arrays["momenta"]


def drop_atom(image: ase.Atoms) -> None:
    del image[3]


def fix_atom(image: ase.Atoms) -> None:
    image.set_constraint(FixAtoms([0]))


EXTXYZ: dict[str, tuple[Callable[[ase.Atoms], Any], str]] = {
    "uneven": (lambda image: image.info.update(time=31.0), "frame 3: 11 fs after"),
    "text": (lambda image: image.info.update(time="later"), "frame 3: time=later is not a number"),
    "no time": (drop_time, "frame 3: has no time"),
    "nan": (set_nan, "frame 3: atom 3 has the position"),
    "momenta": (drop_momenta, "frame 3: velocities in some frames only"),
    "atoms": (drop_atom, "frame 3: 3 atoms"),
    "cell": (lambda image: image.set_cell([8, 8, 8.1]), "frame 3: the cell differs"),
    "element": (lambda image: image.numbers.__setitem__(1, 29), "frame 3: atom 2 changes"),
}


@pytest.mark.parametrize(("change", "message"), EXTXYZ.values(), ids=EXTXYZ)
@pytest.mark.parametrize("ending", ["xyz", "traj"])
def test_bad_ase_frames(
    tmp_path: Path,
    assert_refused: Callable[..., None],
    change: Callable[[ase.Atoms], Any],
    message: str,
    ending: str,
) -> None:
    path = tmp_path / f"run.{ending}"
    write_ase(path, f3=change)
    assert_refused(path, ImportOptions(), message)


def test_constraints(tmp_path: Path, assert_refused: Callable[..., None]) -> None:
    path = tmp_path / "run.traj"
    write_ase(path, f0=fix_atom)
    assert_refused(path, ImportOptions(), "frame 0: has constraints")


def test_ase_files_without_time(tmp_path: Path, assert_refused: Callable[..., None]) -> None:
    path = tmp_path / "run.xyz"
    write_ase(path, **{f"f{i}": drop_time for i in range(5)})
    assert_refused(path, ImportOptions(), "has no times; give --interval FS")
    import_trajectories([path], tmp_path / "out.h5", ImportOptions(interval=10.0))


@pytest.mark.parametrize("cut", [1, 30, 100])
def test_truncated_extxyz(tmp_path: Path, assert_refused: Callable[..., None], cut: int) -> None:
    path = tmp_path / "run.xyz"
    write_ase(path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert_refused(path, ImportOptions(), "truncated, .*; head -n 24 run.xyz")


def test_truncated_traj(tmp_path: Path, assert_refused: Callable[..., None]) -> None:
    path = tmp_path / "run.traj"
    write_ase(path)
    whole = path.read_bytes()
    for cut in (10, len(whole) // 2, len(whole) - 60):
        path.write_bytes(whole[:-cut])
        assert_refused(
            path, ImportOptions(interval=10.0), r"run.traj.*(copy it again|frames before)"
        )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"hello\n", "not a LAMMPS text dump"),
        (bytes(range(256)), "not a LAMMPS text dump"),
        (b"\x89HDF\r\n\x1a\n", "not a LAMMPS text dump"),
        (b"2\nx\nAl 0 0 0\nAl 1 1 1\n", "a single frame"),
        (b"2\nx\nAl 0 0 0\nAl 1 1\n", "frame 0: not extended XYZ"),
        (b"2\nx\nAl 0 0 0\nAl 1 1 1\nmore\n", "'more' where the number of atoms"),
        (b"1\nx\nAl 0 0 0\n1\nx\nAl \xff\xfe 0 0\n", "not a text file"),
        (b'1\npbc="T T T"\nAl 0 0 0\n1\npbc="T T T"\nAl 0 0 0\n', "no volume"),
    ],
)
def test_other_files(
    tmp_path: Path, assert_refused: Callable[..., None], content: bytes, message: str
) -> None:
    path = tmp_path / "run.xyz"
    path.write_bytes(content)
    assert_refused(path, ImportOptions(interval=1.0, temperatures=(300.0,)), f"run.xyz.*{message}")
