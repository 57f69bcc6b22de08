"""The file ``snapshots.npz`` beside ``results.json``: last frames of surrogate and reference."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.files import replacing
from longstride.trajectory import Segment

SNAPSHOTS_NAME: Final = "snapshots.npz"
"""Name of the file in a validation's folder."""

MOST_ATOMS: Final = 4000
"""A larger cell is not shown: the page would be slow and heavy."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Last frames at one condition.

    Attributes:
        condition: as in the names of the checks, e.g. ``600K``.
        species: (N,) atomic numbers.
        cell: (3, 3) rows, Å.
        surrogate, reference: (N, 3) positions wrapped into the cell, Å.
    """

    condition: str
    species: NDArray[np.int64]
    cell: NDArray[np.float64]
    surrogate: NDArray[np.float32]
    reference: NDArray[np.float32]


_PARTS: Final = tuple(field.name for field in fields(Snapshot) if field.name != "condition")


def take_snapshot(condition: str, surrogate: Segment, reference: Segment) -> Snapshot | None:
    """Last frames of two runs in one cell; None where there are too many atoms."""
    if surrogate.n_atoms > MOST_ATOMS:
        return None
    return Snapshot(
        condition, surrogate.species, surrogate.cell, _wrapped(surrogate), _wrapped(reference)
    )


def _wrapped(segment: Segment) -> NDArray[np.float32]:
    positions = segment.positions(-1)
    if segment.pbc.any():
        fractions = positions @ np.linalg.inv(segment.cell)
        fractions -= np.floor(fractions) * segment.pbc
        positions = fractions @ segment.cell
    return positions.astype(np.float32)


def write_snapshots(path: Path, snapshots: Sequence[Snapshot]) -> None:
    """Write them under a temporary name and rename the file when whole."""
    arrays = {
        f"{shot.condition}/{part}": getattr(shot, part) for shot in snapshots for part in _PARTS
    }
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, **arrays)


def read_snapshots(path: Path) -> tuple[Snapshot, ...]:
    """Read them; none where the file is missing, as results need not have any.

    Raises:
        FileFormatError: damaged, or of another content.
    """
    if not path.exists():
        return ()
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        conditions = dict.fromkeys(key.rpartition("/")[0] for key in arrays)
        return tuple(
            Snapshot(condition, *(arrays[f"{condition}/{part}"] for part in _PARTS))
            for condition in conditions
        )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise FileFormatError(
            f"{path}: not a file of snapshots ({error}); validate again"
        ) from None
