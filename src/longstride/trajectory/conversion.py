"""Trajectories in the formats of other programs, known by the ending of the file."""

from pathlib import Path
from typing import Final

from longstride.errors import ConfigError, FileFormatError
from longstride.trajectory.extxyz_writer import write_extxyz
from longstride.trajectory.gsd_writer import write_gsd
from longstride.trajectory.h5md_writer import write_h5md
from longstride.trajectory.lammps_data_writer import write_lammps_data
from longstride.trajectory.lammps_dump_writer import write_lammps_dump
from longstride.trajectory.reader import Segment, TrajectoryFile

MOVIES: Final = {
    ".extxyz": write_extxyz,
    ".xyz": write_extxyz,
    ".gsd": write_gsd,
    ".h5md": write_h5md,
    ".lammpstrj": write_lammps_dump,
    ".dump": write_lammps_dump,
}
"""Writers of many frames, by ending."""

DATA: Final = (".data", ".lmp")
"""Endings of LAMMPS data files, which hold one frame."""

ENDINGS: Final = (*MOVIES, *DATA)


def convert_trajectory(
    source: Path, out: Path, *, segment: str | None, frames: int | slice | None
) -> int:
    """Write a segment of a trajectory file in another program's format.

    Args:
        source: trajectory file (.h5).
        out: the file to make, its format told by one of ``ENDINGS``; an existing one is replaced
            when the new one is whole.
        segment: name of the segment; None where the file has one only.
        frames: which; None for all, or for the last one where the format holds one.

    Returns:
        Number of frames written.

    Raises:
        ConfigError: the ending is not known, the segment is not named, or frames do not fit.
        FileFormatError: the source is missing or damaged, or the file cannot be written.
    """
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise ConfigError(f"{out}: the ending says no format; use one of {', '.join(ENDINGS)}")
    if not out.parent.is_dir():
        raise FileFormatError(f"{out}: folder {out.parent} does not exist; make it first")
    with TrajectoryFile(source) as file:
        chosen = _segment(file, segment)
        if ending in DATA:
            if isinstance(frames, slice):
                raise ConfigError(f"{out}: a data file holds one frame; give its number")
            write_lammps_data(out, chosen, -1 if frames is None else frames)
            return 1
        wanted = _range(chosen, frames)
        MOVIES[ending](out, chosen, wanted)
        return len(range(*wanted.indices(chosen.n_frames)))


def _segment(file: TrajectoryFile, name: str | None) -> Segment:
    """The segment of that name, or the only one."""
    if name is not None:
        return file[name]
    if len(file) != 1:
        raise ConfigError(
            f"{file.path}: has {len(file)} segments; say which with --segment, of "
            f"{', '.join(file.segments[:8])}{', ...' if len(file) > 8 else ''}"
        )
    return next(iter(file))


def _range(segment: Segment, frames: int | slice | None) -> slice:
    """The frames as a slice that holds at least one."""
    if isinstance(frames, int):
        number = frames + segment.n_frames if frames < 0 else frames
        frames = slice(number, number + 1) if number >= 0 else slice(0)
    wanted = slice(None) if frames is None else frames
    if not len(range(*wanted.indices(segment.n_frames))):
        raise ConfigError(
            f"{segment.path}: --frames chooses none of the {segment.n_frames} frames of segment "
            f"'{segment.name}'"
        )
    return wanted
