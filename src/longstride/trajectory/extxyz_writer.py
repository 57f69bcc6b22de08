"""Writing a segment as extended XYZ, for ASE and OVITO."""

from pathlib import Path

import numpy as np

from longstride.errors import FileFormatError
from longstride.files import replacing
from longstride.trajectory.blocks import frame_blocks
from longstride.trajectory.reader import Segment
from longstride.units import ASE_TIME


def write_extxyz(path: str | Path, segment: Segment, frames: slice = slice(None)) -> None:
    """Write frames of a segment as extended XYZ, a few at a time.

    Positions are unwrapped, in Å. Velocities are in the column ``momenta``, from which ASE reads
    them: m·v with v in ASE's unit, Å·sqrt(eV/amu) (Å/fs times ``units.ASE_TIME``). The comment line
    has ``time`` in fs, and ``energy`` in eV and ``stress`` in eV/Å³ where the segment has them.

    Args:
        path: the file to make; an existing one is replaced when the new one is whole.
        segment: source.
        frames: which frames.

    Raises:
        FileFormatError: the folder is missing, or the file cannot be written.
    """
    # ASE takes a third of a second to import, which other commands should not wait for.
    from ase.data import chemical_symbols

    path = Path(path)
    if not path.parent.is_dir():
        raise FileFormatError(f"{path}: folder {path.parent} does not exist; make it first")
    symbols = [chemical_symbols[number] for number in segment.species]
    numbers = "%.10f %.10f %.10f %.8f" + " %.12e %.12e %.12e" * segment.has_velocities
    row = f"%-2s {numbers}\n"
    times = segment.times
    with replacing(path) as partial, partial.open("w", encoding="utf-8") as out:
        for block in frame_blocks(segment, frames):
            table = _table(segment, block)
            for i, frame in enumerate(range(block.start, block.stop, block.step)):
                out.write(f"{segment.n_atoms}\n{_comment(segment, frame, times[frame])}\n")
                rows = zip(symbols, table[i].tolist(), strict=True)
                out.writelines(row % (symbol, *values) for symbol, values in rows)


def _table(segment: Segment, frames: slice) -> np.ndarray:
    """(F, N, columns) numbers: positions, mass, momenta."""
    positions = segment.positions(frames)
    masses = np.broadcast_to(segment.masses[:, None], (*positions.shape[:2], 1))
    if not segment.has_velocities:
        return np.concatenate([positions, masses], axis=2)
    momenta = masses * segment.velocities(frames) * ASE_TIME
    return np.concatenate([positions, masses, momenta], axis=2)


def _comment(segment: Segment, frame: int, time: float) -> str:
    """The second line of a frame."""
    lattice = " ".join(f"{x:.10f}" for x in segment.cells(frame).ravel())
    pbc = " ".join("T" if periodic else "F" for periodic in segment.pbc)
    columns = "species:S:1:pos:R:3:masses:R:1" + ":momenta:R:3" * segment.has_velocities
    words = [f'Lattice="{lattice}"', f"Properties={columns}", f'pbc="{pbc}"', f"time={time:.15g}"]
    energy, stress = segment.potential_energy(frame), segment.stress(frame)
    if energy is not None:
        words.append(f"energy={float(energy):.15g}")
    if stress is not None:
        words.append('stress="' + " ".join(f"{x:.15g}" for x in stress.ravel()) + '"')
    return " ".join(words)
