"""Horizon: how the displacement error grows, beside two reference runs with other time steps.

No method follows an individual trajectory of a chaotic system for long: the distance of two
reference runs whose time steps differ is the bound. It ends at the decorrelated limit, the distance
of unrelated states of the same crystal, sqrt(2 <|u|²>).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.trajectory import Segment
from longstride.units import PS
from longstride.validation.curves import Curve
from longstride.validation.evidence import Evidence, Findings, Flights
from longstride.validation.results import Check
from longstride.validation.samples import common_interval

Array = NDArray[np.floating]

CROSSINGS = {"tenth": 0.1, "half": 0.5}
"""Errors in Å whose first time is judged, by the name in the check."""


@dataclass(frozen=True, slots=True)
class Growth:
    """RMS distance of pairs of trajectories from common starts.

    Attributes:
        time: (F,) fs.
        rms: (F,) over pairs and atoms, Å.
        error: (F,) standard error over pairs.
        limit: decorrelated limit in Å.
    """

    time: Array
    rms: Array
    error: Array
    limit: float

    def crossing(self, distance: float) -> float | None:
        """First time in fs at which the RMS reaches ``distance``; None if it does not."""
        above = np.flatnonzero(self.rms >= distance)
        if not len(above):
            return None
        k = int(above[0])
        if k == 0:
            return float(self.time[0])
        low, high = self.rms[k - 1], self.rms[k]
        share = (distance - low) / (high - low)
        return float(self.time[k - 1] + share * (self.time[k] - self.time[k - 1]))


def check(evidence: Evidence) -> Findings:
    """Times of the crossings and the growth of the error."""
    flights = evidence.flights()
    own = _growth(flights.references, [run.segment for run in flights.surrogate])
    bound = _growth(flights.references, flights.twins) if flights.twins else None
    checks = [_crossing(evidence, name, own, bound, flights) for name in CROSSINGS]
    return Findings(tuple(checks), _curves(evidence, own, bound))


def _growth(references: Sequence[Segment], others: Sequence[Segment]) -> Growth:
    """Errors up to the shortest pair's end."""
    interval = common_interval([*references, *others])
    pairs = list(zip(references, others, strict=True))
    length = min(s.interval * (s.n_frames - 1) for pair in pairs for s in pair)
    count = int(length / interval + 1e-6) + 1
    squares, limits = [], []
    for one, other in pairs:
        q, p = (_frames(segment, interval, count) for segment in (one, other))
        squares.append(np.mean(np.sum((q - p) ** 2, axis=2), axis=1))
        limits.append(float(np.mean(np.sum((q - q.mean(axis=0)) ** 2, axis=2))))
    found = np.array(squares)
    rms = np.sqrt(found.mean(axis=0))
    error = np.zeros(count)
    if len(pairs) > 1:
        scatter = found.std(axis=0, ddof=1) / np.sqrt(len(pairs))
        error = scatter / (2.0 * np.maximum(rms, 1e-12))
    return Growth(interval * np.arange(count), rms, error, float(np.sqrt(2.0 * np.mean(limits))))


def _frames(segment: Segment, interval: float, count: int) -> Array:
    every = round(interval / segment.interval)
    return segment.positions(slice(0, (count - 1) * every + 1, every))


def _crossing(
    evidence: Evidence, name: str, own: Growth, bound: Growth | None, flights: Flights
) -> Check:
    """One over the time to a distance in 1/ps: zero where it is never reached."""
    distance = CROSSINGS[name]
    reached = own.crossing(distance)
    known = None if bound is None else bound.crossing(distance)
    words = f"{distance:g} Å {_when(reached, own)}, mean of {len(flights.surrogate)} starts"
    if bound is not None:
        words += f"; reference with another time step {_when(known, bound)}"
    words += f"; decorrelated at {own.limit:.2f} Å"
    return evidence.thresholds.judge(
        f"horizon.{name}_angstrom",
        evidence.condition,
        _rate(reached),
        "1/ps",
        None if bound is None else _rate(known),
        detail=words,
    )


def _rate(time: float | None) -> float:
    return 0.0 if time is None else PS / max(time, 1.0)


def _when(time: float | None, growth: Growth) -> str:
    if time is None:
        return f"not within {growth.time[-1] / PS:.3g} ps"
    return f"after {time / PS:.3g} ps"


def _curves(evidence: Evidence, own: Growth, bound: Growth | None) -> tuple[Curve, ...]:
    """The error over time beside the bound, and the decorrelated limit."""
    grid = own.time
    lines, errors = np.zeros((0, len(grid))), np.zeros((0, len(grid)))
    if bound is not None:
        lines = np.interp(grid, bound.time, bound.rms)[None]
        errors = np.interp(grid, bound.time, bound.error)[None]
    limit = np.full(len(grid), own.limit)
    return (
        Curve(f"horizon[{evidence.condition}]", grid, own.rms, own.error, lines, errors),
        Curve(
            f"horizon_limit[{evidence.condition}]",
            grid,
            limit,
            np.zeros_like(limit),
            limit[None],
            np.zeros((1, len(grid))),
        ),
    )
