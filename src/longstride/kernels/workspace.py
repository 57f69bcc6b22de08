"""Arrays of the passes: what they leave for each other, and where they work."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from longstride.kernels.compiler import inlined
from longstride.kernels.site_weights import Shape, SiteWeights

Array = NDArray[np.floating[Any]]

VECTOR = 16
"""Rows over neighbours are used up to a multiple of this, float32 numbers of the widest vector."""


class Atoms(NamedTuple):
    """By atom; rows over neighbours are zero beyond their number."""

    n_neighbors: NDArray[np.int32]
    neighbors: NDArray[np.int32]
    unit: Array
    """(N, 3, K) directions."""
    distance: Array
    moments: Array
    """(N, 10, C), with components 1, u, and the six of uu made traceless."""
    clipped: Array
    """(N, F) whitened invariants, bounded to ±1."""
    slope_encode: Array
    slope_mix: Array
    hidden: Array
    sent: Array
    query: Array
    hidden_slope: Array
    query_slope: Array


class Edge(NamedTuple):
    """Of the edges of one atom, or of a block of atoms with one more leading axis."""

    sent: Array
    """(heads·key + value, K) keys and values of the neighbours."""
    weight: Array
    """(heads, K) attention weights, normalised."""
    bias_slope: Array
    """(heads, K) slope of the radial part of the logits by the distance."""
    clip_slope: Array
    """(heads, K) slope of the clipped logit by the logit."""
    envelope_slope: Array
    """(K,) logarithmic slope of the envelope by the distance."""


class EdgeSlopes(NamedTuple):
    """Slopes by the edges of one atom."""

    radial: Array
    """(K,) by the distance."""
    along: Array
    """(3, K) by the direction."""
    logit: Array
    value: Array


class MomentWork(NamedTuple):
    """Work space for the moments of one atom, rows over neighbours."""

    row: Array
    slope: Array
    components: Array
    component_slopes: Array
    radial: Array
    radial_slope: Array
    chosen: Array


def new_atoms(
    n_atoms: int, width: int, shape: Shape, weights: SiteWeights, dtype: type[np.floating[Any]]
) -> Atoms:
    """Arrays for ``n_atoms`` atoms with up to ``width`` neighbours."""
    n_features, hidden = weights.encode.shape
    slots = -(-width // VECTOR) * VECTOR

    def empty(*sizes: int) -> Array:
        return np.zeros((n_atoms, *sizes), dtype)

    return Atoms(
        n_neighbors=np.zeros(n_atoms, np.int32),
        neighbors=np.zeros((n_atoms, slots), np.int32),
        unit=empty(3, slots),
        distance=empty(slots),
        moments=empty(10, shape.channels),
        clipped=empty(n_features),
        slope_encode=empty(hidden),
        slope_mix=empty(hidden),
        hidden=empty(hidden),
        sent=empty(weights.send.shape[1]),
        query=empty(weights.ask.shape[1]),
        hidden_slope=empty(hidden),
        query_slope=empty(weights.ask.shape[1]),
    )


@inlined
def padded(count):  # type: ignore[no-untyped-def]
    """Neighbours to loop over, so that whole vectors are used."""
    return (count + VECTOR - 1) // VECTOR * VECTOR


@inlined
def add_pair_forces(i, count, neighbors, unit, distance, slopes, forces):  # type: ignore[no-untyped-def]
    """Slopes by distances and directions as slopes by the positions of both atoms of each edge."""
    one = distance.dtype.type(1.0)
    for k in range(count):
        j = neighbors[k]
        x, y, z = unit[0, k], unit[1, k], unit[2, k]
        ux, uy, uz = slopes.along[0, k], slopes.along[1, k], slopes.along[2, k]
        inverse = one / distance[k]
        radial = slopes.radial[k] - (ux * x + uy * y + uz * z) * inverse
        fx = ux * inverse + radial * x
        fy = uy * inverse + radial * y
        fz = uz * inverse + radial * z
        forces[i, 0] -= fx
        forces[i, 1] -= fy
        forces[i, 2] -= fz
        forces[j, 0] += fx
        forces[j, 1] += fy
        forces[j, 2] += fz
