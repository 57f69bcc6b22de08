"""Writing a segment as a LAMMPS text dump (style custom, units metal)."""

from pathlib import Path
from typing import TextIO

import numpy as np

from longstride.files import replacing
from longstride.trajectory.blocks import frame_blocks
from longstride.trajectory.kinds import kinds_of
from longstride.trajectory.reader import Segment
from longstride.trajectory.restricted_box import RestrictedBox, boxes_of
from longstride.units import METAL_VELOCITY


def write_lammps_dump(path: Path, segment: Segment, frames: slice = slice(None)) -> None:
    """Write frames of a segment as LAMMPS dumps them, a few at a time.

    Columns are id, type, element, mass, the unwrapped positions ``xu yu zu`` in Å and, where there
    are velocities, ``vx vy vz`` in Å/ps. The step is the time in fs, to the nearest whole one:
    MDAnalysis and OVITO do not read dumps that name their units and times in every frame. Cells are
    turned into the box that LAMMPS wants, and vectors with them (``restricted_box.py``).

    Args:
        path: the file to make; an existing one is replaced when the new one is whole.
        segment: source.
        frames: which frames.

    Raises:
        FileFormatError: the file cannot be written, or the source is damaged.
    """
    kinds, times = kinds_of(segment.species, segment.masses), segment.times
    labels = [
        f"{index + 1} {kind + 1} {kinds.symbols[kind]} {kinds.masses[kind]:.10g}"
        for index, kind in enumerate(kinds.of_atoms)
    ]
    numbers = " %.10f %.10f %.10f" + " %.10g %.10g %.10g" * segment.has_velocities + "\n"
    with replacing(path) as partial, partial.open("w", encoding="utf-8") as out:
        for block in frame_blocks(segment, frames):
            boxes = boxes_of(segment, block, enclosing=False, velocity_unit=METAL_VELOCITY)
            for box, time in zip(boxes, times[block], strict=True):
                _write_header(out, segment, box, time)
                columns = [box.positions]
                if box.velocities is not None:
                    columns.append(box.velocities)
                rows = zip(labels, np.concatenate(columns, axis=1).tolist(), strict=True)
                out.writelines(label + numbers % tuple(row) for label, row in rows)


def _write_header(out: TextIO, segment: Segment, box: RestrictedBox, time: float) -> None:
    """What stands before the atoms of a frame (LAMMPS manual, dump and Howto_triclinic)."""
    flags = " ".join("pp" if periodic else "ff" for periodic in segment.pbc)
    low, high = box.origin, box.origin + np.diag(box.lower)
    words, tilts = f"BOX BOUNDS {flags}", [""] * 3
    if box.triclinic:
        xy, xz, yz = box.lower[1, 0], box.lower[2, 0], box.lower[2, 1]
        low = low + [min(0.0, xy, xz, xy + xz), min(0.0, yz), 0.0]
        high = high + [max(0.0, xy, xz, xy + xz), max(0.0, yz), 0.0]
        words, tilts = f"BOX BOUNDS xy xz yz {flags}", [f" {tilt:.10f}" for tilt in (xy, xz, yz)]
    bounds = [
        f"{start:.10f} {stop:.10f}{tilt}"
        for start, stop, tilt in zip(low, high, tilts, strict=True)
    ]
    columns = "id type element mass xu yu zu" + " vx vy vz" * segment.has_velocities
    out.write(f"ITEM: TIMESTEP\n{round(time)}\n")
    out.write(f"ITEM: NUMBER OF ATOMS\n{segment.n_atoms}\n")
    out.write("\n".join([f"ITEM: {words}", *bounds, f"ITEM: ATOMS {columns}"]) + "\n")
