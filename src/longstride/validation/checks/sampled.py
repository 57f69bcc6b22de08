"""What the families of checks at constant temperature share: blocks, conditions, distances."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import l1_distance
from longstride.validation.evidence import Evidence, Sampled
from longstride.validation.measures import Observed, Observer, SeriesObserver, observe
from longstride.validation.noise import Distance
from longstride.validation.results import Check
from longstride.validation.samples import Blocks, Sample, cut

Array = NDArray[np.floating]

LINDEMANN = 0.2
"""RMS amplitude over the mean distance of atoms above which a crystal has molten."""

FEWEST_FRAMES, MOST_FRAMES, MOST_ATOMS = 2, 10, 5000
"""Frames of a block that enter distributions, and atoms in all of them together."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The runs at one temperature, cut into blocks, and who judges them."""

    evidence: Evidence
    runs: Sampled
    blocks: Blocks

    @classmethod
    def of(cls, evidence: Evidence, block: float | None = None) -> "Bench":
        """Cut the runs, in blocks of a length in fs if it is given and they allow it.

        Raises:
            LongstrideError: there are none, or too few frames.
        """
        runs = evidence.sampled()
        return cls(evidence, runs, cut(runs.surrogate, runs.references, wanted=block))

    @property
    def condition(self) -> str:
        """Text behind the names of checks."""
        return self.evidence.condition

    @property
    def has_velocities(self) -> bool:
        """Whether all runs have them."""
        return all(r.segment.has_velocities for r in (*self.runs.surrogate, *self.runs.references))

    @property
    def is_periodic(self) -> bool:
        """Whether the cell is periodic in all directions."""
        return bool(self.runs.references[0].segment.pbc.all())

    @property
    def has_energies(self) -> bool:
        """Whether potential energies are known of all runs."""
        return all(r.has_energies for r in (*self.runs.surrogate, *self.runs.references))

    def first_block(self) -> Sample:
        """The first block of the reference: what the system is like."""
        return self.blocks.references[0][0].load()

    def observe(
        self,
        title: str,
        profiles: Mapping[str, Observer],
        series: Mapping[str, SeriesObserver] | None = None,
    ) -> Observed:
        """See all blocks, with progress."""
        sides = (self.blocks.surrogate, self.blocks.references)
        total = sum(len(run) for side in sides for run in side)
        with self.evidence.listener.part(f"{self.condition}: {title}", total) as advance:
            return observe(self.blocks, dict(profiles), dict(series or {}), advance)

    def distance(
        self, stem: str, found: Observed, name: str, distance: Distance, detail: str
    ) -> Check:
        """A check of a curve's distance."""
        value, floor = found.profiles[name].distance(distance)
        return self.evidence.thresholds.judge(
            stem, self.condition, value, "1", floor, detail=detail
        )


def relative_l1(x: Array) -> Distance:
    """Relative L1 distance on a grid."""
    return lambda own, known: l1_distance(x, own, known)


def thinned(sample: Sample) -> Array:
    """Some positions of a block, evenly spaced: more would be correlated, or cost too much."""
    frames = max(FEWEST_FRAMES, min(MOST_FRAMES, MOST_ATOMS // sample.n_atoms))
    return sample.positions[:: max(1, len(sample.positions) // frames)]


def is_solid(sample: Sample) -> bool:
    """Whether the atoms stay at their places (Lindemann's criterion)."""
    moved = sample.positions - sample.positions[0]
    moved = moved - np.average(moved, axis=1, weights=sample.masses)[:, None]
    square = float(np.mean(np.sum((moved - moved.mean(axis=0)) ** 2, axis=2)))
    distance = (abs(float(np.linalg.det(sample.cell))) / sample.n_atoms) ** (1.0 / 3.0)
    return bool(np.sqrt(square) < LINDEMANN * distance)
