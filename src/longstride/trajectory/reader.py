"""Reading trajectory files, frame by frame, with errors that say what is wrong."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.state import State
from longstride.trajectory.elements import complete_frames, element_values
from longstride.trajectory.h5md import element_path, from_json, open_existing, reading, to_json
from longstride.trajectory.items import attribute, find_data, find_group
from longstride.trajectory.segment_header import checked_header

Array = NDArray[np.float64]

HASH_BLOCK: Final = 16 * 1024 * 1024
"""Bytes read at once for a checksum."""


class Segment:
    """One uninterrupted stretch of trajectory with a constant time between frames.

    Frames are read from the file when asked for. ``frames`` arguments are an integer (one frame, no
    leading axis) or a slice (leading frame axis); negative integers count from the end.

    Attributes:
        name: its name in the file.
        species: (N,) atomic numbers.
        masses: (N,) in amu.
        pbc: (3,) periodic directions.
        interval: time between frames in fs.
        metadata: plain data; known keys: temperature (K, target), run, seed, potential.
        n_frames: number of frames F.
    """

    def __init__(self, file: h5py.File, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self.n_frames = complete_frames(file, name, path)
        place = f"/particles/{name}"
        group = find_group(file, path, place)
        self._values: dict[str, h5py.Dataset] = element_values(file, name, path)
        self._time = find_data(file, path, element_path(name, "position") + "/time")
        moving = "cell" in self._values
        boundary = attribute(find_group(file, path, f"{place}/box"), "boundary", "S")
        interval = attribute(group, "interval", "f")
        if boundary is None or interval is None or np.shape(interval) != ():
            raise FileFormatError(
                f"{path}: segment '{name}' is incomplete (boundary or interval); write the file "
                "again"
            )
        header = checked_header(
            path,
            name,
            find_data(file, path, f"{place}/species")[()],
            find_data(file, path, f"{place}/mass")[()],
            None if moving else find_data(file, path, f"{place}/box/edges")[()],
            np.asarray(boundary).astype("U8") == "periodic",
            interval,
            from_json(group, "metadata", path),
        )
        self.species, self.masses, self.pbc = header.species, header.masses, header.pbc
        self.interval, self.metadata = header.interval, header.metadata
        self._fixed_cell = header.cell
        atoms = len(self.species)
        shapes = {"potential_energy": (), "stress": (3, 3), "cell": (3, 3)}
        for element in self._values:
            shape = shapes.get(element, (atoms, 3))
            if self._values[element].shape[1:] != shape:
                raise FileFormatError(
                    f"{path}: segment '{name}': {element} has shape {self._values[element].shape} "
                    f"for {atoms} atoms; write the file again"
                )

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.species)

    @property
    def has_fixed_cell(self) -> bool:
        """Whether all frames share one cell."""
        return self._fixed_cell is not None

    @property
    def cell(self) -> Array:
        """(3, 3) the one cell of all frames, rows in Å.

        Raises:
            FileFormatError: every frame has its own; see ``cells``.
        """
        if self._fixed_cell is None:
            raise FileFormatError(
                f"{self.path}: segment '{self.name}' is of constant pressure, with another cell in "
                "every frame; use a constant-volume run here"
            )
        return self._fixed_cell

    def cells(self, frames: int | slice = slice(None)) -> Array:
        """(F, 3, 3) or (3, 3) cells in Å, of frames that share one too."""
        if self._fixed_cell is None:
            found = self._read("cell", frames)
            if self.pbc.any() and not np.all(np.abs(np.linalg.det(found)) > 1e-6):
                raise FileFormatError(
                    f"{self.path}: segment '{self.name}' has a periodic cell without volume; write "
                    "the file again"
                )
            return found
        if not isinstance(frames, slice):
            self._index(frames)
            return self._fixed_cell
        count = len(range(*frames.indices(self.n_frames)))
        return np.broadcast_to(self._fixed_cell, (count, 3, 3))

    @property
    def times(self) -> Array:
        """(F,) times in fs."""
        return self._finite(self._time, slice(self.n_frames), "time")

    @property
    def has_velocities(self) -> bool:
        """Whether the source stored velocities."""
        return "velocity" in self._values

    def positions(self, frames: int | slice = slice(None)) -> Array:
        """(F, N, 3) or (N, 3) unwrapped positions in Å."""
        return self._read("position", frames)

    def velocities(self, frames: int | slice = slice(None)) -> Array:
        """(F, N, 3) or (N, 3) velocities in Å/fs.

        Raises:
            FileFormatError: the source has none.
        """
        if not self.has_velocities:
            raise FileFormatError(
                f"{self.path}: segment '{self.name}' has no velocities; use a trajectory with them"
            )
        return self._read("velocity", frames)

    def potential_energy(self, frames: int | slice = slice(None)) -> Array | None:
        """(F,) or () potential energy of the whole cell in eV; None where the source has none."""
        return (
            self._read("potential_energy", frames) if "potential_energy" in self._values else None
        )

    def stress(self, frames: int | slice = slice(None)) -> Array | None:
        """(F, 3, 3) or (3, 3) stress in eV/Å³, positive in tension; None if not stored."""
        return self._read("stress", frames) if "stress" in self._values else None

    def state(self, frame: int) -> State:
        """One frame with everything a propagator needs.

        Raises:
            FileFormatError: no velocities, or no such frame.
        """
        index = self._index(frame)
        return State(
            positions=self.positions(index),
            velocities=self.velocities(index),
            masses=self.masses,
            species=self.species,
            cell=self.cells(index),
            pbc=self.pbc,
            time=float(self._finite(self._time, index, "time")),
        )

    def _read(self, element: str, frames: int | slice) -> Array:
        value = self._values[element]
        if isinstance(frames, slice):
            start, stop, step = frames.indices(self.n_frames)
            if step < 1:
                raise FileFormatError(
                    f"{self.path}: frames are read forwards; got a step of {step}"
                )
            wanted: int | slice = slice(start, max(stop, start), step)
        else:
            wanted = self._index(frames)
        return self._finite(value, wanted, element)

    def _finite(self, data: h5py.Dataset, frames: int | slice, what: str) -> Array:
        """Numbers of a dataset.

        Raises:
            FileFormatError: they cannot be read, or some are not finite.
        """
        with reading(self.path):
            found = np.asarray(data[frames], dtype=np.float64)
        if not np.isfinite(found).all():
            raise FileFormatError(
                f"{self.path}: segment '{self.name}' has a {what} that is not finite; write the "
                "file again"
            )
        return found

    def _index(self, frame: int) -> int:
        index = frame + self.n_frames if frame < 0 else frame
        if not 0 <= index < self.n_frames:
            raise FileFormatError(
                f"{self.path}: segment '{self.name}' has {self.n_frames} frames, no frame {frame}"
            )
        return int(index)

    def blocks(self, element: str) -> Iterator[Array]:
        """An element's frames in blocks of about 16 MiB."""
        value = self._values[element]
        size = max(1, HASH_BLOCK // (8 * int(np.prod(value.shape[1:], dtype=int))))
        for start in range(0, self.n_frames, size):
            with reading(self.path):
                block = value[start : min(start + size, self.n_frames)]
            yield block

    def _hash_into(self, digest: Any) -> None:
        constants = [self.interval, self.pbc.tolist(), self.metadata]
        digest.update(to_json([self.name, self.n_frames, *constants], self.name).encode())
        fixed = [] if self._fixed_cell is None else [self._fixed_cell]
        for array in (self.species, self.masses, *fixed, self.times):
            digest.update(np.ascontiguousarray(array))
        for element in sorted(self._values):
            digest.update(element.encode())
            for block in self.blocks(element):
                digest.update(np.ascontiguousarray(block))


class TrajectoryFile:
    """A trajectory file opened for reading; a context manager and a mapping of names to segments.

    A ``.partial`` file of an interrupted run opens too, and shows its whole frames.

    Raises:
        FileFormatError: missing, truncated, of another schema or incomplete.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = open_existing(self.path, "r")
        try:
            with reading(self.path):
                self.provenance: dict[str, Any] = from_json(self._file, "provenance", self.path)
                names = sorted(find_group(self._file, self.path, "/particles"))
                self._segments = {name: Segment(self._file, name, self.path) for name in names}
        except BaseException:
            self._file.close()
            raise

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments, sorted."""
        return tuple(self._segments)

    def __getitem__(self, name: str) -> Segment:
        if name not in self._segments:
            raise FileFormatError(
                f"{self.path}: no segment '{name}'; it has {', '.join(self._segments) or 'none'}"
            )
        return self._segments[name]

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._segments.values())

    def __len__(self) -> int:
        return len(self._segments)

    def sha256(self) -> str:
        """Checksum of all segments (frames, atoms, cells, metadata), not of the provenance."""
        digest = hashlib.sha256()
        for segment in self:
            segment._hash_into(digest)
        return digest.hexdigest()

    def close(self) -> None:
        """Close the file; its segments cannot be read any more."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
