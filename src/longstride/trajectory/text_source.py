"""Reading text trajectories line by line, and noticing when the end is missing."""

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from longstride.documents import require_file
from longstride.errors import FileFormatError

Array = NDArray[np.float64]


GZIP_MAGIC: Final = b"\x1f\x8b"

LONGEST_LINE: Final = 2**20
"""Characters; an atom takes some hundred."""

SMALL: Final = 2**22
"""Characters that a gzipped file may unpack to whatever its size."""

EXPANSION: Final = 50
"""Characters that each of its bytes may unpack to; numbers stay below ten."""


def first_bytes(path: Path, count: int = 256) -> bytes:
    """The first bytes of a file's content, unpacked if it is gzipped."""
    require_file(path)
    try:
        with path.open("rb") as raw:
            if not raw.peek(2).startswith(GZIP_MAGIC):
                return raw.read(count)
        with gzip.open(path, "rb") as packed:
            return packed.read(count)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFormatError(f"{path}: damaged gzip data ({error}); copy it again") from None
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read ({error.strerror})") from None


class TextSource:
    """The lines of a text file, plain or gzipped; a context manager.

    Attributes:
        path: the file.
        number: lines read so far.
        frame_start: lines before the frame that is being read, for messages.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0
        self.frame_start = 0
        self._raw = path.open("rb")
        self._size = max(path.stat().st_size, 1)
        self._packed = self._raw.peek(2).startswith(GZIP_MAGIC)
        self._unpacked, self._allowed = 0, SMALL
        binary = gzip.GzipFile(fileobj=self._raw) if self._packed else self._raw
        self._text = io.TextIOWrapper(binary, encoding="utf-8")

    @property
    def fraction(self) -> float:
        """How much of the file has been read, 0 to 1."""
        return min(self._raw.tell() / self._size, 1.0)

    def line(self) -> str | None:
        """The next line without its end, or None after the last.

        Raises:
            FileFormatError: the last line is cut, or the file is no text.
        """
        try:
            line = self._text.readline(LONGEST_LINE)
        except UnicodeDecodeError:
            raise FileFormatError(
                f"{self.path}: line {self.number + 1}: not a text file; import takes LAMMPS text "
                "dumps, extended XYZ and ASE .traj"
            ) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileFormatError(
                f"{self.path}: damaged gzip data after line {self.number} ({error}); copy it again"
            ) from None
        except OSError as error:
            raise FileFormatError(
                f"{self.path}: cannot be read after line {self.number} ({error.strerror})"
            ) from None
        if not line:
            return None
        self.number += 1
        if self._packed:
            self._require_plausible(len(line))
        if len(line) == LONGEST_LINE:
            raise FileFormatError(
                f"{self.path}: line {self.number}: longer than {LONGEST_LINE} characters; import "
                "takes LAMMPS text dumps, extended XYZ and ASE .traj"
            )
        if not line.endswith("\n"):
            raise self.truncated("its last line has no end")
        return line.rstrip("\r\n")

    def _require_plausible(self, more: int) -> None:
        """Refuse gzipped data that unpacks to far more than numbers do."""
        self._unpacked += more
        if self._unpacked > self._allowed:
            self._allowed = SMALL + EXPANSION * self._raw.tell()
            if self._unpacked > self._allowed:
                raise FileFormatError(
                    f"{self.path}: line {self.number}: the gzipped file unpacks to more than "
                    f"{EXPANSION} times its size; unpack it with gunzip if that is right"
                )

    def lines(self, count: int, frame: str) -> list[str]:
        """The next ``count`` lines.

        Raises:
            FileFormatError: the file ends before.
        """
        found: list[str] = []
        for _ in range(count):
            line = self.line()
            if line is None:
                raise self.truncated(
                    f"{frame.split(': ', 1)[-1]} has {len(found)} of {count} atoms"
                )
            found.append(line)
        return found

    def truncated(self, reason: str) -> FileFormatError:
        """The error for a file that stops inside a frame."""
        way_out = f"head -n {self.frame_start} {self.path.name} keeps the whole frames"
        if self.frame_start == 0:
            way_out = "no frame is whole, copy the file again"
        return FileFormatError(f"{self.path}: line {self.number}: truncated, {reason}; {way_out}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._text.close()
        self._raw.close()


def numeric_columns(
    lines: Sequence[str], columns: Sequence[int], first_line: int, path: Path
) -> Array:
    """(rows, columns) numbers of some columns of a table of words.

    Args:
        lines: rows.
        columns: which words to read, counted from 0.
        first_line: number of the first row in the file, for messages.
        path: the file, for messages.

    Raises:
        FileFormatError: a word is missing or no finite number.
    """
    try:
        table = np.loadtxt(lines, usecols=columns, ndmin=2, comments=None, dtype=np.float64)
        if len(table) == len(lines) and np.isfinite(table).all():
            return table
    except ValueError:
        pass
    for number, line in enumerate(lines, start=first_line):
        words = line.split()
        for column in columns:
            word = words[column] if column < len(words) else None
            if word is None or not _is_finite(word):
                value = "column missing" if word is None else f"'{word}' is not a finite number"
                raise FileFormatError(
                    f"{path}: line {number}, column {column + 1}: {value}; "
                    "remove the frames from there on, or write the file again"
                )
    raise FileFormatError(f"{path}: line {first_line}: not a table of numbers; write it again")


def _is_finite(word: str) -> bool:
    try:
        return bool(np.isfinite(float(word)))
    except ValueError:
        return False
