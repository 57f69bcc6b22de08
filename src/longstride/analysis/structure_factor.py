"""Static structure factor on the wavevectors of the cell."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import frames, positive
from longstride.analysis.rdf import largest_radius
from longstride.analysis.statistics import block_averages
from longstride.errors import LongstrideError

Array = NDArray[np.float64]
Phase = NDArray[np.complex128]

_CHUNK: Final = 2048
"""Atoms summed at a time: bounds the memory of the phases."""

_MOST: Final = 4_000_000
"""Wavevectors beyond which the sums would take hours."""


@dataclass(frozen=True, slots=True)
class StructureFactor:
    """A static structure factor.

    Attributes:
        k: (B,) mean length of the wavevectors of each bin in 1/Å; empty bins are left out.
        value: (B,) S(k), mean over the bin's wavevectors; one for an ideal gas.
        error: (B,) standard error of S(k) from blocks of time; zero for a single frame.
        counts: (B,) wavevectors in each bin, one of each pair ±k.
        vectors: (K, 3) every wavevector in 1/Å.
        per_vector: (K,) its S, mean over the frames; in a crystal the Bragg peaks are of order N.
    """

    k: Array
    value: Array
    error: Array
    counts: NDArray[np.int64]
    vectors: Array
    per_vector: Array


def static_structure_factor(
    positions: ArrayLike,
    cell: ArrayLike,
    *,
    k_max: float = 8.0,
    bin_width: float = 0.1,
    n_blocks: int = 5,
) -> StructureFactor:
    """``S(k) = <|Σ_i e^{-ik·q_i}|²> / N`` on every wavevector of the cell up to ``k_max``.

    The phase of ``k = 2π h cell^-T`` with integer h is a product of powers of the phases of the
    three reciprocal vectors, so the sums over atoms are matrix products: the time grows with
    ``N V k_max³``. Source: Allen and Tildesley, Computer Simulation of Liquids (2017), sec. 2.6.

    Args:
        positions: (F, N, 3) positions in Å, wrapped or not.
        cell: (3, 3) cell vectors as rows in Å, fixed and fully periodic.
        k_max: length of the longest wavevector in 1/Å.
        bin_width: width of a bin of |k| in 1/Å.
        n_blocks: blocks of time behind the error.

    Raises:
        LongstrideError: no wavevector below ``k_max``, or more than four million.
    """
    q = frames("positions", positions)
    box = np.asarray(cell, dtype=np.float64)
    largest_radius(box)
    limit, width = positive("k_max", k_max, "1/Å"), positive("bin_width", bin_width, "1/Å")
    # |h_a| = |k·cell_a| / 2π is at most k_max |cell_a| / 2π.
    reach = np.floor(limit * np.linalg.norm(box, axis=1) / (2.0 * np.pi)).astype(int)
    shape = (int(reach[0]) + 1, 2 * int(reach[1]) + 1, 2 * int(reach[2]) + 1)
    if int(np.prod(shape)) > _MOST:
        raise LongstrideError(
            f"the cell has {int(np.prod(shape))} wavevectors in reach of {limit:g} 1/Å: lower k_max"
        )
    vectors, half = _grid(box, reach, limit)
    if not half.any():
        raise LongstrideError(
            f"the cell has no wavevector below {limit:g} 1/Å: raise k_max or use a larger cell"
        )
    length = np.linalg.norm(vectors[half], axis=1)
    bins = (length / width).astype(int)
    members = np.bincount(bins)
    filled = members > 0
    per_vector = np.zeros(len(length))
    curves = np.empty((len(q), int(filled.sum())))
    inverse = np.linalg.inv(box)
    for n, points in enumerate(q):
        power = _power(points @ inverse, reach)[half]
        per_vector += power / len(q)
        curves[n] = (np.bincount(bins, power) / np.maximum(members, 1))[filled]
    blocks = block_averages(curves, min(n_blocks, len(q)))
    error = (
        blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks))
        if len(blocks) > 1
        else np.zeros(curves.shape[1])
    )
    k = (np.bincount(bins, length) / np.maximum(members, 1))[filled]
    counts = members[filled].astype(np.int64)
    return StructureFactor(k, curves.mean(axis=0), error, counts, vectors[half], per_vector)


def _grid(box: Array, reach: NDArray[np.int64], limit: float) -> tuple[Array, NDArray[np.bool_]]:
    """All wavevectors with h_0 >= 0, and which of them count: one of each pair ±k."""
    first, second, third = (int(n) for n in reach)
    grid = np.meshgrid(
        np.arange(first + 1),
        np.arange(-second, second + 1),
        np.arange(-third, third + 1),
        indexing="ij",
    )
    h = np.stack(grid, axis=-1).reshape(-1, 3)
    vectors = h @ (2.0 * np.pi * np.linalg.inv(box).T)
    half = (
        (h[:, 0] > 0)
        | ((h[:, 0] == 0) & (h[:, 1] > 0))
        | ((h[:, 0] == 0) & (h[:, 1] == 0) & (h[:, 2] > 0))
    )
    return vectors, half & (np.linalg.norm(vectors, axis=1) <= limit)


def _power(fractional: Array, reach: NDArray[np.int64]) -> Array:
    """(K,) |Σ_i e^{-2πi h·s_i}|² / N on the whole grid of h, in the order of ``_grid``."""
    first, second, third = (int(n) for n in reach)
    total: Phase = np.zeros((first + 1, 2 * second + 1, 2 * third + 1), dtype=np.complex128)
    for start in range(0, len(fractional), _CHUNK):
        part = fractional[start : start + _CHUNK]
        one, two, three = (
            np.exp(-2j * np.pi * np.outer(part[:, a], np.arange(low, high + 1)))
            for a, (low, high) in enumerate([(0, first), (-second, second), (-third, third)])
        )
        for h in range(first + 1):
            total[h] += (one[:, h, None] * two).T @ three
    return np.asarray(np.abs(total.ravel()) ** 2 / len(fractional), dtype=np.float64)
