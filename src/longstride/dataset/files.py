"""Opening the trajectory files of a data set together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from longstride.errors import ConfigError
from longstride.trajectory import Segment, TrajectoryFile


class TrajectorySet:
    """Several trajectory files, opened read-only; a context manager.

    Attributes:
        files: the open files, in the order given.
        segments: all their segments, file after file.

    Raises:
        ConfigError: no file, or a file with no segments.
        FileFormatError: a file cannot be read as a trajectory.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        if not paths:
            raise ConfigError("data.files is empty: name at least one trajectory file")
        self.files: list[TrajectoryFile] = []
        try:
            for path in paths:
                self.files.append(TrajectoryFile(path))
        except BaseException:
            self.close()
            raise
        self.segments: list[Segment] = [file[name] for file in self.files for name in file.segments]
        if not self.segments:
            self.close()
            raise ConfigError(f"{', '.join(map(str, paths))}: no segment in the file")

    def sha256(self) -> dict[str, str]:
        """Content hash of each file, by file name."""
        return {str(file.path): file.sha256() for file in self.files}

    def close(self) -> None:
        """Closes all files."""
        for file in self.files:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
