"""Pairs of a neighbour list that are inside the cutoff, packed atom by atom."""

import math

import numpy as np

from longstride.kernels.compiler import jit
from longstride.kernels.workspace import padded


@jit
def gather_edges(  # type: ignore[no-untyped-def]
    first, last, positions, offsets, neighbors, shifts, cutoff, count, index, unit, distance
):
    """Fill the rows ``first`` to ``last`` with the neighbours inside ``cutoff``.

    Args:
        first, last: range of atoms.
        positions: (N, 3) float64 in Å.
        offsets: (N + 1,) where each atom's pairs start.
        neighbors: (P,) index of the second atom.
        shifts: (P, 3) lattice translations in Å.
        cutoff: radius in Å.
        count: (N,) number of neighbours, filled.
        index: (N, K) neighbours, filled.
        unit: (N, 3, K) directions, filled.
        distance: (N, K) in Å, filled; rows are zero beyond the neighbours, as far as they are used.
    """
    for i in range(first, last):
        filled = 0
        for p in range(offsets[i], offsets[i + 1]):
            j = neighbors[p]
            x = positions[j, 0] - positions[i, 0] + shifts[p, 0]
            y = positions[j, 1] - positions[i, 1] + shifts[p, 1]
            z = positions[j, 2] - positions[i, 2] + shifts[p, 2]
            squared = x * x + y * y + z * z
            if squared < cutoff * cutoff:
                r = math.sqrt(squared)
                index[i, filled] = j
                distance[i, filled] = r
                unit[i, 0, filled] = x / r
                unit[i, 1, filled] = y / r
                unit[i, 2, filled] = z / r
                filled += 1
        count[i] = filled
        for k in range(filled, padded(filled)):
            distance[i, k] = 0.0
            unit[i, 0, k] = unit[i, 1, k] = unit[i, 2, k] = 0.0


@jit
def sum_forces(first, last, parts, masses, kick):  # type: ignore[no-untyped-def]
    """Kicks of the atoms ``first`` to ``last`` from the parts (T, N, 3) of the energy's slope."""
    for i in range(first, last):
        for x in range(3):
            total = np.float64(0.0)
            for part in range(len(parts)):
                total += parts[part, i, x]
            kick[i, x] = -total / masses[i]
