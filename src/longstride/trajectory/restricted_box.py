"""The box that LAMMPS and HOOMD want: a along x, b in the plane of x and y.

Any cell is C = L Q with a lower-triangular L of positive diagonal and an orthogonal Q, so
``x_box = x Qᵀ``: positions and velocities are turned with the cell, and mirrored where it is
left-handed. Q is exactly the identity for cells that are of that form already.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.state import triangular
from longstride.trajectory.reader import Segment

Array = NDArray[np.float64]

MARGIN = 1.0
"""Å between the outermost atom and an open side."""


@dataclass(frozen=True, slots=True)
class RestrictedBox:
    """A box around one frame.

    Attributes:
        lower: (3, 3) lower-triangular rows in Å.
        origin: (3,) corner in Å.
        positions: (N, 3) in the frame of the box, in Å, not wrapped.
        velocities: (N, 3) in the frame of the box, in the unit they came in; None without.
    """

    lower: Array
    origin: Array
    positions: Array
    velocities: Array | None

    @property
    def triclinic(self) -> bool:
        """Whether any tilt is non-zero."""
        return bool(np.any(self.lower != np.diag(np.diag(self.lower))))

    def wrapped(self, pbc: NDArray[np.bool_]) -> tuple[Array, NDArray[np.int64]]:
        """Positions (N, 3) in the box, and the images (N, 3) that they were moved from."""
        fractions = (self.positions - self.origin) @ np.linalg.inv(self.lower)
        images = np.where(pbc, np.floor(fractions), 0.0)
        return self.positions - images @ self.lower, images.astype(np.int64)


def box_around(
    cell: Array,
    pbc: NDArray[np.bool_],
    positions: Array,
    velocities: Array | None,
    *,
    enclosing: bool,
) -> RestrictedBox:
    """The box of a frame.

    Args:
        cell: (3, 3) rows in Å; open directions may have no length where none is periodic.
        pbc: (3,) periodic directions.
        positions: (N, 3) in Å.
        velocities: (N, 3), if there are any.
        enclosing: whether open sides are moved out until all atoms are inside; they always are
            where the cell has no volume.
    """
    solid = bool(pbc.any()) or abs(np.linalg.det(cell)) > 1e-6
    lower, rotation = triangular(cell) if solid else (np.eye(3), np.eye(3))
    placed = positions @ rotation.T
    moving = None if velocities is None else velocities @ rotation.T
    origin = np.zeros(3)
    if not pbc.all() and (enclosing or not solid):
        fractions = placed @ np.linalg.inv(lower)
        margin = MARGIN / np.diag(lower)
        start = np.where(pbc, 0.0, np.minimum(fractions.min(axis=0) - margin, 0.0))
        stop = np.where(pbc, 1.0, np.maximum(fractions.max(axis=0) + margin, 1.0))
        origin = start @ lower
        lower = (stop - start)[:, None] * lower
    return RestrictedBox(lower, origin, placed, moving)


def boxes_of(
    segment: Segment, block: slice, *, enclosing: bool, velocity_unit: float = 1.0
) -> Iterator[RestrictedBox]:
    """The frames of a block, each in a box of its own.

    Args:
        segment: source.
        block: which frames; all are read at once.
        enclosing: as in ``box_around``.
        velocity_unit: Å/fs, of the boxes' velocities.
    """
    positions, cells = segment.positions(block), segment.cells(block)
    velocities = segment.velocities(block) if segment.has_velocities else None
    for index, (cell, placed) in enumerate(zip(cells, positions, strict=True)):
        moving = None if velocities is None else velocities[index] / velocity_unit
        yield box_around(cell, segment.pbc, placed, moving, enclosing=enclosing)
