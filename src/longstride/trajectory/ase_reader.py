"""Reading extended XYZ and ASE .traj trajectories, one frame at a time, through ASE."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.trajectory.frames import UNITS, SourceFrame, SourceUnits, frame_name
from longstride.trajectory.text_source import TextSource

if TYPE_CHECKING:
    from ase import Atoms

Array = NDArray[np.float64]

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
        lines = [count, comment, *source.lines(atoms, where)]
        try:
            return next(read_xyz(io.StringIO("\n".join(lines) + "\n"), index=0))
        except Exception as error:  # ASE raises whatever its parser meets
            raise FileFormatError(
                f"{where}: not extended XYZ ({type(error).__name__}: {error}); write it again"
            ) from None


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

        try:
            reader = TrajectoryReader(str(self.path))
            count = len(reader)
        except Exception as error:  # ASE raises whatever its parser meets
            raise FileFormatError(
                f"{self.path}: not a whole ASE .traj file ({type(error).__name__}: {error}); "
                "copy it again"
            ) from None
        with reader:
            for number in range(count):
                try:
                    atoms = reader[number]
                except Exception as error:
                    raise FileFormatError(
                        f"{frame_name(self.path, number)}: truncated or damaged "
                        f"({type(error).__name__}: {error}); with ASE, keep the frames before it"
                    ) from None
                fraction = (number + 1) / count
                yield _source_frame(atoms, UNITS["ase"], self.path, number, fraction)


def _source_frame(
    atoms: "Atoms", given: SourceUnits | None, path: Path, number: int, fraction: float
) -> SourceFrame:
    """What an ASE object says, in Å, fs, eV, amu."""
    from ase.stress import voigt_6_to_full_3x3_stress

    where = frame_name(path, number)
    units = given or UNITS["ase"]
    step = _number(atoms.info, ("Timestep", "timestep"), where)
    if step is not None and given is None:
        raise FileFormatError(
            f"{where}: written by LAMMPS (Timestep) in unknown units; say --units metal or real"
        )
    if atoms.constraints:
        raise FileFormatError(f"{where}: has constraints, which are not supported; remove them")
    if np.any(atoms.numbers < 1):
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
