"""Reference trajectories taken from a file, with no engine at hand."""

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.errors import ConfigError
from longstride.state import State
from longstride.trajectory import Segment, TrajectoryFile
from longstride.units import PS
from longstride.validation.evidence import Unavailable
from longstride.validation.samples import Run
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.suite.timeline import Timeline

Array = NDArray[np.float64]

FEWEST_STRIDES = 5
"""Strides of a segment that serves for the horizon."""

LONG_ENOUGH = 2.0 * PS
"""Shortest segment in fs that statistics are made of."""


class FileReference:
    """Trajectories of a file, with no engine at hand.

    Args:
        groups: segments by temperature.
        settings: how much of them is used.
        timeline: intervals of the surrogate's frames.
    """

    def __init__(
        self,
        groups: dict[float, tuple[Segment, ...]],
        settings: SuiteSettings,
        timeline: Timeline,
    ) -> None:
        self._groups, self._settings, self._times = groups, settings, timeline

    @property
    def engine(self) -> dict[str, Any]:
        """None at hand."""
        return {}

    def windows(self, temperature: float) -> tuple[Segment, ...]:
        """All segments."""
        return self._groups[temperature]

    def window_twins(self, temperature: float) -> tuple[Segment, ...]:
        """None: they take an engine."""
        return ()

    def flights(self, temperature: float) -> tuple[Segment, ...]:
        """The segments long enough, evenly taken."""
        shortest = FEWEST_STRIDES * self._times.stride
        enough = [
            s
            for s in self._groups[temperature]
            if s.has_velocities and s.interval * (s.n_frames - 1) >= shortest * (1 - 1e-9)
        ]
        if not enough:
            raise Unavailable(
                f"{self._where(temperature)} no segment of {shortest:g} fs with velocities:"
                " the horizon needs some"
            )
        count = min(len(enough), self._settings.flights)
        chosen = np.linspace(0, len(enough) - 1, count).astype(int)
        return tuple(enough[int(index)] for index in chosen)

    def twins(self, temperature: float) -> tuple[Segment, ...]:
        """None: they take an engine."""
        return ()

    def control(self, temperature: float) -> Run:
        """The longest segment, if it is long enough to show a drift."""
        longest = max(self._groups[temperature], key=lambda s: s.interval * s.n_frames)
        if not longest.has_velocities or longest.interval * longest.n_frames < LONG_ENOUGH:
            raise Unavailable(
                f"{self._where(temperature)} no segment of {LONG_ENOUGH / PS:g} ps with velocities:"
                " nve needs one"
            )
        return Run(longest)

    def runs(self, temperature: float) -> tuple[Run, ...]:
        """The segments long enough for statistics."""
        enough = [
            s
            for s in self._groups[temperature]
            if s.has_velocities and s.interval * s.n_frames >= LONG_ENOUGH
        ]
        if not enough:
            raise Unavailable(
                f"{self._where(temperature)} no segment of {LONG_ENOUGH / PS:g} ps with velocities:"
                " nvt, structure and dynamics need one"
            )
        chosen = enough[: max(self._settings.references, self._settings.runs)]
        return tuple(Run(s, discarded_frames(s, self._settings.discard)) for s in chosen)

    def starts(self, temperature: float) -> tuple[State, ...]:
        """First frames with velocities."""
        able = [s for s in self._groups[temperature] if s.has_velocities]
        if not able:
            raise Unavailable(f"{self._where(temperature)} no velocities: laws need a phase point")
        return tuple(s.state(0) for s in able[: self._settings.law_starts])

    def energies(self, states: Sequence[State]) -> Array:
        """They take an engine."""
        raise Unavailable("potential energies need the reference's engine")

    def there_and_back(self, state: State, time: float) -> Array:
        """It takes an engine."""
        raise Unavailable("the way back needs the reference's engine")

    def _where(self, temperature: float) -> str:
        return f"{self._groups[temperature][0].path}: has at {temperature:g} K"


def discarded_frames(segment: Segment, discard: float) -> int:
    """Frames left out at the start: ``discard`` fs, but at most a fifth of the segment."""
    return min(ceil(discard / segment.interval - 1e-9), segment.n_frames // 5)


def by_temperature(
    file: TrajectoryFile, wanted: Sequence[float] = ()
) -> dict[float, tuple[Segment, ...]]:
    """Segments by the temperature they state, or else by their mean kinetic temperature.

    Args:
        file: with at least one segment.
        wanted: temperatures in K to choose; none chooses all.

    Raises:
        ConfigError: the file has nothing at a wanted temperature, or no segment at all.
    """
    groups: dict[float, list[Segment]] = {}
    unstated: list[Segment] = []
    for segment in file:
        stated = segment.metadata.get("temperature")
        if isinstance(stated, int | float) and stated > 0:
            groups.setdefault(float(stated), []).append(segment)
        else:
            unstated.append(segment)
    if unstated:
        groups.setdefault(_measured(unstated), []).extend(unstated)
    if not groups:
        raise ConfigError(f"{file.path}: has no segments")
    found = dict(sorted(groups.items()))
    for temperature in wanted:
        if not any(abs(temperature - known) < 0.5 for known in found):
            raise ConfigError(
                f"{file.path}: no segment at {temperature:g} K; there are"
                f" {', '.join(f'{known:g}' for known in found)} K"
            )
    return {
        known: tuple(segments)
        for known, segments in found.items()
        if not wanted or any(abs(temperature - known) < 0.5 for temperature in wanted)
    }


def _measured(segments: Sequence[Segment]) -> float:
    """Mean kinetic temperature in whole K; of positions alone nothing is known."""
    means = []
    for segment in segments:
        if not segment.has_velocities:
            raise ConfigError(
                f"{segment.path}: segment '{segment.name}' states no temperature and has no"
                " velocities; import it with its temperature"
            )
        frames = np.linspace(0, segment.n_frames - 1, min(50, segment.n_frames)).astype(int)
        means += [segment.state(int(frame)).temperature for frame in np.unique(frames)]
    return float(max(1, round(float(np.mean(means)))))
