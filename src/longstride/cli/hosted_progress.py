"""The live line of a rollout that other processes do, from the record that they write."""

from pathlib import Path
from typing import Final

from longstride.cli.run_progress import RunProgress

_TAIL: Final = 4096
"""Bytes at the end of the record that hold its last line."""


class RecordFollower:
    """Shows the last line of a record that grows.

    Args:
        record: its file, which may not be there yet.
        stride: fs.
        progress: the live line.
    """

    def __init__(self, record: Path, stride: float, progress: RunProgress) -> None:
        self._record, self._stride, self._progress = record, stride, progress

    def look(self) -> None:
        """Show where the run is; nothing where no line is complete yet."""
        try:
            with self._record.open("rb") as file:
                file.seek(max(0, file.seek(0, 2) - _TAIL))
                lines = file.read().split(b"\n")
        except OSError:
            return
        # What stands behind the last line break is half a line.
        last = lines[-2] if len(lines) > 1 else b""
        try:
            time, temperature = (float(word) for word in last.split(b",")[:2])
        except ValueError:
            return
        self._progress.show(round(time / self._stride), time, temperature)
