"""The box of a LAMMPS dump: orthogonal, triclinic and general triclinic.

Restricted triclinic boxes are written as the bounds of the parallelepiped, so that
``xlo_bound = xlo + min(0, xy, xz, xy + xz)`` and so on (LAMMPS manual, Howto_triclinic).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.trajectory.text_source import numeric_columns

Array = NDArray[np.float64]


def parse_box(
    item: str, lines: Sequence[str], first_line: int, path: Path
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Cell of one frame.

    Args:
        item: the line ``ITEM: BOX BOUNDS ...``.
        lines: the three lines after it.
        first_line: number of the first of them, for messages.
        path: the file, for messages.

    Returns:
        (3, 3) cell rows in Å, (3,) origin in Å, (3,) periodic directions.

    Raises:
        FileFormatError: malformed, without boundary flags, or without volume.
    """
    words = item.split()[3:]
    flags = [word for word in words if len(word) == 2 and set(word) <= set("pfsm")]
    kind = " ".join(word for word in words if word not in flags)
    if len(flags) != 3 or kind not in ("", "xy xz yz", "abc origin"):
        raise FileFormatError(
            f"{path}: line {first_line - 1}: '{item}' is not understood; expected "
            "'ITEM: BOX BOUNDS [xy xz yz | abc origin] pp pp pp'"
        )
    columns = {"": 2, "xy xz yz": 3, "abc origin": 4}[kind]
    numbers = numeric_columns(lines, range(columns), first_line, path)
    if kind == "abc origin":
        cell, origin = numbers[:, :3], numbers[:, 3]
    else:
        xy, xz, yz = numbers[:, 2] if columns == 3 else (0.0, 0.0, 0.0)
        low = numbers[:, 0] - [min(0.0, xy, xz, xy + xz), min(0.0, yz), 0.0]
        high = numbers[:, 1] - [max(0.0, xy, xz, xy + xz), max(0.0, yz), 0.0]
        lx, ly, lz = high - low
        cell, origin = np.array([[lx, 0.0, 0.0], [xy, ly, 0.0], [xz, yz, lz]]), low
    if np.linalg.det(cell) <= 0.0:
        raise FileFormatError(f"{path}: line {first_line}: the box has no volume; write it again")
    return cell, origin, np.array(["p" in flag for flag in flags])
