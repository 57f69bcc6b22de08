"""How much averages over the reference's blocks differ by chance.

The noise floor of a check is the same statistic between two sets of reference blocks, as many in
one as the surrogate has and as many in the other as the reference has, drawn with replacement
(bootstrap); its root mean square, so that for a single number it is one standard deviation.

Slow motion correlates neighbouring blocks. Blocks are therefore merged two by two and the floor
taken again, as long as a few are left, and the largest counts; and where there are several
reference runs, their distance from each other is a lower bound.

Sources: Efron and Tibshirani, An Introduction to the Bootstrap (1993), ch. 8; for the merging
Flyvbjerg and Petersen, J. Chem. Phys. 91, 461 (1989).
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

FEWEST_MERGED = 4
"""Blocks that have to be left after merging."""


def noise_floor(
    references: Sequence[Array], n_surrogate: int, distance: Distance, seed: int = 0
) -> float:
    """The floor of a statistic.

    Args:
        references: for each reference run the values of its blocks, (b, B), in order of time.
        n_surrogate: blocks the surrogate's average is over.
        distance: the statistic.
        seed: of the draws.

    Raises:
        LongstrideError: fewer than two blocks.
    """
    n_reference = sum(len(blocks) for blocks in references)
    if n_reference < 2:
        raise LongstrideError("a noise floor needs two blocks of the reference: run it longer")
    rng = np.random.default_rng(seed)
    wanted = 1.0 / n_surrogate + 1.0 / n_reference
    merged, size = list(references), 1
    floors = [_between_runs(references, distance, wanted)]
    while True:
        pool = np.concatenate(merged)
        sizes = max(1, n_surrogate // size), len(pool)
        # One merged block is worth ``size`` blocks.
        scale = wanted * size / (1.0 / sizes[0] + 1.0 / sizes[1])
        floors.append(sqrt(scale) * _drawn(pool, sizes, distance, rng))
        size *= 2
        merged = [_in_pairs(blocks) for blocks in merged]
        if sum(len(blocks) for blocks in merged) < FEWEST_MERGED:
            return max(floors)


def _drawn(
    pool: Array, sizes: tuple[int, int], distance: Distance, rng: np.random.Generator
) -> float:
    """RMS of the statistic between averages of two sets of these sizes."""
    n = len(pool)
    squares = []
    for _ in range(DRAWS):
        one, other = (pool[rng.integers(n, size=size)].mean(axis=0) for size in sizes)
        squares.append(distance(one, other) ** 2)
    # Drawing with replacement from n values misses a part 1/n of their variance.
    return sqrt(float(np.mean(squares)) * n / (n - 1))


def _in_pairs(blocks: Array) -> Array:
    """Means of neighbouring blocks; an odd one at the start is left out."""
    even = blocks[len(blocks) % 2 :]
    return np.asarray(even.reshape(-1, 2, *blocks.shape[1:]).mean(axis=1))


def _between_runs(references: Sequence[Array], distance: Distance, wanted: float) -> float:
    """RMS of the statistic between each run and the others, scaled to the sizes in question."""
    if len(references) < 2:
        return 0.0
    squares = []
    for index, blocks in enumerate(references):
        others = np.concatenate([b for k, b in enumerate(references) if k != index])
        found = distance(blocks.mean(axis=0), others.mean(axis=0)) ** 2
        squares.append(found * wanted / (1.0 / len(blocks) + 1.0 / len(others)))
    return sqrt(float(np.mean(squares)))
