"""A surrogate's trajectory beside reference trajectories at the same temperature."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from longstride.errors import LongstrideError
from longstride.trajectory import Segment
from longstride.validation.checks import FAMILIES
from longstride.validation.curves import Curve
from longstride.validation.evidence import (
    Flights,
    FreeRuns,
    Laws,
    Sampled,
    Strides,
    Unavailable,
    temperature_label,
)
from longstride.validation.experiment import Listener
from longstride.validation.results import Check
from longstride.validation.samples import Run
from longstride.validation.snapshots import Snapshot, take_snapshot
from longstride.validation.suite.rollout_evidence import require_same_system
from longstride.validation.thresholds import Thresholds, packaged_thresholds

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The checks, the curves behind them, the last frames, and what was left out."""

    checks: tuple[Check, ...]
    curves: tuple[Curve, ...]
    snapshot: Snapshot | None
    notes: tuple[str, ...]


def compare(
    surrogate: Segment,
    references: Sequence[Segment],
    *,
    temperature: float,
    discard: float = 0.0,
    surrogate_energies: Array | None = None,
    thresholds: Thresholds | None = None,
    listener: Listener | None = None,
) -> Comparison:
    """Compare temperatures and energies, structure and dynamics.

    Args:
        surrogate: the surrogate's trajectory, unwrapped.
        references: one or more independent reference trajectories in the same cell.
        temperature: of the bath in K.
        discard: fs left out at the start of every trajectory.
        surrogate_energies: (F,) reference potential energies of the surrogate's frames in eV, NaN
            where not computed; with them and the references' own, energies are compared too.
        thresholds: what passes; the packaged ones if not given.
        listener: hears of progress.

    Raises:
        LongstrideError: no reference, other atoms or cells, or too few frames.
    """
    if not references:
        raise LongstrideError("a comparison needs at least one reference trajectory")
    for reference in references:
        require_same_system(surrogate, reference)

    def run(segment: Segment, energies: Array | None = None) -> Run:
        return Run(segment, ceil(discard / segment.interval - 1e-9), energies)

    evidence = _Pair(
        Sampled((run(surrogate, surrogate_energies),), tuple(map(run, references)), temperature),
        temperature_label(temperature),
        thresholds or packaged_thresholds(),
        listener or _Silence(),
    )
    # The products are small: more threads of BLAS gain little, and on a busy machine lose a lot.
    with threadpool_limits(1, user_api="blas"):
        findings = [FAMILIES[name](evidence) for name in ("nvt", "structure", "dynamics")]
    return Comparison(
        tuple(check for found in findings for check in found.checks),
        tuple(curve for found in findings for curve in found.curves),
        evidence.snapshot(),
        tuple(note for found in findings for note in found.notes),
    )


class _Silence:
    """A listener that says nothing."""

    @contextmanager
    def part(self, title: str, total: float | None) -> Iterator[Callable[[float], None]]:
        yield lambda done: None

    def reused(self, title: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class _Pair:
    """Evidence of runs at one temperature alone."""

    runs: Sampled
    condition: str
    thresholds: Thresholds
    listener: Listener

    def sampled(self) -> Sampled:
        return self.runs

    def strides(self) -> Strides:
        raise Unavailable("two trajectories predict nothing")

    def flights(self) -> Flights:
        raise Unavailable("runs in a bath are no flights")

    def free(self) -> FreeRuns:
        raise Unavailable("runs in a bath are not free")

    def laws(self) -> Laws:
        raise Unavailable("two trajectories are no map")

    def survival(self) -> tuple[Check, ...]:
        return ()

    def snapshot(self) -> Snapshot | None:
        surrogate, reference = self.runs.surrogate[0], self.runs.references[0]
        return take_snapshot(self.condition, surrogate.segment, reference.segment)
