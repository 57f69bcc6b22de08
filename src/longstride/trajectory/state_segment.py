"""Segments for the atoms of a state."""

from collections.abc import Mapping
from typing import Any

from longstride.state import State
from longstride.trajectory.segment_writer import SegmentWriter
from longstride.trajectory.writer import TrajectoryWriter


def segment_of(
    writer: TrajectoryWriter,
    name: str,
    state: State,
    *,
    interval: float,
    metadata: Mapping[str, Any] | None = None,
    moving: bool = False,
) -> SegmentWriter:
    """A segment for the atoms of a state, of which no frame is written by that.

    Args:
        writer: of the file.
        name: unique name, without "/".
        state: its atoms and cell.
        interval: time between frames in fs, constant.
        metadata: plain JSON data, as in ``TrajectoryWriter.segment``.
        moving: every frame comes with a cell of its own.

    Raises:
        FileFormatError: as in ``TrajectoryWriter.segment``.
    """
    return writer.segment(
        name,
        species=state.species,
        masses=state.masses,
        cell=None if moving else state.cell,
        pbc=state.pbc,
        interval=interval,
        metadata=metadata,
    )
