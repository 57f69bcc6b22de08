"""How much averages over the reference's blocks differ by chance.

The noise floor of a check is the same statistic between two sets of reference blocks, as many in
one as the surrogate has and as many in the other as the reference has, drawn with replacement
(bootstrap); its root mean square, so that for a single number it is one standard deviation.
Blocks may be correlated through slow motion, which the bootstrap does not see: where there are
several reference runs, their distance from each other is a lower bound of the floor.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 8.
"""

from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from longstride.errors import LongstrideError

Array = NDArray[np.floating]

Distance = Callable[[Array, Array], float]
"""A statistic of two averaged curves, or numbers, (B,) each."""

DRAWS = 200
"""Pairs of sets drawn: the floor is known to 5 %."""


def noise_floor(
    references: Sequence[Array], n_surrogate: int, distance: Distance, seed: int = 0
) -> float:
    """The floor of a statistic.

    Args:
        references: for each reference run the values of its blocks, (b, B).
        n_surrogate: blocks the surrogate's average is over.
        distance: the statistic.
        seed: of the draws.

    Raises:
        LongstrideError: fewer than two blocks.
    """
    pool = np.concatenate(references)
    n = len(pool)
    if n < 2:
        raise LongstrideError("a noise floor needs two blocks of the reference: run it longer")
    rng = np.random.default_rng(seed)
    squares = []
    for _ in range(DRAWS):
        one = pool[rng.integers(n, size=n_surrogate)].mean(axis=0)
        other = pool[rng.integers(n, size=n)].mean(axis=0)
        squares.append(distance(one, other) ** 2)
    # Drawing with replacement from n values misses a part 1/n of their variance.
    drawn = sqrt(float(np.mean(squares)) * n / (n - 1))
    return max(drawn, _between_runs(references, n_surrogate, distance))


def _between_runs(references: Sequence[Array], n_surrogate: int, distance: Distance) -> float:
    """RMS of the statistic between each run and the others, scaled to the sizes in question."""
    if len(references) < 2:
        return 0.0
    total = sum(len(blocks) for blocks in references)
    wanted = 1.0 / n_surrogate + 1.0 / total
    squares = []
    for index, blocks in enumerate(references):
        others = np.concatenate([b for k, b in enumerate(references) if k != index])
        found = distance(blocks.mean(axis=0), others.mean(axis=0)) ** 2
        squares.append(found * wanted / (1.0 / len(blocks) + 1.0 / len(others)))
    return sqrt(float(np.mean(squares)))
