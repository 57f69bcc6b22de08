"""A trajectory file with some of the segments of another, as a user with little data has it."""

from collections.abc import Sequence
from pathlib import Path

from longstride.trajectory import TrajectoryFile, TrajectoryWriter


def write_subset(source: Path, names: Sequence[str], path: Path) -> Path:
    """Copies segments with all that they hold, and the provenance; returns the new file."""
    with TrajectoryFile(source) as file, TrajectoryWriter(path, file.provenance) as out:
        for name in names:
            segment = file[name]
            copy = out.segment(
                name,
                species=segment.species,
                masses=segment.masses,
                cell=segment.cell,
                pbc=segment.pbc,
                interval=segment.interval,
                metadata=segment.metadata,
            )
            copy.append_many(
                time=segment.times,
                positions=segment.positions(),
                velocities=segment.velocities(),
                potential_energy=segment.potential_energy(),
                stress=segment.stress(),
            )
    return path
