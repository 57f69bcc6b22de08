"""The scalar record of a run: one line a stride."""

import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from longstride.documents import require_file
from longstride.errors import FileFormatError
from longstride.files import named
from longstride.state import Array, State

COLUMNS: Final = ("time_fs", "temperature_K", "kinetic_energy_eV", "momentum_amu_A_per_fs")
"""Header of the file; the last of them is the length of the total momentum."""

VOLUME_COLUMN: Final = "volume_A3"
"""One more, at constant pressure; those of observers follow."""


_BY_LINES: Final = 1
"""Buffering: whoever follows the file sees every stride."""


@dataclass(frozen=True, slots=True)
class Thermo:
    """Scalars of a run, each (n_strides + 1,).

    Attributes:
        time: fs.
        temperature: kinetic temperature in K.
        kinetic_energy: eV.
        momentum: length of the total momentum in amu·Å/fs.
        volume: of the cell in Å³; None at constant volume.
        observed: further columns, by their headers; NaN in rows that leave them empty.
    """

    time: Array
    temperature: Array
    kinetic_energy: Array
    momentum: Array
    volume: Array | None = None
    observed: Mapping[str, Array] = field(default_factory=dict)


class ThermoLog:
    """Writes the record as comma-separated lines whose numbers read back bit for bit.

    Args:
        path: the file; an existing one is replaced, or cut to ``keep`` bytes and continued.
        keep: bytes written before, as ``size`` told them; None starts anew.
        volume: record the volume too.
        observed: headers of further columns.

    Raises:
        FileFormatError: the file to continue is missing, too short, or has other columns.
    """

    def __init__(
        self,
        path: Path,
        keep: int | None = None,
        *,
        volume: bool = False,
        observed: tuple[str, ...] = (),
    ) -> None:
        self._path = path
        self._volume = volume
        columns = (*COLUMNS, VOLUME_COLUMN) if volume else COLUMNS
        header = ",".join((*columns, *observed)) + "\n"
        if keep is None:
            with named(path):
                self._file = path.open("w", _BY_LINES, encoding="ascii", newline="")
            self._file.write(header)
            return
        if not path.is_file() or path.stat().st_size < keep:
            raise FileFormatError(f"{path}: missing or cut since the run stopped; start anew")
        with path.open("rb") as file:
            if file.readline() != header.encode("ascii"):
                raise FileFormatError(
                    f"{path}: other columns than the run to resume would write; resume with the "
                    "version and the model it was started with"
                )
        with named(path):
            os.truncate(path, keep)
            self._file = path.open("a", _BY_LINES, encoding="ascii", newline="")

    def append(self, state: State, observed: Sequence[float] = ()) -> None:
        """Add the line of one state, with the values of the further columns; NaN is left empty."""
        momentum = float(np.linalg.norm(state.momenta.sum(axis=0)))
        values = [state.time, state.temperature, state.kinetic_energy, momentum]
        if self._volume:
            values.append(state.volume)
        self.append_row([*values, *observed])

    def append_row(self, values: Sequence[float]) -> None:
        """Add a line of values in the order of the columns; NaN is left empty."""
        cells = ("" if np.isnan(value) else repr(float(value)) for value in values)
        with named(self._path):
            self._file.write(",".join(cells) + "\n")

    def size(self) -> int:
        """Bring every line to the disk; returns the bytes the file has."""
        with named(self._path):
            self._file.flush()
            return self._path.stat().st_size

    def close(self) -> None:
        """Close the file."""
        with named(self._path):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What went wrong matters more than that the last lines cannot be saved.
        with nullcontext() if kind is None else suppress(FileFormatError):
            self.close()


def read_thermo(path: Path) -> Thermo:
    """Read a record.

    Raises:
        FileFormatError: missing, or not a record of a run.
    """
    require_file(path, "the record of a run")
    try:
        with path.open(encoding="ascii") as file:
            columns = tuple(file.readline().rstrip("\n").split(","))
            if columns[: len(COLUMNS)] != COLUMNS or len(set(columns)) != len(columns):
                raise FileFormatError(f"{path}: the first line is not {','.join(COLUMNS)}")
            table = np.loadtxt(file, delimiter=",", ndmin=2, converters=_number)
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: cannot be read as a run's record ({error})") from None
    if table.shape[1:] != (len(columns),):
        raise FileFormatError(f"{path}: has no complete line; delete it and run anew")
    named_columns = dict(zip(columns, table.T, strict=True))
    own = time, temperature, kinetic_energy, momentum = tuple(map(named_columns.pop, COLUMNS))
    if not np.isfinite(own).all():
        raise FileFormatError(f"{path}: has a number that is not finite; delete it and run anew")
    volume = named_columns.pop(VOLUME_COLUMN, None)
    return Thermo(time, temperature, kinetic_energy, momentum, volume, named_columns)


def _number(text: str) -> float:
    """A cell; NaN where it is empty."""
    return float(text) if text else float("nan")
