"""Reading extended XYZ and ASE .traj trajectories, one frame at a time, through ASE."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from longstride.documents import require_file
from longstride.errors import FileFormatError
from longstride.trajectory.ase_atoms import LAST_ELEMENT
from longstride.trajectory.frames import UNITS, SourceFrame, SourceUnits, frame_name
from longstride.trajectory.text_source import TextSource

if TYPE_CHECKING:
    from ase import Atoms

Array = NDArray[np.float64]

MOST_COLUMNS: Final = 1000

VELOCITY_NAMES: Final = ("velocities", "velocity", "vel", "velo")


class ExtxyzReader:
    """The frames of an extended XYZ file, plain or gzipped; atoms keep their order.

    A ``momenta`` column is ASE's, in sqrt(amu·eV). A ``velocities``, ``velocity``, ``vel`` or
    ``velo`` column, ``time`` or ``Time`` and ``energy`` in the comment line are in ``units``;
    ``stress`` is eV/Å³.

    Args:
        path: the file.
        units: None for ASE's, with times in fs; a file of LAMMPS (it has ``Timestep``) is refused
            without.
    """

    def __init__(self, path: Path, units: SourceUnits | None = None) -> None:
        self.path = path
        self._units = units

    def __iter__(self) -> Iterator[SourceFrame]:
        """Frames in the order of the file.

        Raises:
            FileFormatError: malformed or truncated, naming line or frame and the way out.
        """
        with TextSource(self.path) as source:
            number = 0
            while (line := source.line()) is not None:
                if not line.strip():
                    continue
                atoms = self._atoms(source, line, number)
                yield _source_frame(atoms, self._units, self.path, number, source.fraction)
                source.frame_start = source.number
                number += 1

    def _atoms(self, source: TextSource, count: str, number: int) -> "Atoms":
        from ase.io.extxyz import read_xyz

        where = frame_name(self.path, number)
        try:
            atoms = int(count)
        except ValueError:
            raise FileFormatError(
                f"{self.path}: line {source.number}: '{count[:40]}' where the number of atoms of "
                f"frame {number} should be; write the file again"
            ) from None
        comment = source.line()
        if comment is None:
            raise source.truncated(f"frame {number} has no comment line")
        require_modest(comment, where)
        lines = [count, comment, *source.lines(atoms, where)]
        with _asking_ase(where, "not extended XYZ", "write it again"):
            return next(read_xyz(io.StringIO("\n".join(lines) + "\n"), index=0))


class TrajReader:
    """The frames of an ASE .traj file; atoms keep their order, units are ASE's.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[SourceFrame]:
        """Frames in the order of the file.

        Raises:
            FileFormatError: not a .traj file, or damaged.
        """
        from ase.io.trajectory import TrajectoryReader

        require_file(self.path)
        with _asking_ase(str(self.path), "not a whole ASE .traj file", "copy it again"):
            reader = TrajectoryReader(str(self.path))
            count = len(reader)
        with reader:
            for number in range(count):
                where = frame_name(self.path, number)
                with _asking_ase(where, "truncated or damaged", "keep the frames before it"):
                    atoms = reader[number]
                fraction = (number + 1) / count
                yield _source_frame(atoms, UNITS["ase"], self.path, number, fraction)


@contextmanager
def _asking_ase(where: str, complaint: str, way_out: str) -> Iterator[None]:
    """ASE raises whatever its parsers meet, and what they accept may be no numbers."""
    try:
        yield
    except FileFormatError:
        raise
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise FileFormatError(f"{where}: {complaint} ({reason}); {way_out}") from None


def require_modest(comment: str, where: str) -> None:
    """Refuse a comment line of extended XYZ that announces columns without end.

    ASE makes a list of as many names before it looks at the atoms.

    Raises:
        FileFormatError: more than ``MOST_COLUMNS``.
    """
    properties = re.search(r"Properties\s*=\s*\S+", comment)
    counts = re.findall(r":(\d+)", properties.group()) if properties else []
    if any(len(count) > 9 or int(count) > MOST_COLUMNS for count in counts):
        raise FileFormatError(
            f"{where}: Properties with more than {MOST_COLUMNS} columns; write it again"
        )


def _source_frame(
    atoms: "Atoms", given: SourceUnits | None, path: Path, number: int, fraction: float
) -> SourceFrame:
    """What an ASE object says, in Å, fs, eV, amu.

    Raises:
        FileFormatError: something is missing, or is not what its name says.
    """
    where = frame_name(path, number)
    with _asking_ase(where, "damaged", "write it again"):
        return _converted(atoms, given, where, number, fraction)


def _converted(
    atoms: "Atoms", given: SourceUnits | None, where: str, number: int, fraction: float
) -> SourceFrame:
    from ase.stress import voigt_6_to_full_3x3_stress

    units = given or UNITS["ase"]
    step = _number(atoms.info, ("Timestep", "timestep"), where)
    if step is not None and given is None:
        raise FileFormatError(
            f"{where}: written by LAMMPS (Timestep) in unknown units; say --units metal or real"
        )
    if atoms.constraints:
        raise FileFormatError(f"{where}: has constraints, which are not supported; remove them")
    if np.any((atoms.numbers < 1) | (atoms.numbers > LAST_ELEMENT)):
        raise FileFormatError(f"{where}: an atom without element; name the elements in the file")
    time = _number(atoms.info, ("time", "Time"), where)
    masses = atoms.get_masses() if "masses" in atoms.arrays else atoms.arrays.get("mass")
    results = atoms.calc.results if atoms.calc is not None else {}
    energy = results.get("energy")
    stress = results.get("stress") if units.name == "ase" else None
    return SourceFrame(
        number=number,
        positions=np.asarray(atoms.positions, dtype=np.float64),
        wrapped=True,
        velocities=_velocities(atoms, units),
        species=atoms.numbers.astype(np.int64),
        masses=None if masses is None else np.asarray(masses, dtype=np.float64),
        ids=np.arange(1, len(atoms) + 1),
        cell=np.asarray(atoms.cell.array, dtype=np.float64),
        pbc=np.asarray(atoms.pbc, dtype=np.bool_),
        potential_energy=None if energy is None else float(energy) * units.energy,
        stress=None if stress is None else voigt_6_to_full_3x3_stress(stress),
        step=None if step is None else int(step),
        time=None if time is None else time * units.time,
        fraction=fraction,
    )


def _velocities(atoms: "Atoms", units: SourceUnits) -> Array | None:
    """(N, 3) in Å/fs, or None."""
    if "momenta" in atoms.arrays:
        return np.asarray(atoms.get_velocities() * UNITS["ase"].velocity, dtype=np.float64)
    for name in VELOCITY_NAMES:
        if name in atoms.arrays:
            return np.asarray(atoms.arrays[name], dtype=np.float64) * units.velocity
    return None


def _number(info: dict[str, Any], names: tuple[str, ...], where: str) -> float | None:
    """The first of these entries that is there."""
    for name in names:
        if name in info:
            try:
                return float(info[name])
            except (TypeError, ValueError):
                raise FileFormatError(
                    f"{where}: {name}={info[name]} is not a number; correct or remove it"
                ) from None
    return None
