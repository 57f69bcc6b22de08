"""Output of LAMMPS: the tables of a log and native binary dumps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from longstride.errors import EngineError
from longstride.reference.engine import Array
from longstride.reference.lammps_script import THERMO
from longstride.units import BAR

_MAGIC = b"DUMPCUSTOM"
_COLUMNS = len(THERMO.split())


@dataclass(frozen=True, slots=True)
class Table:
    """The printed quantities of one ``run``.

    Attributes:
        steps: (R,) time steps of the rows.
        potential_energy: (R,) eV.
        stress: (R, 3, 3) Cauchy stress in eV/Å³, tension positive, in the frame of LAMMPS.
        lower: (R, 3, 3) lower-triangular cell rows in Å.
        seconds: wall time of the run's loop.
    """

    steps: NDArray[np.int64]
    potential_energy: Array
    stress: Array
    lower: Array
    seconds: float


def read_log(path: Path) -> list[Table]:
    """The tables of a log, one for each ``run``.

    Raises:
        EngineError: the log has a table without an end.
    """
    tables: list[Table] = []
    rows: list[list[float]] | None = None
    for line in path.read_text(errors="replace").splitlines():
        words = line.split()
        if words and words[0] == "Step" and len(words) == _COLUMNS:
            rows = []
        elif rows is not None and line.startswith("Loop time of"):
            match = re.match(r"Loop time of (\S+) on", line)
            tables.append(_table(rows, float(match.group(1)) if match else float("nan")))
            rows = None
        elif rows is not None and len(words) == _COLUMNS and words[0].isdigit():
            rows.append([float(word) for word in words])
    if rows is not None:
        raise EngineError(f"the LAMMPS log {path} ends in the middle of a run")
    return tables


def _table(rows: list[list[float]], seconds: float) -> Table:
    data = np.array(rows, dtype=np.float64).reshape(-1, _COLUMNS)
    xx, yy, zz, xy, xz, yz = (-data[:, 2:8] * BAR).T
    stress = np.stack([xx, xy, xz, xy, yy, yz, xz, yz, zz], axis=-1).reshape(-1, 3, 3)
    lower = np.zeros((len(data), 3, 3))
    for column, (row, axis) in enumerate([(0, 0), (1, 1), (2, 2), (1, 0), (2, 0), (2, 1)]):
        lower[:, row, axis] = data[:, 8 + column]
    return Table(data[:, 0].astype(np.int64), data[:, 1], stress, lower, seconds)


def read_dump(path: Path) -> Iterator[tuple[int, Array, Array]]:
    """Frames of a native binary dump (format revision 2), one at a time.

    Yields:
        The time step, the box's low corner (3,) and the columns (N, C) in the order of the file.

    Raises:
        EngineError: the file is not such a dump or is cut off.
    """
    with path.open("rb") as stream:
        while True:
            head = stream.read(8)
            if not head:
                return
            if int.from_bytes(head, "little", signed=True) != -len(_MAGIC):
                raise EngineError(f"{path} is not a LAMMPS binary dump")
            if _take(stream, len(_MAGIC), path) != _MAGIC:
                raise EngineError(f"{path} is not a LAMMPS binary dump of style custom")
            _take(stream, 8, path)  # byte order and revision of the format
            step, _, triclinic = (_integer(stream, size, path) for size in (8, 8, 4))
            _take(stream, 24, path)  # kinds of boundary
            bounds = np.frombuffer(_take(stream, 48, path)).reshape(3, 2)
            low = bounds[:, 0].copy()
            if triclinic:
                xy, xz, yz = np.frombuffer(_take(stream, 24, path))
                low -= [min(0.0, xy, xz, xy + xz), min(0.0, yz), 0.0]
            columns = _integer(stream, 4, path)
            _take(stream, _integer(stream, 4, path), path)  # style of units
            if _take(stream, 1, path) != b"\0":
                _take(stream, 8, path)  # time
            _take(stream, _integer(stream, 4, path), path)  # names of the columns
            values = [
                np.frombuffer(_take(stream, 8 * _integer(stream, 4, path), path))
                for _ in range(_integer(stream, 4, path))
            ]
            yield step, low, np.concatenate(values).reshape(-1, columns)


def _take(stream: BinaryIO, size: int, path: Path) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EngineError(f"the LAMMPS dump {path} is cut off")
    return data


def _integer(stream: BinaryIO, size: int, path: Path) -> int:
    return int.from_bytes(_take(stream, size, path), "little", signed=True)
