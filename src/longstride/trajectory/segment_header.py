"""What does not change along a segment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.errors import FileFormatError
from longstride.trajectory.h5md import to_json

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SegmentHeader:
    """What does not change along a segment; see TrajectoryWriter.segment for shapes and units."""

    path: Path
    name: str
    species: NDArray[np.int64]
    masses: Array
    cell: Array | None
    pbc: NDArray[np.bool_]
    interval: float
    metadata: dict[str, Any]


def checked_header(
    path: Path,
    name: str,
    species: ArrayLike,
    masses: ArrayLike,
    cell: ArrayLike | None,
    pbc: ArrayLike,
    interval: float,
    metadata: dict[str, Any],
) -> SegmentHeader:
    """Check the constant part of a segment.

    Raises:
        FileFormatError: a malformed value.
    """
    where = f"{path}: segment '{name}'"
    header = SegmentHeader(
        path=path,
        name=name,
        species=np.asarray(species, dtype=np.int64),
        masses=np.asarray(masses, dtype=np.float64),
        cell=None if cell is None else np.asarray(cell, dtype=np.float64),
        pbc=np.asarray(pbc, dtype=np.bool_),
        interval=float(interval),
        metadata=metadata,
    )
    if not name or "/" in name or name in (".", ".."):
        raise FileFormatError(f"{where}: not a usable name; use letters, digits, '_' and '-'")
    atoms = len(header.species) if header.species.ndim == 1 else 0
    if atoms == 0 or np.any(header.species < 1) or np.any(header.species > 118):
        raise FileFormatError(f"{where}: species must be a list of atomic numbers 1 to 118")
    if header.masses.shape != (atoms,) or not np.all(header.masses > 0):
        raise FileFormatError(f"{where}: masses must be {atoms} positive numbers in amu")
    if not np.all(np.isfinite(header.masses)):
        raise FileFormatError(f"{where}: masses must be finite")
    if header.pbc.shape != (3,):
        raise FileFormatError(f"{where}: pbc must be three booleans")
    if header.cell is not None:
        if header.cell.shape != (3, 3) or not np.all(np.isfinite(header.cell)):
            raise FileFormatError(f"{where}: cell must be 3 x 3 finite numbers in Å")
        if header.pbc.any() and abs(np.linalg.det(header.cell)) < 1e-6:
            raise FileFormatError(f"{where}: a periodic cell must have a volume")
    if not (np.isfinite(header.interval) and header.interval > 0):
        raise FileFormatError(f"{where}: interval must be positive, got {interval} fs")
    to_json(metadata, f"{where}: metadata")
    return header
