"""What the checks judge: trajectories of the surrogate beside those of the reference.

Evidence is made when a check asks for it, by the suite or from finished files.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from longstride.errors import LongstrideError
from longstride.propagator import Propagator
from longstride.state import State
from longstride.trajectory import Segment
from longstride.validation.curves import Curve
from longstride.validation.experiment import Listener
from longstride.validation.results import Check
from longstride.validation.samples import Run
from longstride.validation.snapshots import Snapshot
from longstride.validation.thresholds import Thresholds

Array = NDArray[np.float64]


class Unavailable(LongstrideError):
    """What was given holds no evidence of this kind; says what is missing."""


@dataclass(frozen=True, slots=True)
class Strides:
    """Reference frames to predict one stride on.

    Attributes:
        segments: undisturbed by a bath as far as is known.
        twins: reference trajectories from the first frames of the segments with another time step,
            or none.
        propagator: predicts.
        adopt: gives a state the masses of the propagator.
        from_positions: whether velocities are backward differences over one stride.
        count: windows to predict.
    """

    segments: tuple[Segment, ...]
    twins: tuple[Segment, ...]
    propagator: Propagator
    adopt: Callable[[State], State]
    from_positions: bool
    count: int


@dataclass(frozen=True, slots=True)
class Flights:
    """Trajectories at constant energy from common starts, one after another.

    Attributes:
        references: of the reference.
        twins: of the reference with another time step, or none.
        surrogate: of the surrogate.
    """

    references: tuple[Segment, ...]
    twins: tuple[Segment, ...]
    surrogate: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class FreeRuns:
    """Long trajectories at constant energy from one start.

    Attributes:
        surrogate: with the reference's potential energies where they are known.
        reference: the control, or None.
    """

    surrogate: Run
    reference: Run | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """Runs at constant temperature.

    Attributes:
        surrogate, references: the runs, what is left out at their starts known to them.
        target: temperature of the baths in K, or None.
    """

    surrogate: tuple[Run, ...]
    references: tuple[Run, ...]
    target: float | None


@dataclass(frozen=True, slots=True)
class Laws:
    """A propagator to test the laws on.

    Attributes:
        propagator: the surrogate's map.
        starts: phase points.
        strides: of the reversibility test.
        reference_return: positions after the reference went as far forth and back from a start,
            or None.
    """

    propagator: Propagator
    starts: tuple[State, ...]
    strides: int
    reference_return: Callable[[State], Array] | None


class Evidence(Protocol):
    """What there is at one temperature; each raises Unavailable where there is nothing."""

    @property
    def condition(self) -> str:
        """Text in brackets behind the name of a check, as ``600K``."""

    @property
    def thresholds(self) -> Thresholds:
        """What passes."""

    @property
    def listener(self) -> Listener:
        """Hears of long work."""

    def strides(self) -> Strides:
        """Windows of the reference."""

    def flights(self) -> Flights:
        """From common starts."""

    def free(self) -> FreeRuns:
        """At constant energy."""

    def sampled(self) -> Sampled:
        """At constant temperature."""

    def laws(self) -> Laws:
        """The running map."""

    def survival(self) -> tuple[Check, ...]:
        """Of the rollouts made so far, whether they were completed."""

    def snapshot(self) -> Snapshot | None:
        """Last frames at constant temperature, if they were asked for."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a family of checks found."""

    checks: tuple[Check, ...] = ()
    curves: tuple[Curve, ...] = ()
    notes: tuple[str, ...] = ()


def temperature_label(temperature: float | None) -> str:
    """The condition of checks at a temperature."""
    return "all" if temperature is None else f"{temperature:g}K"
