"""Reading a starting structure from a file of many formats, through ASE."""

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from longstride.documents import require_file
from longstride.errors import FileFormatError
from longstride.state import State
from longstride.trajectory.ase_atoms import fault_of_atoms, state_of_atoms
from longstride.trajectory.ase_reader import require_modest
from longstride.trajectory.frames import find_units
from longstride.trajectory.text_source import first_bytes

if TYPE_CHECKING:
    from ase import Atoms

FORMATS: Final = (
    *("extxyz", "xyz", "cif", "vasp", "traj", "json", "proteindatabank", "xsf"),
    *("gen", "cfg", "aims", "espresso-in"),
)
"""ASE's formats that are read: those whose readers have met ten thousand damaged files each.

Of the others some are databases, some unpickle, and some wait for a line that never comes.
"""

COUNTING: Final = {
    **{"xyz": (0, 1), "extxyz": (0, 1), "gen": (0, 1), "cfg": (0, 1)},
    **{"vasp": (5, 7), "xsf": (0, 30)},
}
"""The lines, first and the one after the last, where a format says how many atoms there are."""

COMPRESSED: Final = (".gz", ".bz2", ".xz")

MASS_TOLERANCE: Final = 0.05
"""How far, in amu, a LAMMPS type's mass may be from the element's it is taken for."""

LAMMPS_HEADER: Final = re.compile(rb"^\s*\d+\s+atom types\b", re.MULTILINE)


def read_structure(path: str | Path, units: str = "metal") -> tuple[State, bool]:
    """One structure, the last if the file has several.

    The elements of a LAMMPS data file are those of its type labels, or those its masses fit.

    Args:
        path: the file.
        units: of a LAMMPS data file, metal or real.

    Returns:
        The state, with its positions as the file has them (image flags applied), and whether it
        has velocities other than zero.

    Raises:
        FileFormatError: missing, unreadable, empty, non-finite, without elements, with constraints,
            or periodic without a volume.
    """
    path = Path(path)
    require_file(path, "the structure")
    if path.suffix.lower() in COMPRESSED:
        raise FileFormatError(f"{path}: a compressed structure is not read; unpack it first")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if LAMMPS_HEADER.search(first_bytes(path, 4096)):
            atoms = _read_lammps_data(path, units)
        else:
            atoms = _read_any(path)
        try:
            _check(atoms, path)
            state = state_of_atoms(atoms)
        except FileFormatError:
            raise
        except Exception as error:  # what a parser accepts may be no numbers
            raise FileFormatError(f"{path}: damaged ({_words(error)}); write it again") from None
    return state, bool(state.velocities.any())


def _read_any(path: Path) -> "Atoms":
    from ase import Atoms
    from ase.io import read
    from ase.io.formats import UnknownFileTypeError, filetype

    try:
        kind = filetype(str(path))
        if kind not in FORMATS:
            raise FileFormatError(
                f"{path}: format {kind} is not read; convert it to extended XYZ, POSCAR or CIF"
            )
        _require_modest(path, kind)
        # One process reads: by default ASE hands what it has read to all ranks of an MPI run.
        atoms = read(str(path), index=-1, format=kind, do_not_split_by_at_sign=True, parallel=False)
    except UnknownFileTypeError:
        raise FileFormatError(
            f"{path}: format not known to ASE; convert it to extended XYZ, POSCAR or CIF"
        ) from None
    except FileFormatError:
        raise
    except Exception as error:  # ASE raises whatever its parsers meet
        raise FileFormatError(f"{path}: cannot be read ({_words(error)}); write it again") from None
    if not isinstance(atoms, Atoms):
        raise FileFormatError(f"{path}: holds no structure; give a structure file")
    return atoms


def _require_modest(path: Path, kind: str) -> None:
    """Refuse what ASE would make lists of without end: more atoms than the file has bytes."""
    if kind not in COUNTING:
        return
    first, stop = COUNTING[kind]
    size = path.stat().st_size
    with path.open(encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file):
            where = f"{path}: line {number + 1}"
            if kind == "extxyz" and "Properties" in line:
                require_modest(line, where)
            words = line.split()
            # Frames of XYZ files begin with a count, and nothing else in them is one word.
            if first <= number < stop or (kind in ("xyz", "extxyz") and len(words) == 1):
                for word in words:
                    if _counts_more_than(word, size):
                        raise FileFormatError(
                            f"{where}: counts {word[:20]} atoms, more than the file has bytes"
                        )


def _counts_more_than(word: str, size: int) -> bool:
    """Whether a word is a number above a size, as Python reads numbers: digits of any script."""
    try:
        return len(word) <= 4000 and int(word) > size
    except ValueError:
        return False


def _read_lammps_data(path: Path, units: str) -> "Atoms":
    from ase.data import atomic_masses
    from ase.io.lammpsdata import read_lammps_data

    if units == "ase":
        raise FileFormatError(f"{path}: a LAMMPS data file has no ASE units; use metal or real")
    find_units(units)
    try:
        atoms = read_lammps_data(str(path), units=units)
    except Exception as error:
        raise FileFormatError(
            f"{path}: not a whole LAMMPS data file of style atomic, charge, molecular or full "
            f"({_words(error)}); write it again with write_data"
        ) from None
    # ASE calls type 1 hydrogen where the file has no masses, and takes the nearest element else.
    if "masses" not in atoms.arrays:
        raise FileFormatError(f"{path}: has no Masses section to know the elements by; add one")
    masses = atoms.get_masses()
    far = np.flatnonzero(np.abs(masses - atomic_masses[atoms.numbers]) > MASS_TOLERANCE)
    if len(far):
        raise FileFormatError(
            f"{path}: no element has the mass {masses[far[0]]:g} of type "
            f"{atoms.arrays['type'][far[0]]}; correct the Masses section"
        )
    return atoms


def _words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def _check(atoms: "Atoms", path: Path) -> None:
    """Refuse what cannot be simulated."""
    fault = fault_of_atoms(atoms)
    if fault is not None:
        raise FileFormatError(f"{path}: {fault}; correct the file")
    if atoms.constraints:
        raise FileFormatError(f"{path}: constraints (fixed atoms) are not supported; remove them")
