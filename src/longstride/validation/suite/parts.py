"""Trajectories and records that a validation is made of, kept by their content.

A part's file name carries the fingerprint of all that determines it, so that several validations
can share a folder and an interrupted one goes on with what is there.
"""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from longstride.state import State
from longstride.trajectory import (
    Segment,
    SegmentWriter,
    TrajectoryFile,
    TrajectoryWriter,
    segment_of,
)
from longstride.validation.experiment import Listener
from longstride.validation.reuse import (
    fingerprint,
    is_trajectory_of,
    read_record,
    write_record,
)

Advance = Callable[[float], None]
"""Called with the fs done so far."""


class Parts:
    """A folder of parts; a context manager that keeps the trajectories open.

    Args:
        folder: created if absent.
        listener: hears of what is made.
    """

    def __init__(self, folder: Path, listener: Listener) -> None:
        self.folder, self.listener = folder, listener
        self._open = ExitStack()
        self._files: dict[Path, TrajectoryFile] = {}

    def trajectory(
        self,
        name: str,
        determined_by: Mapping[str, Any],
        title: str,
        total: float | None,
        make: Callable[[TrajectoryWriter, Advance], None],
    ) -> tuple[Segment, ...]:
        """The segments of a part, made if it is not there.

        Args:
            name: for people, before the fingerprint.
            determined_by: plain data: everything that the content depends on.
            title: told to the listener.
            total: fs of simulation, where progress is told.
            make: writes the segments.
        """
        mark = fingerprint(part=name, **determined_by)
        path = self.folder / f"{name}-{mark[:12]}.h5"
        if path not in self._files:
            if is_trajectory_of(path, mark):
                self.listener.reused(title)
            else:
                self.folder.mkdir(parents=True, exist_ok=True)
                with (
                    self.listener.part(title, total) as advance,
                    TrajectoryWriter(path, provenance={"fingerprint": mark}) as out,
                ):
                    make(out, advance)
            self._files[path] = self._open.enter_context(TrajectoryFile(path))
        return tuple(self._files[path])

    def record(
        self,
        name: str,
        determined_by: Mapping[str, Any],
        title: str,
        make: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """A small JSON part, made if it is not there."""
        mark = fingerprint(part=name, **determined_by)
        path = self.folder / f"{name}-{mark[:12]}.json"
        content = read_record(path, mark)
        if content is not None:
            self.listener.reused(title)
            return content
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.listener.part(title, None):
            content = make()
        write_record(path, mark, content)
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()


def content_of(state: State) -> str:
    """SHA-256 of a state without its time."""
    digest = hashlib.sha256()
    for part in ("positions", "velocities", "masses", "species", "cell", "pbc"):
        digest.update(np.ascontiguousarray(getattr(state, part)).tobytes())
    return digest.hexdigest()


def new_segment(
    out: TrajectoryWriter, name: str, state: State, interval: float, **metadata: Any
) -> SegmentWriter:
    """A segment for the atoms of a state."""
    return segment_of(out, name, state, interval=interval, metadata=metadata)


def segment_name(index: int) -> str:
    """Names that sort in order."""
    return f"{index:03d}"
