"""One stride: errors of d and w on frames of the reference, by stage and species.

``d = q(t+s) - q(t) - s v(t)`` and ``w = v(t+s) - v(t)`` are what free flight does not explain. A
relative error is the RMS of the error over the RMS of the target. The noise floor is the same error
of a reference run with another time step, over one stride.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ase.data import chemical_symbols
from numpy.typing import NDArray

from longstride.dynamics import Ensemble
from longstride.errors import LongstrideError, RolloutError
from longstride.state import State
from longstride.trajectory import Segment
from longstride.validation.curves import Curve
from longstride.validation.evidence import Evidence, Findings, Strides
from longstride.validation.results import Check

Array = NDArray[np.floating]

PARITY_POINTS = 1500
"""Components of d and of w kept for the parity plots."""

_UNITS = {"d": "Å", "w": "Å/fs"}


@dataclass(frozen=True, slots=True)
class _Window:
    """Targets and predictions of one stride: d and w, (S, N, 3) each."""

    truth: dict[str, Array]
    predicted: dict[str, Array]
    species: NDArray[np.int64]


def check(evidence: Evidence) -> Findings:
    """Checks at the stride's end and at every stage, for every species; curves of parity."""
    strides = evidence.strides()
    ensemble = Ensemble(strides.propagator)
    times = ensemble.stage_times
    rng = np.random.default_rng(0)
    places = list(_places(strides, times))
    windows: list[_Window] = []
    broke: list[str] = []
    with evidence.listener.part(f"{evidence.condition}: one stride", len(places)) as advance:
        for done, (segment, first) in enumerate(places, start=1):
            try:
                windows.append(_predict(strides, ensemble, segment, first, rng))
            except RolloutError as error:
                broke.append(str(error))
            advance(done)
    checks = _survival(evidence, broke, len(places))
    if not windows:
        return Findings(tuple(checks))
    floors = _floors(strides, times)
    for quantity in ("d", "w"):
        checks += _errors(evidence, quantity, windows, times, floors[quantity])
    curves = [_stage_curve(evidence, quantity, windows, times) for quantity in ("d", "w")]
    curves += [_parity(evidence, quantity, windows) for quantity in ("d", "w")]
    return Findings(tuple(checks), tuple(curves))


def _survival(evidence: Evidence, broke: list[str], count: int) -> list[Check]:
    """The part of the strides that broke down, where some did."""
    if not broke:
        return []
    return [
        evidence.thresholds.judge(
            "onestep.survival",
            evidence.condition,
            len(broke) / count,
            "1",
            0.0,
            detail=f"{len(broke)} of {count} strides broke down: {broke[0]}",
        )
    ]


def _errors(
    evidence: Evidence,
    quantity: str,
    windows: list[_Window],
    times: tuple[float, ...],
    floor: float | None,
) -> list[Check]:
    """Relative error of every stage, RMSE and MAE of the last, and by species if several."""
    judge, condition, unit = evidence.thresholds.judge, evidence.condition, _UNITS[quantity]
    found = []
    for stage in reversed(range(len(times))):
        squares = _squares(quantity, windows, stage)
        value, error = _ratio(*squares)
        last = stage == len(times) - 1
        found.append(
            judge(
                f"onestep.{quantity}.relative_error",
                condition if last else f"{condition}, {times[stage]:g} fs",
                value,
                "1",
                floor if last else None,
                detail=f"{value:.3%} ± {error:.2%} after {times[stage]:g} fs,"
                f" {len(windows)} windows",
            )
        )
    errors = [w.predicted[quantity][-1] - w.truth[quantity][-1] for w in windows]
    size = float(np.sqrt(np.mean([np.mean(w.truth[quantity][-1] ** 2) for w in windows])))
    absolute = None if floor is None else floor * size
    numbers = {
        "rmse": float(np.sqrt(np.mean([np.mean(e**2) for e in errors]))),
        "mae": float(np.mean([np.mean(np.abs(e)) for e in errors])),
    }
    for name, value in numbers.items():
        detail = f"of components; RMS of the target {size:.4g} {unit}"
        found.append(
            judge(f"onestep.{quantity}.{name}", condition, value, unit, absolute, scale=size,
                  detail=detail)
        )  # fmt: skip
    kinds = np.unique(np.concatenate([w.species for w in windows]))
    for kind in kinds if len(kinds) > 1 else ():
        value, error = _ratio(*_squares(quantity, windows, len(times) - 1, int(kind)))
        symbol = chemical_symbols[int(kind)]
        found.append(
            judge(f"onestep.{quantity}.relative_error", f"{condition}, {symbol}", value, "1",
                  None, detail=f"{value:.3%} ± {error:.2%}, atoms of {symbol} alone")
        )  # fmt: skip
    return found


def _squares(
    quantity: str, windows: list[_Window], stage: int, species: int | None = None
) -> tuple[Array, Array]:
    """(W,) mean squares of the error and of the target in each window."""
    error, size = [], []
    for window in windows:
        chosen = slice(None) if species is None else window.species == species
        truth, predicted = (
            v[quantity][stage][chosen] for v in (window.truth, window.predicted)
        )  # fmt: skip
        if len(truth):
            error.append(float(np.mean((predicted - truth) ** 2)))
            size.append(float(np.mean(truth**2)))
    return np.array(error), np.array(size)


def _ratio(error: Array, size: Array) -> tuple[float, float]:
    """Square root of the ratio of the means and its standard error over windows, first order."""
    if not size.mean() > 0.0:
        raise LongstrideError("the reference does not move: one-stride errors have no scale")
    ratio = float(error.mean() / size.mean())
    if len(error) < 2 or ratio == 0.0:
        return float(np.sqrt(ratio)), 0.0
    scatter = float(np.std(error - ratio * size, ddof=1)) / np.sqrt(len(error)) / size.mean()
    return float(np.sqrt(ratio)), float(scatter / (2.0 * np.sqrt(ratio)))


