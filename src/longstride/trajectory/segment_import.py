"""Making one segment of one source file, every frame checked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from longstride.errors import FileFormatError
from longstride.state import State
from longstride.trajectory.clock import Clock
from longstride.trajectory.frames import SourceFrame, frame_name, standard_masses
from longstride.trajectory.unwrap import Unwrapper
from longstride.trajectory.writer import TrajectoryWriter

Array = NDArray[np.float64]

CELL_TOLERANCE: Final = 1e-6
"""How much a cell may differ between frames, relative to its longest edge: files round it."""

PLAUSIBLE_TEMPERATURES: Final = (0.1, 3e4)
"""K; velocities outside are in other units than thought."""

TEMPERATURE_RATIO: Final = 4.0
"""How far kinetic and stated temperature may be apart: a crystal released at rest halves it."""


@dataclass(frozen=True)
class ImportedSegment:
    """What has been made of one file; interval in fs, temperature in K."""

    name: str
    source: Path
    n_frames: int
    n_atoms: int
    interval: float
    has_velocities: bool
    temperature: float
    temperature_source: str


class SegmentImport:
    """Makes one segment of one file.

    Args:
        path: the file, for messages.
        name: of the segment.
        timestep: MD time step in fs, for files with step counts.
        interval: time between frames in fs, for files without times.
        temperature: target temperature in K; None takes the mean kinetic one.
        ensemble: for the metadata; None does not say.
    """

    def __init__(
        self,
        path: Path,
        name: str,
        timestep: float | None = None,
        interval: float | None = None,
        temperature: float | None = None,
        ensemble: str | None = None,
    ) -> None:
        self._path = path
        self._name = name
        self._timestep = timestep
        self._interval = interval
        self._given = temperature
        self._metadata: dict[str, Any] = {"run": name, "source": path.name}
        if ensemble is not None:
            self._metadata["ensemble"] = ensemble

    def run(
        self, frames: Iterator[SourceFrame], writer: TrajectoryWriter, show: Callable[[float], None]
    ) -> ImportedSegment:
        """Read all frames and append them.

        Args:
            frames: of the file, in order.
            writer: of the output.
            show: called with the fraction of the file that is read.

        Raises:
            FileFormatError: the frames make no even, fixed-cell trajectory of the same atoms.
        """
        first, second = next(frames, None), next(frames, None)
        if first is None or second is None:
            raise FileFormatError(
                f"{self._path}: {'no frames' if first is None else 'a single frame'}, which make "
                "no trajectory; give a file with all of them (cat joins dumps of one frame)"
            )
        if first.velocities is None and self._given is None:
            raise FileFormatError(
                f"{self._path}: no velocities to take the temperature from; say --temperature K"
            )
        if first.pbc.any() and abs(np.linalg.det(first.cell)) < 1e-6:
            raise FileFormatError(
                f"{self._path}: frame 0: periodic, but the cell has no volume; give every "
                "direction a length"
            )
        clock = Clock(self._path, first, second, self._timestep, self._interval)
        unwrap = Unwrapper(self._path, first.cell, first.pbc)
        masses = standard_masses(first.species) if first.masses is None else first.masses
        segment = writer.segment(
            self._name,
            species=first.species,
            masses=masses,
            cell=first.cell,
            pbc=first.pbc,
            interval=clock.interval,
            metadata=self._metadata,
        )
        kinetic = 0.0
        for frame in chain((first, second), frames):
            self._check_same(frame, first)
            segment.append(
                time=clock.time_of(frame),
                positions=unwrap(frame),
                velocities=frame.velocities,
                potential_energy=frame.potential_energy,
                stress=frame.stress,
            )
            if frame.velocities is not None:
                kinetic += _kinetic_temperature(frame, frame.velocities, masses)
            show(frame.fraction)
        mean = None if first.velocities is None else kinetic / segment.n_frames
        temperature, origin = self._temperature(mean)
        found = {"temperature": temperature, "temperature_source": origin}
        segment.set_metadata(self._metadata | found)
        return ImportedSegment(
            name=self._name,
            source=self._path,
            n_frames=segment.n_frames,
            n_atoms=len(masses),
            interval=clock.interval,
            has_velocities=first.velocities is not None,
            temperature=temperature,
            temperature_source=origin,
        )

    def _check_same(self, frame: SourceFrame, first: SourceFrame) -> None:
        """Refuse other atoms, another cell, other quantities than in frame 0, and bad numbers."""
        where = frame_name(self._path, frame.number, frame.step)
        if len(frame.species) != len(first.species):
            raise FileFormatError(
                f"{where}: {len(frame.species)} atoms, frame 0 has {len(first.species)}; split the "
                "file where atoms come or go"
            )
        if not np.array_equal(frame.ids, first.ids):
            other = np.flatnonzero(frame.ids != first.ids)[0]
            raise FileFormatError(
                f"{where}: atom {frame.ids[other]} is not in frame 0; dump the same atoms"
            )
        changed = np.flatnonzero(frame.species != first.species)
        if len(changed):
            raise FileFormatError(
                f"{where}: atom {frame.ids[changed[0]]} changes its element; dump with sorted ids, "
                "or split the file there"
            )
        largest = float(np.max(np.abs(frame.cell - first.cell)))
        if largest > CELL_TOLERANCE * float(np.max(np.abs(first.cell), initial=1.0)):
            raise FileFormatError(
                f"{where}: the cell differs from frame 0 by {largest:.2g} Å; only fixed cells are "
                "supported, use a constant-volume run"
            )
        if not np.array_equal(frame.pbc, first.pbc):
            raise FileFormatError(
                f"{where}: other periodic directions than frame 0; split the file"
            )
        for what in ("masses", "velocities", "potential_energy", "stress"):
            now, before = getattr(frame, what), getattr(first, what)
            if (now is None) != (before is None):
                raise FileFormatError(
                    f"{where}: {what.replace('_', ' ')} in some frames only; write all or none"
                )
            if now is not None and not np.isfinite(now).all():
                raise FileFormatError(
                    f"{where}: {what.replace('_', ' ')} not finite; remove the frames from there on"
                )
        bad = np.flatnonzero(~np.isfinite(frame.positions).all(axis=1))
        if len(bad):
            raise FileFormatError(
                f"{where}: atom {frame.ids[bad[0]]} has the position {frame.positions[bad[0]]}; "
                "remove the frames from there on"
            )

    def _temperature(self, kinetic: float | None) -> tuple[float, str]:
        """Temperature of the metadata and where it is from; refuses implausible velocities."""
        low, high = PLAUSIBLE_TEMPERATURES
        way_out = "check --units and the velocities"
        if kinetic is not None and not low < kinetic < high:
            raise FileFormatError(
                f"{self._path}: the velocities make a temperature of {kinetic:.3g} K; {way_out}"
            )
        if self._given is None:
            assert kinetic is not None  # run() has refused the other case
            return kinetic, "mean kinetic"
        ratio = 1.0 if kinetic is None else kinetic / self._given
        if not 1.0 / TEMPERATURE_RATIO < ratio < TEMPERATURE_RATIO:
            raise FileFormatError(
                f"{self._path}: the velocities make {kinetic:.0f} K, --temperature says "
                f"{self._given:g} K; {way_out}"
            )
        return self._given, "given"


def _kinetic_temperature(frame: SourceFrame, velocities: Array, masses: Array) -> float:
    """Kinetic temperature in K, without the motion of the centre of mass."""
    drift = masses @ velocities / masses.sum()
    state = State(
        positions=frame.positions,
        velocities=velocities - drift,
        masses=masses,
        species=frame.species,
        cell=frame.cell,
        pbc=frame.pbc,
    )
    return state.temperature
