"""Writing a segment as GSD, the format of HOOMD-blue (https://gsd.readthedocs.io)."""

from pathlib import Path

import numpy as np

from longstride.errors import FileFormatError
from longstride.files import replacing
from longstride.trajectory.blocks import frame_blocks
from longstride.trajectory.kinds import kinds_of
from longstride.trajectory.reader import Segment
from longstride.trajectory.restricted_box import boxes_of


def write_gsd(path: Path, segment: Segment, frames: slice = slice(None)) -> None:
    """Write frames of a segment as GSD's schema ``hoomd``, a few at a time.

    Positions are in the box, which is centred at the origin, with image flags; lengths are in Å,
    masses in amu, velocities in Å/fs, all in single precision, as the schema has them. The step is
    the number of the frame. Each frame logs ``time_fs`` and, where the source has it,
    ``potential_energy_eV``. GSD does not say which sides are open. Cells are turned into the box
    that HOOMD wants, and vectors with them (``restricted_box.py``).

    Args:
        path: the file to make; an existing one is replaced when the new one is whole.
        segment: source.
        frames: which frames.

    Raises:
        FileFormatError: gsd is not installed, the file cannot be written, or the source is damaged.
    """
    try:
        import gsd.hoomd
    except ImportError:
        raise FileFormatError(
            f"{path}: GSD needs a package: pip install 'longstride[io]'"
        ) from None
    kinds, times = kinds_of(segment.species, segment.masses), segment.times
    with replacing(path) as partial, gsd.hoomd.open(str(partial), "w") as out:
        for block in frame_blocks(segment, frames):
            energies = segment.potential_energy(block)
            numbers = range(block.start, block.stop, block.step)
            boxes = boxes_of(segment, block, enclosing=True)
            for i, (box, number) in enumerate(zip(boxes, numbers, strict=True)):
                inside, images = box.wrapped(segment.pbc)
                frame = gsd.hoomd.Frame()
                frame.configuration.step = number
                frame.configuration.box = _parameters(box.lower)
                frame.particles.N = segment.n_atoms
                frame.particles.types = list(kinds.symbols)
                frame.particles.typeid = kinds.of_atoms.astype(np.uint32)
                frame.particles.mass = segment.masses.astype(np.float32)
                centre = box.origin + 0.5 * box.lower.sum(axis=0)
                frame.particles.position = (inside - centre).astype(np.float32)
                frame.particles.image = images.astype(np.int32)
                if box.velocities is not None:
                    frame.particles.velocity = box.velocities.astype(np.float32)
                frame.log["time_fs"] = np.array([times[number]])
                if energies is not None:
                    frame.log["potential_energy_eV"] = np.array([float(energies[i])])
                out.append(frame)


def _parameters(lower: np.ndarray) -> list[float]:
    """Lx, Ly, Lz, xy, xz, yz of a box, whose tilts HOOMD counts in lengths of the sides."""
    x, y, z = np.diag(lower)
    return [x, y, z, lower[1, 0] / y, lower[2, 0] / z, lower[2, 1] / z]
