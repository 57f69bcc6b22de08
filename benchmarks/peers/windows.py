"""Windows of trajectories in the form that metatrain's FlashMD is trained on.

A window is a frame of a run at constant energy and the frame a stride later. metatrain reads them
from a folder of memory-mapped arrays (its ``MemmapDataset``): positions ``x``, species ``a``, cells
``c`` and ``momenta`` of the earlier frame, ``future_positions`` and ``future_momenta`` of the later
one; lengths in Å, momenta in ASE's unit, (eV·amu)^½. Positions are unwrapped, so that an atom's
future position is where it goes, not an image of it.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import ConfigError
from longstride.trajectory import Segment, TrajectoryFile
from longstride.units import ASE_TIME

Array = NDArray[np.float32]

VECTORS: Final = ("x", "momenta", "future_positions", "future_momenta")
"""Arrays of one vector an atom."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of equal systems.

    Attributes:
        species: (N,) atomic numbers.
        cells: (W, 3, 3), rows in Å.
        vectors: (W, N, 3) each, by the names of ``VECTORS``.
    """

    species: NDArray[np.int32]
    cells: Array
    vectors: dict[str, Array]

    def __len__(self) -> int:
        return len(self.cells)

    def in_order(self, order: NDArray[np.int64]) -> "Windows":
        """The same windows in another order, or some of them."""
        return Windows(
            self.species, self.cells[order], {k: v[order] for k, v in self.vectors.items()}
        )

    def with_reversed(self) -> "Windows":
        """These and, after them, their time-reversed twins: ``(q', −p') → (q, −p)``."""
        back = {
            "x": self.vectors["future_positions"],
            "momenta": -self.vectors["future_momenta"],
            "future_positions": self.vectors["x"],
            "future_momenta": -self.vectors["momenta"],
        }
        return Windows(
            self.species,
            np.concatenate([self.cells, self.cells]),
            {name: np.concatenate([self.vectors[name], back[name]]) for name in VECTORS},
        )


def windows_of(segments: Iterable[Segment], lag: float, spacing: float) -> Windows:
    """Windows that start ``spacing`` apart in every segment.

    Args:
        segments: of the same atoms, with velocities, at constant energy.
        lag: time between the two frames of a window, fs; a multiple of the segments' interval.
        spacing: fs, likewise.

    Raises:
        ConfigError: no window, different atoms, or times that are no multiples of the interval.
    """
    species: NDArray[np.int64] | None = None
    cells: list[NDArray[np.float64]] = []
    vectors: dict[str, list[NDArray[np.float64]]] = {name: [] for name in VECTORS}
    for segment in segments:
        if species is not None and not np.array_equal(species, segment.species):
            raise ConfigError(f"{segment.path}: segments of different atoms; use one system")
        species = segment.species
        ahead, apart = (_frames(segment, time) for time in (lag, spacing))
        positions = segment.positions()
        momenta = ASE_TIME * segment.masses[:, None] * segment.velocities()
        starts = np.arange(0, segment.n_frames - ahead, apart)
        vectors["x"].append(positions[starts])
        vectors["momenta"].append(momenta[starts])
        vectors["future_positions"].append(positions[starts + ahead])
        vectors["future_momenta"].append(momenta[starts + ahead])
        cells.append(np.repeat(segment.cell[None], len(starts), axis=0))
    if species is None or not sum(map(len, cells)):
        raise ConfigError(f"no window of {lag:g} fs: the segments are shorter, or there are none")
    return Windows(
        species.astype(np.int32),
        np.concatenate(cells).astype(np.float32),
        {name: np.concatenate(parts).astype(np.float32) for name, parts in vectors.items()},
    )


def _frames(segment: Segment, time: float) -> int:
    """A time in frames of a segment."""
    count = round(time / segment.interval)
    if count < 1 or abs(count * segment.interval - time) > 1e-6 * time:
        raise ConfigError(
            f"{segment.path}: {time:g} fs is no multiple of the {segment.interval:g} fs between"
            " frames"
        )
    return count


def read_split(
    data: Path, held_out: Iterable[str], lag: float, spacing: float
) -> tuple[Windows, Windows]:
    """Windows of all runs but those held out, and of these.

    Args:
        data: trajectories of ``longstride generate``, whose segments name their runs.
        held_out: names of runs.
        lag, spacing: see :func:`windows_of`.
    """
    kept_out = set(held_out)
    with TrajectoryFile(data) as file:
        segments = list(file)
        unknown = kept_out - {str(segment.metadata.get("run")) for segment in segments}
        if unknown:
            raise ConfigError(f"{data}: no runs {', '.join(sorted(unknown))} to hold out")
        others = [one for one in segments if one.metadata.get("run") not in kept_out]
        apart = [one for one in segments if one.metadata.get("run") in kept_out]
        return windows_of(others, lag, spacing), windows_of(apart, lag, spacing)


def write_windows(windows: Windows, folder: Path) -> None:
    """Write a folder that metatrain reads; it has its name when it is whole."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    count, atoms = len(windows), len(windows.species)
    np.save(partial / "ns.npy", np.int64(count))
    np.save(partial / "na.npy", np.arange(count + 1, dtype=np.int64) * atoms)
    np.tile(windows.species, count).tofile(partial / "a.bin")
    windows.cells.tofile(partial / "c.bin")
    for name, values in windows.vectors.items():
        np.ascontiguousarray(values).tofile(partial / f"{name}.bin")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def first_windows(whole: Path, folder: Path, count: int) -> None:
    """A folder of the first windows of another: the same arrays, read as far as they count.

    Raises:
        ConfigError: there are not so many.
    """
    known = int(np.load(whole / "ns.npy"))
    if not 0 < count <= known:
        raise ConfigError(f"{whole}: {count} windows of {known}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    np.save(folder / "ns.npy", np.int64(count))
    np.save(folder / "na.npy", np.load(whole / "na.npy")[: count + 1])
    for array in whole.glob("*.bin"):
        (folder / array.name).symlink_to(array.resolve())
