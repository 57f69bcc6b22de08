"""Attention messages and their slopes, atom by atom: the compiled form of ``Attention``.

Everything of an edge is a row over the neighbours, padded with zeros to a multiple of the vector
length, and the loops over heads and channels have sizes that the compiler knows: what is left are
loops over neighbours that become vector instructions.
"""

from longstride.kernels.compiler import jit
from longstride.kernels.elementary import exp_bounded, tanh
from longstride.kernels.radial_table import interpolate
from longstride.kernels.workspace import add_pair_forces, padded
from longstride.model.attention import EPSILON
from longstride.model.whitening import LIMIT

SMALLEST = 1e-6
"""Smallest value of ``1 - (r/cutoff)²``."""


@jit
def receive(  # type: ignore[no-untyped-def]
    lanes, i, atoms, species, table, scale, cutoff, root, row, slope, edge, directed, message
):
    """Messages of one atom.

    Args:
        lanes: sizes the compiler knows.
        i: the atom.
        atoms: ``Atoms``, with edges, keys, values and queries.
        species: (N,) of all atoms.
        table: (S, nodes, 4, heads) polynomials of the radial part of the logits.
        scale: grid nodes per Å.
        cutoff: radius in Å.
        root: 1 / sqrt(key).
        row, slope: (heads,) work space.
        edge: ``Edge`` of the atom, filled.
        directed: (4, K) work space.
        message: (heads, 4, value) scalar and components of the vector, filled.
    """
    heads, key, width = len(lanes.heads), len(lanes.key), len(lanes.value)
    count, neighbors = atoms.n_neighbors[i], atoms.neighbors[i]
    unit, distance = atoms.unit[i], atoms.distance[i]
    query, sent = atoms.query[i], atoms.sent
    one = edge.weight.dtype.type(1.0)
    zero = edge.weight.dtype.type(0.0)
    limit = edge.weight.dtype.type(LIMIT)
    end = padded(count)
    for k in range(count):
        j = neighbors[k]
        for c in range(heads * key + width):
            edge.sent[c, k] = sent[j, c]
        interpolate(lanes.heads, table[species[j]], distance[k] * scale, row, slope)
        for h in range(heads):
            edge.weight[h, k] = row[h]
            edge.bias_slope[h, k] = slope[h] * scale
    for k in range(count, end):
        for c in range(heads * key + width):
            edge.sent[c, k] = zero
        for h in range(heads):
            edge.weight[h, k] = edge.bias_slope[h, k] = zero
    # Rounding may leave nothing of a pair at the cutoff, whose slope is zero all the same.
    for k in range(end):
        inside = max(one - (distance[k] / cutoff) ** 2, one * SMALLEST)
        directed[0, k] = inside * inside * inside
        edge.envelope_slope[k] = -6 * one * distance[k] / (cutoff * cutoff) / inside
    for k in range(count, end):
        directed[0, k] = zero
    for h in range(heads):
        mass = zero
        for k in range(end):
            logit = edge.weight[h, k]
            for d in range(h * key, (h + 1) * key):
                logit += query[d] * edge.sent[d, k] * root
            clipped = tanh(logit / limit)
            edge.clip_slope[h, k] = one - clipped * clipped
            edge.weight[h, k] = exp_bounded(limit * clipped) * directed[0, k]
            mass += edge.weight[h, k]
        share = one / (mass + one * EPSILON)
        for k in range(end):
            edge.weight[h, k] *= share
    for h in range(heads):
        for k in range(end):
            directed[1, k] = edge.weight[h, k] * unit[0, k]
            directed[2, k] = edge.weight[h, k] * unit[1, k]
            directed[3, k] = edge.weight[h, k] * unit[2, k]
        for v in range(width):
            s, x, y, z = zero, zero, zero, zero
            for k in range(end):
                value = edge.sent[heads * key + v, k]
                s += edge.weight[h, k] * value
                x += directed[1, k] * value
                y += directed[2, k] * value
                z += directed[3, k] * value
            message[h, 0, v], message[h, 1, v] = s, x
            message[h, 2, v], message[h, 3, v] = y, z


@jit
def message_slopes(  # type: ignore[no-untyped-def]
    lanes, i, atoms, root, edge, message, slopes, work, sent_slope, forces
):
    """Add the slopes of one atom's messages by everything they depend on.

    Args:
        lanes, i, atoms, root: as for :func:`receive`; ``atoms.query_slope[i]`` is filled.
        edge, message: from :func:`receive`.
        slopes: (heads, 4, value) slope by the messages.
        work: ``EdgeSlopes``, work space.
        sent_slope: (N, heads·key + value) slope by keys and values, added to.
        forces: (N, 3) slopes by the positions, added to.
    """
    heads, key, width = len(lanes.heads), len(lanes.key), len(lanes.value)
    count, neighbors = atoms.n_neighbors[i], atoms.neighbors[i]
    unit, distance = atoms.unit[i], atoms.distance[i]
    query, query_slope = atoms.query[i], atoms.query_slope[i]
    first = heads * key
    zero = edge.weight.dtype.type(0.0)
    end = padded(count)
    for k in range(end):
        work.radial[k] = zero
        work.along[0, k] = work.along[1, k] = work.along[2, k] = zero
    for h in range(heads):
        # What the normalisation takes back.
        mean = zero
        for c in range(4):
            for v in range(width):
                mean += slopes[h, c, v] * message[h, c, v]
        for k in range(end):
            s, x, y, z = zero, zero, zero, zero
            for v in range(width):
                value = edge.sent[first + v, k]
                s += slopes[h, 0, v] * value
                x += slopes[h, 1, v] * value
                y += slopes[h, 2, v] * value
                z += slopes[h, 3, v] * value
            w = edge.weight[h, k]
            log_slope = w * (s + unit[0, k] * x + unit[1, k] * y + unit[2, k] * z - mean)
            logit = log_slope * edge.clip_slope[h, k]
            work.radial[k] += log_slope * edge.envelope_slope[k] + logit * edge.bias_slope[h, k]
            work.along[0, k] += w * x
            work.along[1, k] += w * y
            work.along[2, k] += w * z
            work.logit[h, k] = logit * root
    for v in range(width):
        for k in range(end):
            total = zero
            for h in range(heads):
                total += edge.weight[h, k] * (
                    slopes[h, 0, v]
                    + unit[0, k] * slopes[h, 1, v]
                    + unit[1, k] * slopes[h, 2, v]
                    + unit[2, k] * slopes[h, 3, v]
                )
            work.value[v, k] = total
    for h in range(heads):
        for d in range(h * key, (h + 1) * key):
            total = zero
            for k in range(end):
                total += work.logit[h, k] * edge.sent[d, k]
            query_slope[d] = total
    for k in range(count):
        j = neighbors[k]
        for h in range(heads):
            for d in range(h * key, (h + 1) * key):
                sent_slope[j, d] += work.logit[h, k] * query[d]
        for v in range(width):
            sent_slope[j, first + v] += work.value[v, k]
    add_pair_forces(i, count, neighbors, unit, distance, work, forces)