def _places(strides: Strides, times: tuple[float, ...]) -> Iterator[tuple[Segment, int]]:
    """Segments and first frames of windows, evenly spaced over all frames there are."""
    counts = []
    for segment in strides.segments:
        offsets = stage_frames(times, segment)
        lead = offsets[-1] if strides.from_positions else 0
        counts.append(max(0, segment.n_frames - offsets[-1] - lead))
    total = sum(counts)
    if not total:
        longest = max(strides.segments, key=lambda s: s.interval * s.n_frames)
        raise LongstrideError(
            f"{longest.path}: too few frames for one stride of {times[-1]:g} fs; the longest"
            f" segment, '{longest.name}', has {longest.n_frames} frames {longest.interval:g} fs"
            " apart"
        )
    ends = np.cumsum(counts)
    for number in np.unique(np.linspace(0, total - 1, min(total, strides.count)).astype(int)):
        index = int(np.searchsorted(ends, number, side="right"))
        segment = strides.segments[index]
        lead = stage_frames(times, segment)[-1] if strides.from_positions else 0
        yield segment, int(number - (ends[index] - counts[index])) + lead


def stage_frames(times: tuple[float, ...], segment: Segment) -> tuple[int, ...]:
    """Stage times in frames of a segment.

    Raises:
        LongstrideError: a stage time lies between frames.
    """
    offsets = tuple(round(time / segment.interval) for time in times)
    for time, offset in zip(times, offsets, strict=True):
        if offset < 1 or abs(offset * segment.interval - time) > 1e-6 * segment.interval:
            raise LongstrideError(
                f"{segment.path}: segment '{segment.name}' has frames every"
                f" {segment.interval:g} fs, so none at the model's stage time of {time:g} fs:"
                " record frames more often"
            )
    return offsets


def _predict(
    strides: Strides, ensemble: Ensemble, segment: Segment, first: int, rng: np.random.Generator
) -> _Window:
    offsets = np.array(stage_frames(ensemble.stage_times, segment))
    times = np.array(ensemble.stage_times)[:, None, None]
    stride = int(offsets[-1])
    frames = segment.positions(slice(first, first + stride + 1))
    moved = frames[offsets] - frames[0]
    if strides.from_positions:
        before = segment.positions(slice(first - stride, first + 1))
        start_velocity = (frames[0] - before[0]) / ensemble.stride
        earlier = np.concatenate([before[:-1], frames])[offsets]
        velocity = (frames[offsets] - earlier) / ensemble.stride
    else:
        velocities = segment.velocities(slice(first, first + stride + 1))
        start_velocity, velocity = velocities[0], velocities[offsets]
    if not (np.isfinite(moved).all() and np.isfinite(velocity).all()):
        raise LongstrideError(
            f"{segment.path}: segment '{segment.name}' holds a non-finite number in frames"
            f" {first} to {first + stride}"
        )
    start = strides.adopt(
        State(frames[0], start_velocity, segment.masses, segment.species, segment.cell, segment.pbc)
    )
    stages = ensemble.stages(start, rng)
    free = times * start_velocity
    return _Window(
        truth={"d": moved - free, "w": velocity - start_velocity},
        predicted={
            "d": np.array([s.positions for s in stages]) - frames[0] - free,
            "w": np.array([s.velocities for s in stages]) - start_velocity,
        },
        species=segment.species,
    )


def _floors(strides: Strides, times: tuple[float, ...]) -> dict[str, float | None]:
    """Relative errors of the reference with another time step; None where there is none."""
    if not strides.twins:
        return {"d": None, "w": None}
    sums = np.zeros((2, 2))
    for one, other in zip(strides.segments, strides.twins, strict=True):
        end, twin_end = (stage_frames(times[-1:], segment)[0] for segment in (one, other))
        start = one.state(0)
        truth = one.state(end)
        twin = other.state(twin_end)
        d = truth.positions - start.positions - times[-1] * start.velocities
        w = truth.velocities - start.velocities
        sums[0] += np.mean((twin.positions - truth.positions) ** 2), np.mean(d**2)
        sums[1] += np.mean((twin.velocities - truth.velocities) ** 2), np.mean(w**2)
    return {name: float(np.sqrt(row[0] / row[1])) for name, row in zip("dw", sums, strict=True)}


def _stage_curve(
    evidence: Evidence, quantity: str, windows: list[_Window], times: tuple[float, ...]
) -> Curve:
    """Relative error against the stage time; the reference is zero."""
    found = np.array([_ratio(*_squares(quantity, windows, k)) for k in range(len(times))])
    nothing = np.zeros((1, len(times)))
    return Curve(
        f"stage_error_{quantity}[{evidence.condition}]",
        np.array(times),
        found[:, 0],
        found[:, 1],
        nothing,
        nothing,
    )


def _parity(evidence: Evidence, quantity: str, windows: list[_Window]) -> Curve:
    """Predicted against true components at the stride's end, a random selection, sorted."""
    truth = np.concatenate([w.truth[quantity][-1].ravel() for w in windows])
    predicted = np.concatenate([w.predicted[quantity][-1].ravel() for w in windows])
    rng = np.random.default_rng(0)
    chosen = rng.choice(len(truth), min(PARITY_POINTS, len(truth)), replace=False)
    chosen = chosen[np.argsort(truth[chosen])]
    x, nothing = truth[chosen], np.zeros(len(chosen))
    return Curve(
        f"parity_{quantity}[{evidence.condition}]",
        x,
        predicted[chosen],
        nothing,
        x[None],
        nothing[None],
    )
