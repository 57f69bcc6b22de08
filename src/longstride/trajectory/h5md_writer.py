"""Writing a segment as the H5MD that MDAnalysis reads.

The trajectory file itself is H5MD, but MDAnalysis takes the unit attributes as text of variable
length and the box as one of every frame, and looks for a group called ``trajectory``; the
trajectory file has none of these (``h5md.py`` says why its text is of fixed length).
"""

from pathlib import Path
from typing import Final

import h5py
import numpy as np

from longstride.files import replacing
from longstride.trajectory.blocks import frame_blocks
from longstride.trajectory.h5md import RESERVED_BYTES, UNITS, reserve
from longstride.trajectory.reader import Segment
from longstride.trajectory.restricted_box import boxes_of

GROUP: Final = "particles/trajectory"


def write_h5md(path: Path, segment: Segment, frames: slice = slice(None)) -> None:
    """Write frames of a segment as H5MD 1.1, a few at a time.

    Positions (Å, not wrapped) and velocities (Å/fs) are in double precision; masses (amu), atomic
    numbers, times (fs) and energies (eV) come along. The step is the number of the frame. Cells are
    turned into the box that MDAnalysis wants, and vectors with them (``restricted_box.py``).

    Args:
        path: the file to make; an existing one is replaced when the new one is whole.
        segment: source.
        frames: which frames.

    Raises:
        FileFormatError: the file cannot be written, or the source is damaged.
    """
    count = len(range(*frames.indices(segment.n_frames)))
    times = segment.times
    size = 8 * count * (6 * segment.n_atoms + 16)
    with replacing(path, RuntimeError) as partial, h5py.File(partial, "w") as file:
        # HDF5 cannot close a file that it failed to write to, so room is asked for before.
        reserve(partial, file.id.get_filesize(), size + RESERVED_BYTES)
        values = _layout(file, segment, count)
        done = 0
        for block in frame_blocks(segment, frames):
            numbers = np.arange(block.start, block.stop, block.step)
            here = slice(done, done + len(numbers))
            boxes = list(boxes_of(segment, block, enclosing=False))
            values["step"][here], values["time"][here] = numbers, times[numbers]
            values["position"][here] = np.stack([box.positions for box in boxes])
            values["cell"][here] = np.stack([box.lower for box in boxes])
            if segment.has_velocities:
                moving = [box.velocities for box in boxes if box.velocities is not None]
                values["velocity"][here] = np.stack(moving)
            if "potential_energy" in values:
                values["potential_energy"][here] = segment.potential_energy(block)
            done = here.stop


def _layout(file: h5py.File, segment: Segment, count: int) -> dict[str, h5py.Dataset]:
    """Groups and attributes; returns the datasets of the frames, by element."""
    header = file.create_group("h5md")
    header.attrs["version"] = [1, 1]
    header.create_group("author").attrs["name"] = "longstride"
    creator = header.create_group("creator")
    creator.attrs["name"], creator.attrs["version"] = "longstride", "1"
    header.create_group("modules/units").attrs["version"] = [1, 0]
    group = file.create_group(GROUP)
    box = group.create_group("box")
    box.attrs["dimension"] = 3
    box.attrs["boundary"] = ["periodic" if periodic else "none" for periodic in segment.pbc]
    group.create_dataset("species", data=segment.species)
    group.create_dataset("mass", data=segment.masses).attrs["unit"] = UNITS["mass"]
    atoms = segment.n_atoms
    shapes: dict[str, tuple[int, ...]] = {"position": (atoms, 3), "cell": (3, 3)}
    if segment.has_velocities:
        shapes["velocity"] = (atoms, 3)
    if segment.potential_energy(0) is not None:
        shapes["potential_energy"] = ()
    places = {
        "position": f"{GROUP}/position",
        "velocity": f"{GROUP}/velocity",
        "cell": f"{GROUP}/box/edges",
        "potential_energy": "observables/potential_energy",
    }
    clock = file.create_group(places["position"])
    found = {
        "step": clock.create_dataset("step", (count,), dtype=np.int64),
        "time": clock.create_dataset("time", (count,), dtype=np.float64),
    }
    found["time"].attrs["unit"] = UNITS["time"]
    for element, shape in shapes.items():
        place = file.require_group(places[element])
        if element != "position":
            place["step"], place["time"] = found["step"], found["time"]
        found[element] = place.create_dataset("value", (count, *shape), dtype=np.float64)
        found[element].attrs["unit"] = UNITS[element]
    return found
