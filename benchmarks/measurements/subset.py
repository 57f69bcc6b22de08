"""A trajectory file with some of the segments of another, as a user with little data has it."""

from collections.abc import Sequence
from pathlib import Path

from longstride.trajectory import TrajectoryFile, TrajectoryWriter


def write_subset(source: Path, names: Sequence[str], path: Path) -> Path:
    """Copies segments with all that they hold, and the provenance; returns the new file."""
    with TrajectoryFile(source) as file, TrajectoryWriter(path, file.provenance) as out:
        for name in names:
            out.copy(file[name])
    return path
