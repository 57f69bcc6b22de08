"""Frames of a trajectory, read a frame or a few atoms at a time: from an array, or from disk."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.errors import LongstrideError

Array = NDArray[np.float64]
Progress = Callable[[int], None]
"""Called with the number of frames read so far."""

_ROW: Final = 24
"""Bytes of one atom's vector."""


def single_frames(
    name: str, source: Iterable[ArrayLike], progress: Progress | None = None
) -> Iterator[Array]:
    """The frames (N, 3) of a source of frames (N, 3) or of blocks of frames (f, N, 3), checked.

    Raises:
        LongstrideError: a frame of another shape than (N, 3) or than the first, or one that is not
            finite.
    """
    count = 0
    shape: tuple[int, ...] | None = None
    for item in source:
        block = np.asarray(item, dtype=np.float64)
        block = block[None] if block.ndim == 2 else block
        if block.ndim != 3 or block.shape[2] != 3 or block.shape[1] < 1:
            raise LongstrideError(
                f"{name} come in shape {np.shape(item)}: give frames (atoms, 3) or blocks"
                " (frames, atoms, 3)"
            )
        for frame in block:
            if shape not in (None, frame.shape):
                raise LongstrideError(
                    f"{name} of frame {count} have shape {frame.shape}, those before it {shape}:"
                    " the number of atoms must not change"
                )
            if not np.isfinite(frame).all():
                raise LongstrideError(
                    f"{name} are not finite from frame {count} on: analyse the frames before it"
                )
            shape = frame.shape
            count += 1
            yield frame
            if progress is not None:
                progress(count)


class FrameStore(Protocol):
    """All frames of a trajectory, positions or velocities.

    Attributes:
        n_frames, n_atoms: how many it holds.
    """

    @property
    def n_frames(self) -> int: ...

    @property
    def n_atoms(self) -> int: ...

    def atoms(self, start: int, stop: int) -> Array:
        """(F, n, 3) all frames of the atoms from ``start`` up to ``stop``."""

    def frames(self) -> Iterator[Array]:
        """The frames (N, 3), one after the other."""


class ArrayStore:
    """The frames of a checked array (F, N, 3)."""

    def __init__(self, values: Array) -> None:
        self._values = values
        self.n_frames, self.n_atoms = values.shape[:2]

    def atoms(self, start: int, stop: int) -> Array:
        """(F, n, 3) all frames of the atoms from ``start`` up to ``stop``; a view."""
        return self._values[:, start:stop]

    def frames(self) -> Iterator[Array]:
        """The frames (N, 3), one after the other; views."""
        return iter(self._values)


class DiskStore:
    """The frames in a file of plain float64 vectors; made by ``spooled``."""

    def __init__(self, file: BinaryIO, n_frames: int, n_atoms: int) -> None:
        self._file = file
        self.n_frames = n_frames
        self.n_atoms = n_atoms

    def atoms(self, start: int, stop: int) -> Array:
        """(F, n, 3) all frames of the atoms from ``start`` up to ``stop``."""
        part = np.empty((self.n_frames, min(stop, self.n_atoms) - start, 3))
        for k, vectors in enumerate(part):
            self._file.seek((k * self.n_atoms + start) * _ROW)
            vectors[:] = self._read(len(vectors))
        return part

    def frames(self) -> Iterator[Array]:
        """The frames (N, 3), one after the other."""
        for k in range(self.n_frames):
            self._file.seek(k * self.n_atoms * _ROW)
            yield self._read(self.n_atoms)

    def _read(self, n_vectors: int) -> Array:
        return np.frombuffer(self._file.read(n_vectors * _ROW)).reshape(n_vectors, 3)


@contextmanager
def spooled(
    name: str,
    source: Iterable[ArrayLike],
    progress: Progress | None = None,
    directory: str | Path | None = None,
) -> Iterator[FrameStore]:
    """All frames of a source, in a temporary file that goes when the context ends.

    A trajectory comes frame by frame, a time correlation wants atom by atom: between the two, the
    frames lie on disk (24 bytes an atom and frame), and memory holds one block at a time.

    Args:
        name: what the frames are, for messages.
        source: frames (N, 3) or blocks of them (f, N, 3).
        progress: called with the number of frames read.
        directory: of the temporary file; default the system's.

    Raises:
        LongstrideError: fewer than two frames, a bad frame, or no room for the file.
    """
    with tempfile.TemporaryFile(dir=directory) as file:
        n_frames = n_atoms = 0
        for frame in single_frames(name, source, progress):
            try:
                file.write(np.ascontiguousarray(frame).data)
            except OSError as error:
                raise LongstrideError(
                    f"frame {n_frames} of the {name} cannot be kept in a temporary file"
                    f" ({error.strerror}): name a directory with {_ROW * len(frame)} bytes of room"
                    " for each frame"
                ) from None
            n_frames, n_atoms = n_frames + 1, len(frame)
        if n_frames < 2:
            raise LongstrideError(
                f"{name} hold {n_frames} frames, at least 2 are needed: store frames more often"
            )
        yield DiskStore(file, n_frames, n_atoms)
