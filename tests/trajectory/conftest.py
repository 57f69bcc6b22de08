"""A made-up trajectory whose atoms leave the cell, and files of other programs that hold it."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from longstride.errors import LongstrideError
from longstride.trajectory import ImportOptions, import_trajectories

Array = NDArray[np.float64]

# Modules beside this one that hold what several tests share.
sys.path.insert(0, str(Path(__file__).parent))

ORTHOGONAL = np.diag([8.0, 9.0, 10.0])
TRICLINIC = np.array([[8.0, 0.0, 0.0], [2.5, 9.0, 0.0], [-3.0, 1.5, 10.0]])


@dataclass(frozen=True)
class Walk:
    """Unwrapped positions (F, N, 3), velocities (F, N, 3) in Å/fs, and the cell they leave."""

    positions: Array
    velocities: Array
    symbols: tuple[str, ...]
    cell: Array
    origin: Array
    pbc: tuple[bool, bool, bool]
    interval: float

    @property
    def fractional(self) -> Array:
        """Unwrapped positions in units of the cell."""
        return (self.positions - self.origin) @ np.linalg.inv(self.cell)

    @property
    def images(self) -> NDArray[np.int64]:
        """Image flags."""
        return np.floor(self.fractional).astype(int) * np.array(self.pbc, dtype=int)

    @property
    def wrapped(self) -> Array:
        """Positions in the cell."""
        return self.positions - self.images @ self.cell


@pytest.fixture
def make_walk() -> Callable[..., Walk]:
    """A function making walks."""

    def make(
        cell: Array = ORTHOGONAL,
        pbc: tuple[bool, bool, bool] = (True, True, True),
        frames: int = 25,
        seed: int = 5,
    ) -> Walk:
        rng = np.random.default_rng(seed)
        atoms = 6
        start = rng.uniform(size=(atoms, 3)) @ cell
        drift = rng.uniform(-0.06, 0.06, size=(atoms, 3)) * np.array(pbc)
        steps = np.arange(frames)[:, None, None] * 10.0
        waves = 0.3 * np.sin(0.02 * steps + rng.uniform(0, 6, size=(atoms, 3)))
        return Walk(
            positions=start + steps * drift + waves,
            velocities=0.004 * rng.normal(size=(frames, atoms, 3)),
            symbols=("Al", "Cu", "Al", "Al", "Cu", "Al"),
            cell=cell,
            origin=np.array([0.7, -0.4, 1.3]),
            pbc=pbc,
            interval=10.0,
        )

    return make


def box_lines(walk: Walk, general: bool) -> list[str]:
    """The box as LAMMPS writes it."""
    flags = " ".join("pp" if periodic else "ff" for periodic in walk.pbc)
    cell, origin = walk.cell, walk.origin
    if general:
        rows = np.column_stack([cell, origin])
        return [
            f"ITEM: BOX BOUNDS abc origin {flags}",
            *(" ".join(map(repr, row)) for row in rows.tolist()),
        ]
    (lx, _, _), (xy, ly, _), (xz, yz, lz) = cell.tolist()
    low = origin + np.array([min(0, xy, xz, xy + xz), min(0, yz), 0])
    high = origin + np.array([lx + max(0, xy, xz, xy + xz), ly + max(0, yz), lz])
    bounds = [f"{a!r} {b!r}" for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    if xy == xz == yz == 0:
        return [f"ITEM: BOX BOUNDS {flags}", *bounds]
    tilts = [f"{line} {tilt!r}" for line, tilt in zip(bounds, (xy, xz, yz), strict=True)]
    return [f"ITEM: BOX BOUNDS xy xz yz {flags}", *tilts]


@pytest.fixture
def write_dump() -> Callable[..., list[list[str]]]:
    """A function writing a walk as a LAMMPS dump in metal units; returns the lines."""

    def write(
        path: Path,
        walk: Walk,
        columns: Sequence[str] = ("id", "element", "x", "y", "z", "ix", "iy", "iz"),
        shuffle: bool = False,
        general: bool = False,
        head: Sequence[str] = (),
        change: Callable[[int, list[str]], list[str]] = lambda frame, lines: lines,
    ) -> list[list[str]]:
        rng = np.random.default_rng(1)
        atoms = len(walk.symbols)
        fractional, images, wrapped = walk.fractional, walk.images, walk.wrapped
        scaled = fractional - images
        velocity = walk.velocities * 1000.0
        all_lines = []
        for frame in range(len(walk.positions)):
            values: dict[str, Any] = {
                "id": np.arange(1, atoms + 1) * 3,
                "element": walk.symbols,
                "type": [{"Al": 1, "Cu": 2}[symbol] for symbol in walk.symbols],
                "mass": [{"Al": 26.98, "Cu": 63.55}[symbol] for symbol in walk.symbols],
                "c_pe": np.zeros(atoms),
            }
            for axis, name in enumerate("xyz"):
                values[name] = wrapped[frame, :, axis]
                values[name + "u"] = walk.positions[frame, :, axis]
                values[name + "s"] = scaled[frame, :, axis]
                values[name + "su"] = fractional[frame, :, axis]
                values["i" + name] = images[frame, :, axis]
                values["v" + name] = velocity[frame, :, axis]
            order = rng.permutation(atoms) if shuffle else np.arange(atoms)
            lines = [
                *(head if frame == 0 else ()),
                "ITEM: TIMESTEP",
                str(100 + 5 * frame),
                "ITEM: NUMBER OF ATOMS",
                str(atoms),
                *box_lines(walk, general),
                "ITEM: ATOMS " + " ".join(columns),
                *(" ".join(str(values[name][i]) for name in columns) for i in order),
            ]
            all_lines.append(change(frame, lines))
        path.write_text("".join(line + "\n" for lines in all_lines for line in lines))
        return all_lines

    return write


@pytest.fixture
def shifted() -> Callable[[Walk, int, Array], Walk]:
    """A function moving the last atom of a walk from one frame on."""

    def shift(walk: Walk, frame: int, by: Array) -> Walk:
        positions = walk.positions.copy()
        positions[frame:, -1] += by
        return replace(walk, positions=positions)

    return shift


@pytest.fixture
def assert_refused() -> Callable[[Path, ImportOptions, str], None]:
    """A function importing a file that is refused with a message, and leaves nothing behind."""

    def check(path: Path, options: ImportOptions, message: str) -> None:
        before = sorted(path.parent.iterdir())
        with pytest.raises(LongstrideError, match=message) as caught:
            import_trajectories([path], path.parent / "out.h5", options)
        assert "\n" not in str(caught.value)
        assert sorted(path.parent.iterdir()) == before

    return check
