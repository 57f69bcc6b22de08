"""Appending frames to one segment of a trajectory file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.errors import FileFormatError
from longstride.trajectory.elements import element_values
from longstride.trajectory.h5md import UNITS, element_path, flush, set_text, to_json, writing
from longstride.trajectory.reader import Segment
from longstride.trajectory.segment_header import SegmentHeader

CHUNK_BYTES: Final = 128 * 1024
"""Size of one HDF5 chunk of positions: a few frames, so that short windows cost little."""

TIME_TOLERANCE: Final = 1e-6
"""How far a frame may be off its time, in units of the interval."""

Array = NDArray[np.float64]
Frames = dict[str, Array]


class SegmentWriter:
    """Appends frames to one segment; made by ``TrajectoryWriter.segment``."""

    def __init__(self, file: h5py.File, header: SegmentHeader, resumed: bool) -> None:
        self.header = header
        self.resumed = resumed
        self._file = file
        self._pending: list[Frames] = []
        self._values = element_values(file, header.name, header.path)
        position = file[element_path(header.name, "position")]
        self._time: h5py.Dataset = position["time"]
        self._step: h5py.Dataset = position["step"]
        self._written = len(self._time)
        self._last_time = float(self._time[-1]) if self._written else None
        self._elements = frozenset(self._values) if self._written else None

    @classmethod
    def create(cls, file: h5py.File, header: SegmentHeader) -> Self:
        """Make the groups of a new segment."""
        group = file["particles"].create_group(header.name)
        group.attrs["interval"] = header.interval
        set_text(group, "metadata", to_json(header.metadata, header.name))
        box = group.create_group("box")
        box.attrs["dimension"] = 3
        box.attrs["boundary"] = np.where(header.pbc, b"periodic", b"none")
        if header.cell is not None:
            set_text(box.create_dataset("edges", data=header.cell), "unit", UNITS["cell"])
        group.create_dataset("species", data=header.species)
        set_text(group.create_dataset("mass", data=header.masses), "unit", UNITS["mass"])
        position = group.create_group("position")
        series = {"shape": (0,), "maxshape": (None,), "chunks": (1024,)}
        position.create_dataset("step", dtype=np.int64, fillvalue=-1, **series)
        time = position.create_dataset("time", dtype=np.float64, fillvalue=np.nan, **series)
        set_text(time, "unit", UNITS["time"])
        _create_value(position, "position", (len(header.species), 3))
        if header.cell is None:
            edges = box.create_group("edges")
            edges["step"], edges["time"] = position["step"], position["time"]
            _create_value(edges, "cell", (3, 3))
        return cls(file, header, resumed=False)

    @classmethod
    def reopen(cls, file: h5py.File, name: str, path: Path) -> Self:
        """A segment that is in the file already."""
        found = Segment(file, name, path)
        header = SegmentHeader(
            path,
            name,
            found.species,
            found.masses,
            found.cell if found.has_fixed_cell else None,
            found.pbc,
            found.interval,
            found.metadata,
        )
        return cls(file, header, resumed=True)

    def require_same(self, other: SegmentHeader) -> None:
        """Refuse to go on with other atoms, cell or interval.

        Raises:
            FileFormatError: naming what differs.
        """
        for field in ("species", "masses", "cell", "pbc", "interval"):
            if not np.array_equal(getattr(self.header, field), getattr(other, field)):
                where = f"{self.header.path}: resumed segment '{self.header.name}'"
                raise FileFormatError(f"{where} has another {field}; start anew")

    @property
    def n_frames(self) -> int:
        """Frames appended so far."""
        return self._written + len(self._pending)

    def set_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Replace the metadata, for what is known only at the end of a segment."""
        text = to_json(
            dict(metadata), f"{self.header.path}: segment '{self.header.name}': metadata"
        )
        with writing(self._file, self.header.path):
            set_text(self._file["particles"][self.header.name], "metadata", text)

    def append(
        self,
        *,
        time: float,
        positions: ArrayLike,
        velocities: ArrayLike | None = None,
        potential_energy: float | None = None,
        stress: ArrayLike | None = None,
        cell: ArrayLike | None = None,
    ) -> None:
        """Append one frame; it is kept in memory until a chunk is full or ``flush()`` is called.

        Args:
            time: fs; the interval after the frame before.
            positions: (N, 3) unwrapped, Å.
            velocities: (N, 3) Å/fs; given for all frames of a segment or none, as the next two.
            potential_energy: eV, whole cell.
            stress: (3, 3) eV/Å³, positive in tension.
            cell: (3, 3) rows in Å, where the segment has no fixed one.

        Raises:
            FileFormatError: wrong shape, non-finite value, uneven time, other elements than before.
        """
        given = _given(velocities, potential_energy, stress, cell)
        many = {key: value[None] for key, value in given.items()}
        frames = self._check(np.asarray([time]), np.asarray(positions)[None], many)
        self._pending.append(frames)
        if len(self._pending) >= self._values["position"].chunks[0]:
            self.write_pending()

    def append_many(
        self,
        *,
        time: ArrayLike,
        positions: ArrayLike,
        velocities: ArrayLike | None = None,
        potential_energy: ArrayLike | None = None,
        stress: ArrayLike | None = None,
        cell: ArrayLike | None = None,
    ) -> None:
        """Append F frames and flush: as :meth:`append`, every argument with a leading frame axis.

        Once this returns the frames survive a kill of the program.
        """
        many = _given(velocities, potential_energy, stress, cell)
        self._pending_extend(self._check(np.asarray(time), np.asarray(positions), many))

    def _pending_extend(self, frames: Frames) -> None:
        self.write_pending()
        self._write(frames)
        flush(self._file, self.header.path)

    def _check(self, time: ArrayLike, positions: ArrayLike, optional: dict[str, Any]) -> Frames:
        """Frames as float64 arrays, checked."""
        header = self.header
        atoms = len(header.species)
        frames = {
            "time": np.array(time, dtype=np.float64),
            "position": np.array(positions, np.float64),
        }
        frames |= {key: np.array(value, dtype=np.float64) for key, value in optional.items()}
        shapes = {"time": (), "potential_energy": (), "stress": (3, 3), "cell": (3, 3)}
        count = len(frames["time"])
        for key, value in frames.items():
            shape = (count, *shapes.get(key, (atoms, 3)))
            if value.shape != shape:
                raise self._error(f"{key} has shape {value.shape}, expected {shape}")
            if not np.all(np.isfinite(value)):
                bad = int(np.argmax(~np.isfinite(value.reshape(count, -1)).all(axis=1)))
                raise self._error(f"non-finite {key}", bad)
        self._check_cells(frames.get("cell"))
        elements = frozenset(frames) - {"time"}
        if self._elements is not None and elements != self._elements:
            differing = ", ".join(sorted(elements ^ self._elements))
            raise self._error(f"{differing} must be given for every frame or for none")
        before = (
            self._last_time if self._last_time is not None else frames["time"][:1] - header.interval
        )
        steps = np.diff(frames["time"], prepend=before)
        slack = TIME_TOLERANCE * header.interval + 1e-15 * np.abs(frames["time"])
        wrong = np.abs(steps - header.interval) > slack
        if wrong.any():
            bad = int(np.argmax(wrong))
            raise self._error(
                f"{steps[bad]:g} fs after the frame before, expected {header.interval:g} fs", bad
            )
        if count:
            self._elements = elements
            self._last_time = float(frames["time"][-1])
        return frames

    def _check_cells(self, cells: Array | None) -> None:
        """Refuse cells that are missing, not wanted, or without volume."""
        if (cells is None) != (self.header.cell is not None):
            fixed = "the segment has a fixed one" if cells is not None else "each frame needs one"
            raise self._error(f"cell: {fixed}")
        if cells is not None and self.header.pbc.any():
            flat = np.abs(np.linalg.det(cells)) < 1e-6
            if flat.any():
                raise self._error("a periodic cell must have a volume", int(np.argmax(flat)))

    def _error(self, message: str, offset: int = 0) -> FileFormatError:
        where = f"{self.header.path}: segment '{self.header.name}' frame {self.n_frames + offset}"
        return FileFormatError(f"{where}: {message}")

    def write_pending(self) -> None:
        """Hand the frames kept in memory to HDF5."""
        if self._pending:
            pending, self._pending = self._pending, []
            self._write({key: np.concatenate([f[key] for f in pending]) for key in pending[0]})

    def _write(self, frames: Frames) -> None:
        start, stop = self._written, self._written + len(frames["time"])
        if start == stop:
            return
        with writing(self._file, self.header.path, sum(array.nbytes for array in frames.values())):
            self._write_from(start, stop, frames)
        self._written = stop

    def _write_from(self, start: int, stop: int, frames: Frames) -> None:
        for element in frames.keys() - {"time"}:
            value = self._values.get(element)
            if value is None:
                value = self._values[element] = self._create_element(
                    element, frames[element].shape[1:]
                )
            value.resize(stop, axis=0)
            value[start:stop] = frames[element]
        for series, data in ((self._step, np.arange(start, stop)), (self._time, frames["time"])):
            series.resize(stop, axis=0)
            series[start:stop] = data

    def _create_element(self, element: str, shape: tuple[int, ...]) -> h5py.Dataset:
        group = self._file.create_group(element_path(self.header.name, element))
        group["step"], group["time"] = self._step, self._time
        return _create_value(group, element, shape)

    def truncate(self, count: int) -> None:
        """Drop all frames from ``count`` on."""
        self._pending.clear()
        for dataset in (*self._values.values(), self._step, self._time):
            dataset.resize(count, axis=0)
        self._written = count
        self._last_time = float(self._time[-1]) if count else None
        if not count:
            self._elements = None


def _given(
    velocities: ArrayLike | None,
    potential_energy: ArrayLike | None,
    stress: ArrayLike | None,
    cell: ArrayLike | None,
) -> Frames:
    """The optional elements that are there, by name."""
    elements = {
        "velocity": velocities,
        "potential_energy": potential_energy,
        "stress": stress,
        "cell": cell,
    }
    return {key: np.asarray(value) for key, value in elements.items() if value is not None}


def _create_value(group: h5py.Group, element: str, shape: tuple[int, ...]) -> h5py.Dataset:
    """An empty, growing dataset; what is not written yet reads as NaN."""
    frames = int(np.clip(CHUNK_BYTES // (8 * int(np.prod(shape, dtype=int))), 1, 1024))
    value = group.create_dataset(
        "value",
        shape=(0, *shape),
        maxshape=(None, *shape),
        chunks=(frames, *shape),
        dtype=np.float64,
        fillvalue=np.nan,
    )
    set_text(value, "unit", UNITS[element])
    return value
