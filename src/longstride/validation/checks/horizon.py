"""Horizon: how the displacement error grows, beside two reference runs with other time steps.

No method follows an individual trajectory of a chaotic system for long: the distance of two
reference runs whose time steps differ is the bound. It ends at the decorrelated limit, the distance
of unrelated states of the same crystal, sqrt(2 <|u|²>).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import (
    Crossing,
    Horizon,
    decorrelated_distance,
    displacement_difference,
    mean_square_amplitude,
)
from longstride.trajectory import Segment
from longstride.units import PS
from longstride.validation.curves import Curve
from longstride.validation.evidence import Evidence, Findings
from longstride.validation.results import Check
from longstride.validation.samples import common_interval

Array = NDArray[np.floating]

CROSSINGS = {"tenth": 0.1, "half": 0.5}
"""Errors in Å whose first time is judged, by the name in the check."""


def check(evidence: Evidence) -> Findings:
    """Times of the crossings and the growth of the error."""
    flights = evidence.flights()
    own = _growth(flights.references, [run.segment for run in flights.surrogate])
    bound = _growth(flights.references, flights.twins) if flights.twins else None
    limit = _decorrelated(flights.references)
    checks = tuple(
        _crossing(evidence, name, index, own, bound, limit) for index, name in enumerate(CROSSINGS)
    )
    return Findings(checks, _curves(evidence, own, bound, limit))


def _growth(references: Sequence[Segment], others: Sequence[Segment]) -> Horizon:
    """Errors up to the end of the shortest trajectory."""
    interval = common_interval([*references, *others])
    length = min(s.interval * (s.n_frames - 1) for s in (*references, *others))
    # A rollout that broke down at once still has its start and one stride that is not there.
    count = max(2, int(length / interval + 1e-6) + 1)
    return displacement_difference(
        [_frames(segment, interval, count) for segment in others],
        [_frames(segment, interval, count) for segment in references],
        interval,
        masses=references[0].masses,
        thresholds=tuple(CROSSINGS.values()),
    )


def _frames(segment: Segment, interval: float, count: int) -> Array:
    every = round(interval / segment.interval)
    found = segment.positions(slice(0, (count - 1) * every + 1, every))
    return found if len(found) == count else np.repeat(found[-1:], count, axis=0)


def _decorrelated(references: Sequence[Segment]) -> float:
    squares = [mean_square_amplitude(s.positions(), s.masses).value for s in references]
    return decorrelated_distance(float(np.mean(squares)))


def _crossing(
    evidence: Evidence,
    name: str,
    index: int,
    own: Horizon,
    bound: Horizon | None,
    limit: float,
) -> Check:
    """One over the time to a distance in 1/ps: zero where it is never reached."""
    reached = own.crossings[index]
    known = None if bound is None else bound.crossings[index]
    words = f"{CROSSINGS[name]:g} Å {_when(reached, own)}, {len(own.per_start)} starts"
    if known is not None and bound is not None:
        words += f"; reference with another time step {_when(known, bound)}"
    words += f"; decorrelated at {limit:.2f} Å"
    return evidence.thresholds.judge(
        f"horizon.{name}_angstrom",
        evidence.condition,
        _rate(reached),
        "1/ps",
        None if known is None else _rate(known),
        detail=words,
    )


def _rate(crossing: Crossing) -> float:
    return 0.0 if crossing.time is None else PS / max(crossing.time, 1.0)


def _when(crossing: Crossing, growth: Horizon) -> str:
    if crossing.time is None:
        return f"not within {growth.time[-1] / PS:.3g} ps"
    return f"after {crossing.time / PS:.3g} ± {crossing.error / PS:.1g} ps"


def _curves(
    evidence: Evidence, own: Horizon, bound: Horizon | None, limit: float
) -> tuple[Curve, ...]:
    """The error over time beside the bound, and the decorrelated limit."""
    grid = own.time
    lines, errors = np.zeros((0, len(grid))), np.zeros((0, len(grid)))
    if bound is not None:
        lines = np.interp(grid, bound.time, bound.distance)[None]
        errors = np.interp(grid, bound.time, bound.error)[None]
    flat = np.full(len(grid), limit)
    nothing = np.zeros(len(grid))
    return (
        Curve(f"horizon[{evidence.condition}]", grid, own.distance, own.error, lines, errors),
        Curve(
            f"horizon_limit[{evidence.condition}]", grid, flat, nothing, flat[None], nothing[None]
        ),
    )
