"""Attention messages and their slopes, atom by atom: the compiled form of ``Attention``."""

from longstride.kernels.compiler import jit
from longstride.kernels.elementary import exp_bounded, tanh
from longstride.kernels.radial_table import interpolate
from longstride.model.attention import EPSILON
from longstride.model.whitening import LIMIT

SMALLEST = 1e-6
"""Smallest value of ``1 - (r/cutoff)²``."""


@jit
def weights(  # type: ignore[no-untyped-def]
    lanes,
    count,
    index,
    distance,
    species,
    query,
    sent,
    table,
    scale,
    cutoff,
    root,
    row,
    slope,
    weight,
    bias_slope,
    clip_slope,
    envelope_slope,
    total,
):
    """Attention weights of one atom.

    Args:
        lanes: sizes the compiler knows.
        count, index, distance: the atom's edges.
        species: (N,) of all atoms.
        query: (heads·key,) of the atom.
        sent: (N, heads·key + value) keys and values of all atoms.
        table: (S, nodes, 4, heads) radial part of the logits.
        scale: grid nodes per Å.
        cutoff: radius in Å.
        root: 1 / sqrt(key).
        row, slope: (heads,) work space.
        weight: (heads, K) weights, normalised, filled.
        bias_slope: (heads, K) slope of the radial part of the logits by the distance, filled.
        clip_slope: (heads, K) slope of the clipped logit by the logit, filled.
        envelope_slope: (K,) logarithmic slope of the envelope by the distance, filled.
        total: (heads,) sums of the weights before normalisation, filled.
    """
    heads, key = len(lanes.heads), len(lanes.key)
    one = weight.dtype.type(1.0)
    limit = weight.dtype.type(LIMIT)
    for k in range(count):
        j = index[k]
        interpolate(lanes.heads, table[species[j]], distance[k] * scale, row, slope)
        for h in range(heads):
            product = one * 0
            for d in range(h * key, (h + 1) * key):
                product += query[d] * sent[j, d]
            weight[h, k] = product * root + row[h]
            bias_slope[h, k] = slope[h] * scale
        # Rounding may leave nothing of a pair at the cutoff, whose slope is zero all the same.
        envelope_slope[k] = max(one - (distance[k] / cutoff) ** 2, one * SMALLEST)
    for h in range(heads):
        for k in range(count):
            clipped = tanh(weight[h, k] / limit)
            clip_slope[h, k] = one - clipped * clipped
            inside = envelope_slope[k]
            weight[h, k] = exp_bounded(limit * clipped) * inside * inside * inside
        mass = one * 0
        for k in range(count):
            mass += weight[h, k]
        total[h] = mass + one * EPSILON
        for k in range(count):
            weight[h, k] /= total[h]
    for k in range(count):
        envelope_slope[k] = -6 * one * distance[k] / (cutoff * cutoff) / envelope_slope[k]


@jit
def receive(lanes, count, index, unit, sent, weight, value, out):  # type: ignore[no-untyped-def]
    """Messages of one atom: (heads, 4, value), the scalar and the vector's components."""
    heads, width = len(lanes.heads), len(lanes.value)
    first = heads * len(lanes.key)
    out[:] = 0.0
    for k in range(count):
        j = index[k]
        for v in range(width):
            value[v] = sent[j, first + v]
        for h in range(heads):
            w = weight[h, k]
            wx, wy, wz = w * unit[k, 0], w * unit[k, 1], w * unit[k, 2]
            for v in range(width):
                out[h, 0, v] += w * value[v]
                out[h, 1, v] += wx * value[v]
                out[h, 2, v] += wy * value[v]
                out[h, 3, v] += wz * value[v]


@jit
def message_slopes(  # type: ignore[no-untyped-def]
    lanes,
    i,
    count,
    index,
    unit,
    distance,
    query,
    sent,
    root,
    weight,
    bias_slope,
    clip_slope,
    envelope_slope,
    message,
    slopes,
    value,
    given,
    mean,
    query_slope,
    sent_slope,
    forces,
):
    """Add the slopes of one atom's messages by everything they depend on.

    Args:
        lanes: sizes the compiler knows.
        i: the atom.
        count, index, unit, distance: its edges.
        query, sent, root, weight, bias_slope, clip_slope, envelope_slope: from :func:`weights`.
        message: (heads, 4, value) from :func:`receive`.
        slopes: (heads, 4, value) slope by the messages.
        value, given: (value,) work space.
        mean: (heads,) work space.
        query_slope: (heads·key,) slope by the query, filled.
        sent_slope: (N, heads·key + value) slope by keys and values, added to.
        forces: (N, 3) slopes by the positions, added to.
    """
    heads, key, width = len(lanes.heads), len(lanes.key), len(lanes.value)
    first = heads * key
    zero = weight.dtype.type(0.0)
    one = weight.dtype.type(1.0)
    query_slope[:] = 0.0
    for h in range(heads):
        # What the normalisation takes back.
        mean[h] = zero
        for c in range(4):
            for v in range(width):
                mean[h] += slopes[h, c, v] * message[h, c, v]
    for k in range(count):
        j = index[k]
        x, y, z = unit[k, 0], unit[k, 1], unit[k, 2]
        for v in range(width):
            value[v] = sent[j, first + v]
            given[v] = zero
        radial, ux, uy, uz = zero, zero, zero, zero
        for h in range(heads):
            w = weight[h, k]
            s0, s1, s2, s3 = zero, zero, zero, zero
            for v in range(width):
                s0 += slopes[h, 0, v] * value[v]
                s1 += slopes[h, 1, v] * value[v]
                s2 += slopes[h, 2, v] * value[v]
                s3 += slopes[h, 3, v] * value[v]
                given[v] += w * (
                    slopes[h, 0, v]
                    + x * slopes[h, 1, v]
                    + y * slopes[h, 2, v]
                    + z * slopes[h, 3, v]
                )
            ux += w * s1
            uy += w * s2
            uz += w * s3
            log_slope = w * (s0 + x * s1 + y * s2 + z * s3 - mean[h])
            logit = log_slope * clip_slope[h, k]
            radial += log_slope * envelope_slope[k] + logit * bias_slope[h, k]
            for d in range(h * key, (h + 1) * key):
                query_slope[d] += logit * root * sent[j, d]
                sent_slope[j, d] += logit * root * query[d]
        for v in range(width):
            sent_slope[j, first + v] += given[v]
        inverse = one / distance[k]
        radial -= (ux * x + uy * y + uz * z) * inverse
        fx = ux * inverse + radial * x
        fy = uy * inverse + radial * y
        fz = uz * inverse + radial * z
        forces[i, 0] -= fx
        forces[i, 1] -= fy
        forces[i, 2] -= fz
        forces[j, 0] += fx
        forces[j, 1] += fy
        forces[j, 2] += fz
