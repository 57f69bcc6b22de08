"""Writing trajectory files, safe against being killed at any moment.

The file is called ``PATH.partial`` until the writer is left without an exception; then it is
renamed to ``PATH``. After an exception, or a kill, ``PATH.partial`` stays, can be read with
:class:`~longstride.trajectory.TrajectoryFile` and continued with :meth:`TrajectoryWriter.resume`.

HDF5 keeps its index in a cache and would write parts of it whenever the cache is full, so that a
killed program leaves a file that does not open. Here the cache is told never to do so: the index
reaches the disk only in a flush, new frames go beyond those it lists, and an unwritten frame reads
as NaN. (The newer file versions also mark a file as open for writing, and a killed program leaves
the mark; version 1.8 has none.)
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import ArrayLike

from longstride import __version__
from longstride.errors import FileFormatError
from longstride.trajectory.elements import complete_frames
from longstride.trajectory.h5md import (
    RESERVED_BYTES,
    SCHEMA,
    flush,
    open_existing,
    partial_path,
    reserve,
    set_text,
    to_json,
    writing,
)
from longstride.trajectory.reader import Segment
from longstride.trajectory.segment_header import checked_header
from longstride.trajectory.segment_writer import SegmentWriter


class TrajectoryWriter:
    """Writes one trajectory file of one or more segments; a context manager.

    Args:
        path: the file to make. An existing one is replaced, in one step, on clean exit;
            a ``.partial`` one of the same name is replaced at once (see :meth:`resume`).
        provenance: plain JSON data on where the frames come from.
        author: name for the H5MD header.

    Raises:
        FileFormatError: the folder is missing, or the file cannot be made.
    """

    def __init__(
        self,
        path: str | Path,
        provenance: Mapping[str, Any] | None = None,
        author: str = "longstride",
    ) -> None:
        self.path = Path(path)
        self.partial = partial_path(self.path)
        text = to_json(dict(provenance or {}), f"{self.path}: provenance")
        if not self.path.parent.is_dir():
            raise FileFormatError(
                f"{self.path}: folder {self.path.parent} does not exist; make it first"
            )
        if self.path.is_dir():
            raise FileFormatError(f"{self.path}: is a folder; name a file")
        fresh = not self.partial.exists()
        try:
            reserve(self.partial, 0, RESERVED_BYTES)
        except FileFormatError:
            if fresh:
                self.partial.unlink(missing_ok=True)
            raise
        try:
            file = h5py.File(self.partial, "w", libver=("v108", "v108"), locking="best-effort")
        except OSError as error:
            reason = (
                "in use by another process" if "lock" in str(error) else str(error).splitlines()[0]
            )
            raise FileFormatError(f"{self.partial}: cannot be written ({reason})") from None
        try:
            with writing(file, self.partial):
                file.attrs["schema"] = SCHEMA
                set_text(file, "provenance", text)
                _write_header(file, author)
            self._adopt(file)
        except BaseException:
            file.close()
            self.partial.unlink(missing_ok=True)
            raise

    def _adopt(self, file: h5py.File) -> None:
        self._file = file
        self._segments: dict[str, SegmentWriter] = {}
        _hold_index_until_flush(file)
        flush(file, self.partial)

    @classmethod
    def resume(cls, path: str | Path, frames: Mapping[str, int] | None = None) -> Self:
        """Reopen an interrupted file for appending.

        ``PATH.partial`` is opened; where only ``PATH`` is there, it is renamed back first.

        Args:
            path: the final name, without ``.partial``.
            frames: frames to keep, by segment; the segments it does not name are removed, so that
                the file is what it was when these counts were noted. None keeps every whole frame.

        Raises:
            FileFormatError: no such file, or fewer frames in it than asked for.
        """
        path = Path(path)
        partial = partial_path(path)
        source = partial if partial.is_file() else path
        file = open_existing(source, "r+")
        try:
            found = {name: complete_frames(file, name, source) for name in file["particles"]}
            wanted = dict(found if frames is None else frames)
            for name, count in wanted.items():
                if not 0 <= count <= found.get(name, -1):
                    has = f"{found[name]} frames" if name in found else "no such segment"
                    raise FileFormatError(
                        f"{source}: cannot resume segment '{name}' at frame {count}: {has}; "
                        "start anew"
                    )
            reserve(source, file.id.get_filesize(), RESERVED_BYTES)
            for name in found.keys() - wanted.keys():
                del file["particles"][name]
                if name in file["observables"]:
                    del file["observables"][name]
        except BaseException:
            file.close()
            raise
        if source == path:
            os.rename(path, partial)
        self = cls.__new__(cls)
        self.path, self.partial = path, partial
        self._adopt(file)
        for name, count in wanted.items():
            self._segments[name] = SegmentWriter.reopen(file, name, self.partial)
            self._segments[name].truncate(count)
        flush(file, self.partial)
        return self

    def segment(
        self,
        name: str,
        *,
        species: ArrayLike,
        masses: ArrayLike,
        cell: ArrayLike | None,
        pbc: ArrayLike,
        interval: float,
        metadata: Mapping[str, Any] | None = None,
    ) -> SegmentWriter:
        """Start a segment, or go on with one of a resumed file.

        Args:
            name: unique name, without "/".
            species: (N,) atomic numbers.
            masses: (N,) in amu.
            cell: (3, 3) rows in Å, constant; None where every frame comes with its own.
            pbc: (3,) periodic directions.
            interval: time between frames in fs, constant.
            metadata: plain JSON data. Known keys: temperature (K, target), pressure (GPa,
                target), run, seed, potential.

        Raises:
            FileFormatError: a value is malformed, the name is taken, or a resumed segment differs.
        """
        header = checked_header(
            self.partial, name, species, masses, cell, pbc, interval, dict(metadata or {})
        )
        if name in self._segments:
            existing = self._segments[name]
            if not existing.resumed:
                raise FileFormatError(f"{self.path}: segment '{name}' exists; choose another name")
            existing.require_same(header)
            existing.resumed = False
            return existing
        with writing(self._file, self.partial):
            self._segments[name] = SegmentWriter.create(self._file, header)
        return self._segments[name]

    def copy(self, segment: Segment) -> None:
        """A segment of another file, of one cell, with all that it holds.

        Raises:
            FileFormatError: the name is taken, or a frame cannot be read.
        """
        target = self.segment(
            segment.name,
            species=segment.species,
            masses=segment.masses,
            cell=segment.cell,
            pbc=segment.pbc,
            interval=segment.interval,
            metadata=segment.metadata,
        )
        target.append_many(
            time=segment.times,
            positions=segment.positions(),
            velocities=segment.velocities(),
            potential_energy=segment.potential_energy(),
            stress=segment.stress(),
        )

    @property
    def frames(self) -> dict[str, int]:
        """Frames appended so far, by segment: what :meth:`resume` takes, once flushed."""
        return {name: segment.n_frames for name, segment in self._segments.items()}

    def flush(self) -> None:
        """Bring every appended frame to the disk."""
        for segment in self._segments.values():
            segment.write_pending()
        flush(self._file, self.partial)

    def close(self) -> None:
        """Finish: flush, close, rename to the final name."""
        self._close_partial()
        os.replace(self.partial, self.path)

    def discard(self) -> None:
        """Close and delete the unfinished file; the final name is not touched."""
        self._file.close()
        self.partial.unlink(missing_ok=True)

    def _close_partial(self) -> None:
        self.flush()
        self._file.close()
        with self.partial.open("rb") as handle:
            os.fsync(handle.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._file:
            return
        if kind is None:
            self.close()
        else:
            # What went wrong matters more than that the last frames cannot be saved.
            with suppress(FileFormatError, OSError, RuntimeError):
                self.flush()
            with suppress(OSError, RuntimeError):
                self._file.close()


def _write_header(file: h5py.File, author: str) -> None:
    """The /h5md group and the empty top groups."""
    header = file.create_group("h5md")
    header.attrs["version"] = np.array([1, 1], dtype=np.int32)
    set_text(header.create_group("author"), "name", author)
    creator = header.create_group("creator")
    set_text(creator, "name", "longstride")
    set_text(creator, "version", __version__)
    header.create_group("modules/units").attrs["version"] = np.array([1, 0], dtype=np.int32)
    file.create_group("particles")
    file.create_group("observables")


def _hold_index_until_flush(file: h5py.File) -> None:
    """Let HDF5 write its index in flushes only, so that a killed program leaves a readable file."""
    config = file.id.get_mdc_config()
    config.evictions_enabled = False
    config.incr_mode = 0
    config.flash_incr_mode = 0
    config.decr_mode = 0
    file.id.set_mdc_config(config)
