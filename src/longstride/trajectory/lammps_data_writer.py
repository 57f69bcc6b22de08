"""Writing one frame as a LAMMPS data file (atom_style atomic, units metal)."""

from pathlib import Path

import numpy as np

from longstride.files import write_text
from longstride.trajectory.kinds import kinds_of
from longstride.trajectory.reader import Segment
from longstride.trajectory.restricted_box import box_around
from longstride.units import METAL_VELOCITY


def write_lammps_data(path: Path, segment: Segment, frame: int = -1) -> None:
    """Write a frame for ``read_data``: masses, positions in the box with image flags, velocities.

    Lengths are in Å, velocities in Å/ps. The cell is turned into the box that LAMMPS wants, and
    vectors with it (``restricted_box.py``).

    Args:
        path: the file to make; an existing one is replaced when the new one is whole.
        segment: source.
        frame: which frame; negative numbers count from the end.

    Raises:
        FileFormatError: no such frame, the file cannot be written, or the source is damaged.
    """
    kinds = kinds_of(segment.species, segment.masses)
    speeds = segment.velocities(frame) / METAL_VELOCITY if segment.has_velocities else None
    box = box_around(
        segment.cells(frame), segment.pbc, segment.positions(frame), speeds, enclosing=True
    )
    positions, images = box.wrapped(segment.pbc)
    lines = [f"longstride, segment {segment.name}", ""]
    lines += [f"{segment.n_atoms} atoms", f"{len(kinds.symbols)} atom types", ""]
    high = box.origin + np.diag(box.lower)
    for name, start, stop in zip("xyz", box.origin, high, strict=True):
        lines.append(f"{start:.17g} {stop:.17g} {name}lo {name}hi")
    if box.triclinic:
        tilts = box.lower[1, 0], box.lower[2, 0], box.lower[2, 1]
        lines.append(" ".join(f"{tilt:.17g}" for tilt in tilts) + " xy xz yz")
    lines += ["", "Masses", ""]
    for kind, (symbol, mass) in enumerate(zip(kinds.symbols, kinds.masses, strict=True)):
        lines.append(f"{kind + 1} {mass:.10g} # {symbol}")
    lines += ["", "Atoms # atomic", ""]
    lines += [
        f"{index + 1} {kind + 1} {x:.17g} {y:.17g} {z:.17g} {i} {j} {k}"
        for index, (kind, (x, y, z), (i, j, k)) in enumerate(
            zip(kinds.of_atoms, positions, images, strict=True)
        )
    ]
    if box.velocities is not None:
        lines += ["", "Velocities", ""]
        lines += [
            f"{index + 1} {x:.17g} {y:.17g} {z:.17g}"
            for index, (x, y, z) in enumerate(box.velocities)
        ]
    write_text(path, "\n".join(lines) + "\n")
