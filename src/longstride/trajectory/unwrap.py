"""Undoing the wrapping of positions into the cell, by continuity between frames."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.trajectory.frames import SourceFrame, frame_name

Array = NDArray[np.float64]

LARGEST_STEP: Final = 0.4
"""Longest safe step between frames in shortest cell heights; beyond 0.5 it is a guess."""


class Unwrapper:
    """Follows each atom to its nearest image in the next frame.

    The lattice shifts are integers, summed exactly: positions carry no accumulated rounding error.

    Args:
        path: the file, for messages.
        cell: (3, 3) rows in Å, constant.
        pbc: (3,) periodic directions.
    """

    def __init__(self, path: Path, cell: Array, pbc: NDArray[np.bool_]) -> None:
        self._path = path
        self._cell = cell
        self._pbc = pbc
        self._before: Array | None = None
        self._inverse = np.linalg.inv(cell) if pbc.any() else np.zeros((3, 3))
        heights = 1.0 / np.linalg.norm(self._inverse[:, pbc], axis=0) if pbc.any() else [np.inf]
        self._height = float(np.min(heights))

    def __call__(self, frame: SourceFrame) -> Array:
        """(N, 3) unwrapped positions in Å of the next frame; frame 0 stays as it is.

        Raises:
            FileFormatError: an atom moved so far that its image is ambiguous.
        """
        if not frame.wrapped or not self._pbc.any():
            return frame.positions
        if self._before is None:
            self._shifts = np.zeros_like(frame.positions)
        else:
            step = frame.positions - self._before
            crossed = -np.round(step @ self._inverse)
            crossed[:, ~self._pbc] = 0.0
            lengths = np.linalg.norm(step + crossed @ self._cell, axis=1)
            worst = int(np.argmax(lengths))
            if lengths[worst] > LARGEST_STEP * self._height:
                raise FileFormatError(
                    f"{frame_name(self._path, frame.number, frame.step)}: atom {frame.ids[worst]} "
                    f"moves {lengths[worst]:.2f} Å, more than {LARGEST_STEP} of the cell height "
                    f"{self._height:.2f} Å, so unwrapping is ambiguous; write frames more often, "
                    "or dump xu yu zu or image flags ix iy iz"
                )
            self._shifts = self._shifts + crossed
        self._before = frame.positions
        return frame.positions + self._shifts @ self._cell
