"""Evidence on a finished trajectory of any program, beside reference trajectories of a file."""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from longstride.errors import LongstrideError
from longstride.trajectory import Segment
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
from longstride.validation.samples import Run, common_interval
from longstride.validation.snapshots import Snapshot, take_snapshot
from longstride.validation.suite.file_reference import discarded_frames
from longstride.validation.suite.settings import SuiteSettings
from longstride.validation.thresholds import Thresholds

MASS_TOLERANCE = 1e-3
"""Relative difference from which on a mass is another mass."""

CELL_TOLERANCE = 1e-4
"""Difference of cell vectors, in parts of the cell, from which on it is another density."""

SAME_START = 1e-3
"""RMS distance in Å below which two trajectories start from one phase point."""


class RolloutEvidence:
    """A finished rollout and its reference at one temperature.

    Args:
        temperature: K.
        surrogate, references: segments at this temperature, of the same atoms.
        settings: what is left out at the start.
        thresholds: what passes.
        listener: hears of progress.

    Raises:
        LongstrideError: species, masses, cell or stride do not match.
    """

    def __init__(
        self,
        temperature: float,
        surrogate: Sequence[Segment],
        references: Sequence[Segment],
        settings: SuiteSettings,
        thresholds: Thresholds,
        listener: Listener,
    ) -> None:
        for segment in (*surrogate, *references[1:]):
            require_same_system(segment, references[0])
        common_interval([*surrogate, *references])
        self.temperature = temperature
        self.condition = temperature_label(temperature)
        self.thresholds, self.listener = thresholds, listener
        self._surrogate, self._references = tuple(surrogate), tuple(references)
        self._settings = settings
        self.sampled = cache(self._sampled)

    def strides(self) -> Strides:
        """A finished trajectory predicts nothing."""
        raise Unavailable("onestep needs a model: give --model")

    def flights(self) -> Flights:
        """Pairs that start from the same phase point."""
        pairs = [
            (own, known)
            for own, known in zip(self._surrogate, self._references, strict=False)
            if _same_start(own, known)
        ]
        if not pairs:
            raise Unavailable(
                f"horizon needs trajectories from one phase point, {self._surrogate[0].path} and"
                f" {self._references[0].path} start apart"
            )
        return Flights(tuple(k for _, k in pairs), (), tuple(Run(own) for own, _ in pairs))

    def free(self) -> FreeRuns:
        """The first segments, where the rollout says that it had no bath."""
        own = self._surrogate[0]
        if own.metadata.get("ensemble") != "nve" or not own.has_velocities:
            raise Unavailable(
                f"nve needs a rollout at constant energy that says so, {own.path} does not"
            )
        known = self._references[0]
        return FreeRuns(Run(own), Run(known) if known.has_velocities else None)

    def laws(self) -> Laws:
        """Laws are tested on a running map."""
        raise Unavailable("laws need a model: give --model")

    def survival(self) -> tuple[Check, ...]:
        """How long it should have been is not known."""
        return ()

    def snapshot(self) -> Snapshot | None:
        """Last frames."""
        return take_snapshot(self.condition, self._surrogate[0], self._references[0])

    def _sampled(self) -> Sampled:
        own, known = (
            tuple(Run(s, discarded_frames(s, self._settings.discard)) for s in _longest(segments))
            for segments in (self._surrogate, self._references)
        )
        return Sampled(own, known, None)


def _longest(segments: Sequence[Segment]) -> list[Segment]:
    """Those at least half as long as the longest: a short one would shorten all blocks."""
    lengths = [segment.interval * segment.n_frames for segment in segments]
    return [s for s, length in zip(segments, lengths, strict=True) if 2 * length >= max(lengths)]


def require_same_system(rollout: Segment, reference: Segment) -> None:
    """Refuse to compare other atoms or another density.

    Raises:
        LongstrideError: naming what differs.
    """
    where = f"{rollout.path} and {reference.path}"
    if rollout.n_atoms != reference.n_atoms:
        raise LongstrideError(
            f"{where} have {rollout.n_atoms} and {reference.n_atoms} atoms: compare the same system"
        )
    if not np.array_equal(rollout.species, reference.species):
        raise LongstrideError(f"{where} hold different species: compare the same system")
    if not np.allclose(rollout.masses, reference.masses, rtol=MASS_TOLERANCE, atol=0.0):
        raise LongstrideError(f"{where} have different masses: compare the same system")
    if not np.array_equal(rollout.pbc, reference.pbc):
        raise LongstrideError(f"{where} are periodic in different directions")
    size = max(float(np.abs(reference.cell).max()), 1e-12)
    if np.abs(rollout.cell - reference.cell).max() > CELL_TOLERANCE * size:
        raise LongstrideError(f"{where} have different cells: compare at the same density")


def pair_up(
    rollout: Mapping[float, tuple[Segment, ...]], reference: Mapping[float, tuple[Segment, ...]]
) -> list[tuple[float, tuple[Segment, ...], tuple[Segment, ...]]]:
    """Segments of one temperature together; single groups go together where neither is stated.

    Raises:
        LongstrideError: a rollout's temperature has no reference.
    """
    own, known = list(rollout.items()), list(reference.items())
    if len(own) == len(known) == 1 and not _both_stated(own[0][1], known[0][1]):
        return [(known[0][0], own[0][1], known[0][1])]
    pairs = []
    for temperature, segments in own:
        near = [group for other, group in known if abs(other - temperature) < 0.5]
        if not near:
            raise LongstrideError(
                f"{segments[0].path} is at {temperature:g} K, {known[0][1][0].path} at"
                f" {', '.join(f'{t:g}' for t, _ in known)} K: give a reference at its temperature"
            )
        pairs.append((temperature, segments, near[0]))
    return pairs


def _both_stated(own: tuple[Segment, ...], known: tuple[Segment, ...]) -> bool:
    return all("temperature" in s.metadata for s in (own[0], known[0]))


def _same_start(own: Segment, known: Segment) -> bool:
    distance = own.positions(0) - known.positions(0)
    return bool(np.sqrt(np.mean(np.sum(distance**2, axis=1))) < SAME_START)
