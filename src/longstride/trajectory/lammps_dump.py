"""Reading LAMMPS text dumps (styles atom and custom), one frame at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.trajectory.frames import (
    UNITS,
    SourceFrame,
    SourceUnits,
    atomic_numbers,
    frame_name,
)
from longstride.trajectory.lammps_box import parse_box
from longstride.trajectory.text_source import TextSource, numeric_columns

Array = NDArray[np.float64]

POSITIONS: Final = (
    # columns, scaled, wrapped; unwrapped ones are preferred
    (("xu", "yu", "zu"), False, False),
    (("xsu", "ysu", "zsu"), True, False),
    (("x", "y", "z"), False, True),
    (("xs", "ys", "zs"), True, True),
)
VELOCITIES: Final = ("vx", "vy", "vz")
IMAGES: Final = ("ix", "iy", "iz")


@dataclass
class _Header:
    """What stands before the atoms of a frame."""

    step: int
    time: float | None
    atoms: int
    cell: Array
    origin: Array
    pbc: NDArray[np.bool_]
    columns: dict[str, int]


class DumpReader:
    """The frames of a LAMMPS text dump, plain or gzipped.

    Columns may come in any order, atoms too; ``id`` is needed. Positions are ``xu``, ``xsu``,
    ``x`` or ``xs``, the last two with ``ix iy iz`` where they are there. Species come from
    ``element`` or from ``type`` with a list of elements.

    Args:
        path: the file.
        elements: symbols of the types 1, 2, ...; empty where the dump has an ``element`` column.
        units: units of the run; None takes those of ``ITEM: UNITS`` and is refused where they are
            needed and not written.
    """

    def __init__(
        self, path: Path, elements: Sequence[str] = (), units: SourceUnits | None = None
    ) -> None:
        self.path = path
        self._elements = atomic_numbers(elements, "--elements") if elements else None
        self._units = units
        if units is not None and units.name == "ase":
            raise FileFormatError(
                f"{path}: a LAMMPS dump has no ASE units; use --units metal or real"
            )

    def __iter__(self) -> Iterator[SourceFrame]:
        """Frames in the order of the file.

        Raises:
            FileFormatError: malformed or truncated, naming line or frame and the way out.
        """
        with TextSource(self.path) as source:
            number = 0
            while (header := self._header(source, number)) is not None:
                yield self._frame(source, header, number)
                source.frame_start = source.number
                number += 1

    def _header(self, source: TextSource, number: int) -> _Header | None:
        step: int | None = None
        time: float | None = None
        atoms: int | None = None
        box: tuple[Array, Array, NDArray[np.bool_]] | None = None
        started = False
        while (line := source.line()) is not None:
            if not line.strip() and not started:
                continue
            started = True
            if line.startswith("ITEM: UNITS"):
                self._set_units(self._value(source, number))
            elif line.startswith("ITEM: TIMESTEP"):
                step = int(self._number(source, number))
            elif line.startswith("ITEM: TIME"):
                time = self._number(source, number) * self._need_units("ITEM: TIME").time
            elif line.startswith("ITEM: NUMBER OF ATOMS"):
                atoms = int(self._number(source, number))
                if atoms < 1:
                    raise FileFormatError(
                        f"{self.path}: line {source.number}: {atoms} atoms; remove the frame"
                    )
            elif line.startswith("ITEM: BOX BOUNDS"):
                first = source.number + 1
                box = parse_box(line, self._lines(source, 3, number), first, self.path)
            elif line.startswith("ITEM: ATOMS"):
                if step is None or atoms is None or box is None:
                    raise FileFormatError(
                        f"{self.path}: line {source.number}: atoms before TIMESTEP, NUMBER OF "
                        "ATOMS and BOX BOUNDS; write the dump again"
                    )
                names = line.split()[2:]
                columns = {name: i for i, name in enumerate(names)}
                return _Header(step, time, atoms, *box, columns)
            else:
                raise FileFormatError(
                    f"{self.path}: line {source.number}: '{line[:40]}' where an ITEM of an atom "
                    "dump should be; use dump styles atom or custom"
                )
        if started:
            raise source.truncated(f"frame {number} has no atoms")
        return None

    def _lines(self, source: TextSource, count: int, number: int) -> list[str]:
        found = [source.line() for _ in range(count)]
        if any(line is None for line in found):
            raise source.truncated(f"frame {number} stops in its header")
        return [line for line in found if line is not None]

    def _value(self, source: TextSource, number: int) -> str:
        return self._lines(source, 1, number)[0].strip()

    def _number(self, source: TextSource, number: int) -> float:
        line = self._value(source, number)
        return float(numeric_columns([line], [0], source.number, self.path)[0, 0])

    def _set_units(self, name: str) -> None:
        if name not in ("metal", "real"):
            raise FileFormatError(
                f"{self.path}: units {name} are not supported; use a run in metal or real units"
            )
        if self._units is not None and self._units.name != name:
            raise FileFormatError(
                f"{self.path}: the dump says units {name}, --units says {self._units.name}; "
                "leave --units out"
            )
        self._units = UNITS[name]

    def _need_units(self, what: str) -> SourceUnits:
        if self._units is None:
            raise FileFormatError(
                f"{self.path}: {what} in unknown units; say --units metal or --units real"
            )
        return self._units

    def _frame(self, source: TextSource, header: _Header, number: int) -> SourceFrame:
        columns, where = header.columns, frame_name(self.path, number, header.step)
        if "id" not in columns:
            raise FileFormatError(f"{where}: no column id to know atoms by; dump id too")
        names, scaled, wrapped = self._position_columns(columns, where)
        images = [IMAGES[axis] for axis in range(3) if header.pbc[axis]]
        flagged = wrapped and bool(images) and all(name in columns for name in images)
        optional = [*(images if flagged else []), "mass", "type", *VELOCITIES]
        wanted = ["id", *names, *(name for name in optional if name in columns)]
        first = source.number + 1
        lines = source.lines(header.atoms, where)
        table = numeric_columns(lines, [columns[name] for name in wanted], first, self.path)
        ids = table[:, 0].astype(np.int64)
        order = np.argsort(ids, kind="stable")
        if np.any(np.diff(ids[order]) == 0):
            raise FileFormatError(f"{where}: an id occurs twice; write the dump again")
        table = table[order]
        values = {name: table[:, i] for i, name in enumerate(wanted)}
        positions = np.stack([values[name] for name in names], axis=1)
        if scaled:
            positions = header.origin + positions @ header.cell
        if flagged:
            shifts = np.zeros((header.atoms, 3))
            for axis in np.flatnonzero(header.pbc):
                shifts[:, axis] = values[IMAGES[axis]]
            positions = positions + shifts @ header.cell
        velocities = None
        if all(name in values for name in VELOCITIES):
            velocities = np.stack([values[name] for name in VELOCITIES], axis=1)
            velocities *= self._need_units("velocities").velocity
        return SourceFrame(
            number=number,
            positions=positions,
            wrapped=wrapped and not flagged,
            velocities=velocities,
            species=self._species(lines, columns, values, order, where),
            masses=values.get("mass"),
            ids=ids[order],
            cell=header.cell,
            pbc=header.pbc,
            step=header.step,
            time=header.time,
            fraction=source.fraction,
        )

    @staticmethod
    def _position_columns(
        columns: dict[str, int], where: str
    ) -> tuple[tuple[str, ...], bool, bool]:
        for names, scaled, wrapped in POSITIONS:
            if all(name in columns for name in names):
                return names, scaled, wrapped
        raise FileFormatError(
            f"{where}: no positions; dump x y z, xs ys zs, xu yu zu or xsu ysu zsu"
        )

    def _species(
        self,
        lines: list[str],
        columns: dict[str, int],
        values: dict[str, Array],
        order: NDArray[np.int64],
        where: str,
    ) -> NDArray[np.int64]:
        """Atomic numbers, atoms in the order of their ids."""
        if self._elements is None:
            if "element" not in columns:
                raise FileFormatError(
                    f"{where}: no column element; name the types with --elements, as in "
                    "--elements Al,Cu"
                )
            column = columns["element"]
            words = [line.split()[column] for line in lines]
            return atomic_numbers(words, where)[order]
        if "type" not in columns:
            raise FileFormatError(f"{where}: --elements needs a column type; leave --elements out")
        types = values["type"].astype(np.int64)
        if types.min() < 1 or types.max() > len(self._elements):
            bad = types[(types < 1) | (types > len(self._elements))][0]
            raise FileFormatError(
                f"{where}: type {bad}, but --elements names {len(self._elements)}; name every type"
            )
        return self._elements[types - 1]
