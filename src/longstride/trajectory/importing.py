"""Importing someone else's trajectories: one segment a file, checked frame by frame."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat

from longstride import __version__
from longstride.documents import require_file
from longstride.errors import ConfigError, FileFormatError
from longstride.trajectory.ase_reader import ExtxyzReader, TrajReader
from longstride.trajectory.frames import SourceUnits, find_units
from longstride.trajectory.lammps_dump import DumpReader
from longstride.trajectory.segment_import import ImportedSegment, SegmentImport
from longstride.trajectory.text_source import first_bytes
from longstride.trajectory.writer import TrajectoryWriter

Reader = DumpReader | ExtxyzReader | TrajReader
Report = Callable[[str, float], None]
"""Called with the segment's name and the fraction of its file that is read."""

ULM_MAGIC: Final = b"- of Ulm"
"""How ASE .traj files begin."""

FILE_ENDINGS: Final = (
    ".gz",
    ".lammpstrj",
    ".lammpsdump",
    ".dump",
    ".extxyz",
    ".xyz",
    ".traj",
    ".txt",
)


class ImportOptions(BaseModel):
    """What the files do not say themselves.

    Attributes:
        elements: symbols of LAMMPS types 1, 2, ...
        units: metal, real or ase; of velocities, times and energies.
        timestep: MD time step in fs, for files with step counts.
        interval: time between frames in fs, for files without any time.
        temperatures: target temperature in K, one for all files or one for each; where empty, the
            mean kinetic temperature is taken.
        ensemble: nve or nvt, of all files; None does not say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    elements: tuple[str, ...] = ()
    units: str | None = None
    timestep: PositiveFloat | None = None
    interval: PositiveFloat | None = None
    temperatures: tuple[PositiveFloat, ...] = ()
    ensemble: Literal["nve", "nvt"] | None = None


def import_trajectories(
    files: Sequence[Path],
    output: Path,
    options: ImportOptions,
    overwrite: bool = False,
    report: Report | None = None,
) -> tuple[ImportedSegment, ...]:
    """Make a trajectory file of LAMMPS text dumps, extended XYZ and ASE .traj files.

    Every file becomes a segment called after it, with metadata ``run`` (that name),
    ``temperature``, ``temperature_source``, ``source`` and, where it is said, ``ensemble``. Frames
    are read, unwrapped and written one at a time.

    Args:
        files: the sources; recognised by their content.
        output: the file to make; nothing is left of it after an error.
        options: what the files do not say.
        overwrite: replace an existing output.
        report: progress.

    Raises:
        FileFormatError: a file is malformed or does not make an even, fixed-cell trajectory.
        ConfigError: options that do not fit.
    """
    units = find_units(options.units)
    if len(options.temperatures) not in (0, 1, len(files)):
        raise ConfigError(
            f"--temperature given {len(options.temperatures)} times for {len(files)} files; "
            "give one for all or one for each file, in their order"
        )
    if output.exists() and not overwrite:
        raise ConfigError(f"{output}: exists; choose another name or say --overwrite")
    names = segment_names(files)
    temperatures = options.temperatures
    readers = [open_reader(path, options.elements, units) for path in files]
    provenance = {
        "kind": "import",
        "version": __version__,
        "options": options.model_dump(mode="json"),
        "sources": [{"name": path.name, "sha256": file_sha256(path)} for path in files],
    }
    writer = TrajectoryWriter(output, provenance=provenance)
    try:
        imported = []
        for i, (path, name, reader) in enumerate(zip(files, names, readers, strict=True)):
            temperature = temperatures[i % len(temperatures)] if temperatures else None
            making = SegmentImport(
                path, name, options.timestep, options.interval, temperature, options.ensemble
            )
            imported.append(making.run(iter(reader), writer, _bound(report, name)))
        writer.close()
    except BaseException:
        writer.discard()
        raise
    return tuple(imported)


def open_reader(path: Path, elements: Sequence[str], units: SourceUnits | None) -> Reader:
    """The reader for a file, by its content.

    Args:
        path: the file.
        elements: symbols of LAMMPS types 1, 2, ...
        units: of velocities, times and energies.

    Raises:
        FileFormatError: missing, empty or of a format that is not read.
    """
    require_file(path)
    start = first_bytes(path)
    if start.startswith(ULM_MAGIC):
        if units is not None and units.name != "ase":
            raise FileFormatError(f"{path}: ASE .traj files are in ASE units; leave --units out")
        return TrajReader(path)
    if start.lstrip().startswith(b"ITEM:"):
        return DumpReader(path, elements, units)
    if start.split(maxsplit=1)[:1] and start.split(maxsplit=1)[0].isdigit():
        return ExtxyzReader(path, units)
    reason = "empty" if not start else "not a LAMMPS text dump, extended XYZ or ASE .traj file"
    raise FileFormatError(f"{path}: {reason}; convert it to one of these")


def segment_names(files: Sequence[Path]) -> tuple[str, ...]:
    """Names of the segments: the files' names without endings, with the folder's where two agree.

    Raises:
        ConfigError: two files would still have the same name.
    """
    stems = [_stem(path) for path in files]
    counts = Counter(stems)
    names = [
        stem if counts[stem] == 1 else f"{path.resolve().parent.name}_{stem}"
        for stem, path in zip(stems, files, strict=True)
    ]
    name, count = Counter(names).most_common(1)[0] if names else ("", 1)
    if count > 1:
        raise ConfigError(f"{count} files would make the segment '{name}'; rename them")
    return tuple(names)


def _stem(path: Path) -> str:
    while path.suffix.lower() in FILE_ENDINGS and path.stem:
        path = path.with_suffix("")
    return path.name


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _bound(report: Report | None, name: str) -> Callable[[float], None]:
    return lambda fraction: report(name, fraction) if report is not None else None
