"""How long two trajectories of one start stay together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import mass_vector, positive
from longstride.errors import LongstrideError

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Crossing:
    """When the difference of two trajectories first reaches a distance.

    Attributes:
        threshold: the distance in Å.
        time: when the curve of all starts reaches it, in fs; None if it never does.
        error: standard error of the time in fs, from the spread of the single starts; zero where
            fewer than two reach it.
        reached: single starts that reach it.
    """

    threshold: float
    time: float | None
    error: float
    reached: int


@dataclass(frozen=True, slots=True)
class Horizon:
    """Difference of pairs of trajectories against time.

    Attributes:
        time: (F,) since the start in fs.
        distance: (F,) root mean square distance per atom in Å, over the atoms of all starts.
        error: (F,) its standard error in Å, from the spread of the starts; zero for one start.
        per_start: (S, F) root mean square distance per atom of each start in Å.
        crossings: one for each threshold, in their order.
    """

    time: Array
    distance: Array
    error: Array
    per_start: Array
    crossings: tuple[Crossing, ...]


def displacement_difference(
    positions: ArrayLike,
    reference: ArrayLike,
    interval: float,
    *,
    masses: ArrayLike | None = None,
    thresholds: Sequence[float] = (0.1, 0.5),
) -> Horizon:
    """``δ(t) = sqrt(<|q_i(t) - q'_i(t)|²>)`` of two trajectories that start at the same states.

    Chaos makes it grow as ``exp(λ t)`` from any difference, even of the time step, until the
    trajectories have nothing in common: in a crystal it then fluctuates about
    ``decorrelated_distance``. Source: Allen and Tildesley, Computer Simulation of Liquids (2017),
    sec. 3.6; Frenkel and Smit, Understanding Molecular Simulation (2002), sec. 4.3.4.

    Args:
        positions, reference: (S, F, N, 3), or (F, N, 3) for one start, **unwrapped** positions in
            Å at the same times; the first frame is the start.
        interval: time between frames in fs.
        masses: (N,) masses in amu; if given, the drift of the center of mass is removed from both.
        thresholds: distances in Å to find the first crossing of, interpolated between frames.

    Raises:
        LongstrideError: other shapes, positions that are not finite, or a threshold that is not
            positive.
    """
    one, two = (
        _starts(name, q) for name, q in (("positions", positions), ("reference", reference))
    )
    if one.shape != two.shape:
        raise LongstrideError(
            f"positions have shape {one.shape}, the reference {two.shape}: give the same starts,"
            " frames and atoms"
        )
    step = positive("interval", interval)
    levels = [positive("threshold", level, "Å") for level in thresholds]
    difference = one - two
    if masses is not None:
        weights = mass_vector(masses, one.shape[2])
        drift = np.einsum("i,sfia->sfa", weights / weights.sum(), difference)
        difference = difference - (drift - drift[:, :1])[:, :, None]
    square = np.sum(difference**2, axis=3).mean(axis=2)
    time = step * np.arange(one.shape[1])
    distance = np.sqrt(square.mean(axis=0))
    n_starts = len(square)
    error = np.zeros_like(distance)
    if n_starts > 1:
        # δ is the root of a mean: its error is that of the mean square over 2 δ.
        spread = square.std(axis=0, ddof=1) / np.sqrt(n_starts)
        np.divide(spread, 2.0 * distance, out=error, where=distance > 0.0)
    per_start = np.sqrt(square)
    crossings = tuple(_crossing(time, distance, per_start, level) for level in levels)
    return Horizon(time, distance, error, per_start, crossings)


def decorrelated_distance(mean_square_amplitude: float) -> float:
    """Distance per atom in Å of two crystals that vibrate independently about the same sites,
    ``sqrt(2 <|u|²>)``, from the mean square amplitude in Å².
    """
    return float(np.sqrt(2.0 * positive("the mean square amplitude", mean_square_amplitude, "Å²")))


def _starts(name: str, values: ArrayLike) -> Array:
    q = np.asarray(values, dtype=np.float64)
    q = q[None] if q.ndim == 3 else q
    if q.ndim != 4 or q.shape[3] != 3 or q.shape[1] < 2 or 0 in q.shape:
        raise LongstrideError(
            f"{name} have shape {np.shape(values)}: give (starts, frames, atoms, 3) with at least"
            " two frames"
        )
    if not np.isfinite(q).all():
        start, frame = np.argwhere(~np.isfinite(q).all(axis=(2, 3)))[0]
        raise LongstrideError(
            f"{name} of start {start} are not finite from frame {frame} on: give fewer frames"
        )
    return q


def _crossing(time: Array, distance: Array, per_start: Array, level: float) -> Crossing:
    single = [t for t in (_first(time, curve, level) for curve in per_start) if t is not None]
    error = float(np.std(single, ddof=1) / np.sqrt(len(single))) if len(single) > 1 else 0.0
    return Crossing(level, _first(time, distance, level), error, len(single))


def _first(time: Array, curve: Array, level: float) -> float | None:
    above = np.flatnonzero(curve >= level)
    if not len(above):
        return None
    k = int(above[0])
    if k == 0:
        return float(time[0])
    part = (level - curve[k - 1]) / (curve[k] - curve[k - 1])
    return float(time[k - 1] + part * (time[k] - time[k - 1]))
