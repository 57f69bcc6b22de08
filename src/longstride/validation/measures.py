"""Measures of runs at one temperature, and how they become checks and curves.

A curve measure is observed on every block, averaged, and compared by a distance. A number is a
series over frames: its mean is compared, its error knows of the series' correlation and of the
scatter of the blocks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import mean_with_error
from longstride.validation.curves import Curve
from longstride.validation.noise import Distance, noise_floor
from longstride.validation.samples import Block, Blocks, Sample

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Profile:
    """Values on a grid, (B,) each; the grid is the same for all blocks of one system."""

    x: Array
    y: Array


@dataclass(frozen=True, slots=True)
class Observation:
    """A measure on all blocks.

    Attributes:
        x: (B,) grid.
        surrogate, references: for each run the values of its blocks, (b, B).
    """

    x: Array
    surrogate: tuple[Array, ...]
    references: tuple[Array, ...]

    @property
    def own(self) -> Array:
        """(B,) mean over the surrogate's blocks."""
        return np.asarray(np.concatenate(self.surrogate).mean(axis=0))

    @property
    def known(self) -> Array:
        """(B,) mean over the reference's blocks."""
        return np.asarray(np.concatenate(self.references).mean(axis=0))

    def distance(self, distance: Distance) -> tuple[float, float]:
        """The statistic between surrogate and reference, and its noise floor."""
        n_own = sum(len(blocks) for blocks in self.surrogate)
        return distance(self.own, self.known), noise_floor(self.references, n_own, distance)

    def curve(self, name: str) -> Curve:
        """Means with standard errors from the blocks; each reference run is a line of its own."""
        own = np.concatenate(self.surrogate)
        return Curve(
            name,
            self.x,
            own.mean(axis=0),
            standard_error(own),
            np.array([blocks.mean(axis=0) for blocks in self.references]),
            np.array([standard_error(blocks) for blocks in self.references]),
        )


def standard_error(blocks: Array) -> Array:
    """(B,) standard error of the mean of (b, B) blocks; zero for one block."""
    if len(blocks) < 2:
        return np.zeros(blocks.shape[1])
    return np.asarray(blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks)))


@dataclass(frozen=True, slots=True)
class Number:
    """The mean of a series over frames, of the surrogate and of the reference.

    Attributes:
        own, known: the means.
        error: standard error of their difference.
        own_error, known_error: standard errors of the means.
    """

    own: float
    known: float
    error: float
    own_error: float
    known_error: float


def number(surrogate: Sequence[Sequence[Array]], references: Sequence[Sequence[Array]]) -> Number:
    """Compare means of series.

    Args:
        surrogate, references: for each run the series of its blocks, (F,) each.

    The errors of the means come from the statistical inefficiency of each run's series. That of the
    difference is what the reference's fluctuations make of it, for those of a faulty surrogate
    would excuse it: its own error scaled to the length of both, or the scatter of its blocks.
    """
    own, own_error = _mean(surrogate)
    known, known_error = _mean(references)
    n_own, n_known = (sum(len(run) for run in runs) for runs in (surrogate, references))
    error = known_error * np.sqrt(1.0 + n_known / n_own)
    if n_known > 1:
        by_runs = [np.array([[series.mean()] for series in run]) for run in references]
        error = max(error, noise_floor(by_runs, n_own, lambda a, b: float(a[0] - b[0])))
    return Number(own, known, float(error), own_error, known_error)


def _mean(runs: Sequence[Sequence[Array]]) -> tuple[float, float]:
    """Mean over all frames, and its standard error."""
    whole = [np.concatenate(list(blocks)) for blocks in runs]
    weights = np.array([len(series) for series in whole], dtype=float)
    weights /= weights.sum()
    estimates = [mean_with_error(series) for series in whole]
    value = float(weights @ [estimate.value for estimate in estimates])
    return value, float(np.sqrt(np.sum((weights * [e.error for e in estimates]) ** 2)))


Observer = Callable[[Sample], Profile]
"""A curve of one block."""

SeriesObserver = Callable[[Sample], Array]
"""A number for every frame of a block, (F,)."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What several measures saw on all blocks, by name."""

    profiles: dict[str, Observation]
    series: dict[str, tuple[list[list[Array]], list[list[Array]]]]

    def number(self, name: str) -> Number:
        """The means of one series."""
        return number(*self.series[name])


def observe(
    blocks: Blocks,
    profiles: dict[str, Observer],
    series: dict[str, SeriesObserver],
    advance: Callable[[float], None] = lambda done: None,
) -> Observed:
    """See every block once with all measures.

    Args:
        blocks: of the surrogate and of the reference.
        profiles: observers of curves.
        series: observers of numbers for every frame.
        advance: told of the blocks done.
    """
    grids: dict[str, Array] = {}
    done = 0

    def side(runs: tuple[tuple[Block, ...], ...]) -> tuple[
        dict[str, list[list[Array]]], dict[str, list[list[Array]]]
    ]:  # fmt: skip
        nonlocal done
        curves: dict[str, list[list[Array]]] = {name: [] for name in profiles}
        numbers: dict[str, list[list[Array]]] = {name: [] for name in series}
        for run in runs:
            for target in (*curves.values(), *numbers.values()):
                target.append([])
            for block in run:
                sample = block.load()
                for name, observer in profiles.items():
                    profile = observer(sample)
                    grids.setdefault(name, profile.x)
                    curves[name][-1].append(profile.y)
                for name, watcher in series.items():
                    numbers[name][-1].append(watcher(sample))
                done += 1
                advance(done)
        return curves, numbers

    own_curves, own_numbers = side(blocks.surrogate)
    known_curves, known_numbers = side(blocks.references)
    return Observed(
        {
            name: Observation(
                grids[name],
                tuple(np.array(run) for run in own_curves[name]),
                tuple(np.array(run) for run in known_curves[name]),
            )
            for name in profiles
        },
        {name: (own_numbers[name], known_numbers[name]) for name in series},
    )
