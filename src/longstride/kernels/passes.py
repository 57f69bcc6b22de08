"""The three passes over the atoms that make one kick.

    inform    edges → moments → invariants → hidden scalars; keys, values and queries
    exchange  messages, read-out, and back through both to hidden scalars, keys and values
    return_   back through hidden scalars, invariants and moments to the positions

Atoms are taken in blocks that stay in cache, so that nothing of edges times channels is ever in
memory, and the perceptrons are matrix products of a block. A pass ends where the neighbours'
results are needed.
"""

import numpy as np

from longstride.kernels.compiler import inlined, jit
from longstride.kernels.edges import gather_edges
from longstride.kernels.elementary import tanh
from longstride.kernels.messages import message_slopes, receive
from longstride.kernels.moments import COMPONENTS, edge_slopes, invariants, moment_slopes, moments
from longstride.kernels.workspace import Edge, EdgeSlopes, MomentWork

BLOCK = 32
"""Atoms of a block."""


@inlined
def _moment_work(n_radial, width, dtype):  # type: ignore[no-untyped-def]
    return MomentWork(
        np.zeros(n_radial, dtype),
        np.zeros(n_radial, dtype),
        np.zeros((COMPONENTS, width), dtype),
        np.zeros((COMPONENTS, width), dtype),
        np.zeros((n_radial, width), dtype),
        np.zeros((n_radial, width), dtype),
        np.zeros(width, dtype),
    )


@inlined
def _edge_slopes(heads, value, width, dtype):  # type: ignore[no-untyped-def]
    return EdgeSlopes(
        np.zeros(width, dtype),
        np.zeros((3, width), dtype),
        np.zeros((heads, width), dtype),
        np.zeros((value, width), dtype),
    )


@inlined
def _silu(x, slope):  # type: ignore[no-untyped-def]
    """Replace a matrix by its SiLU and keep the derivative."""
    half = x.dtype.type(0.5)
    one = x.dtype.type(1.0)
    values, slopes = x.reshape(x.size), slope.reshape(slope.size)
    for n in range(len(values)):
        sigmoid = half + half * tanh(half * values[n])
        slopes[n] = sigmoid * (one + values[n] * (one - sigmoid))
        values[n] *= sigmoid


@jit
def inform(first, last, positions, pairs, species, w, shape, atoms):  # type: ignore[no-untyped-def]
    """First pass over the atoms ``first`` to ``last``."""
    lanes = shape.lanes
    offsets, neighbors, shifts = pairs
    kind, dtype = w.whiten.dtype.type, w.whiten.dtype
    three, third = kind(3.0), kind(1.0 / 3.0)
    scale = kind(shape.nodes_per_length)
    n_features, n_hidden = w.encode.shape
    work = _moment_work(len(lanes.radial), atoms.neighbors.shape[1], dtype)
    features = np.zeros((BLOCK, n_features), dtype)
    gather_edges(
        first,
        last,
        positions,
        offsets,
        neighbors,
        shifts,
        shape.cutoff,
        atoms.n_neighbors,
        atoms.neighbors,
        atoms.unit,
        atoms.distance,
    )
    for begin in range(first, last, BLOCK):
        end = min(begin + BLOCK, last)
        rows = features[: end - begin]
        for i in range(begin, end):
            moments(lanes, i, atoms, species, len(w.offset), w.radial, scale, work)
            invariants(atoms.moments[i], rows[i - begin])
        clipped = atoms.clipped[begin:end]
        np.dot(rows, w.whiten, clipped)
        for i in range(begin, end):
            offset = w.offset[species[i]]
            for f in range(n_features):
                bounded = tanh((atoms.clipped[i, f] + offset[f]) * third)
                atoms.clipped[i, f] = bounded
                rows[i - begin, f] = three * bounded
        hidden = atoms.hidden[begin:end]
        np.dot(rows, w.encode, hidden)
        for i in range(begin, end):
            for h in range(n_hidden):
                atoms.hidden[i, h] += w.encode_bias[species[i], h]
        _silu(hidden, atoms.slope_encode[begin:end])
        mixed = np.dot(hidden, w.mix)
        for i in range(len(mixed)):
            for h in range(n_hidden):
                mixed[i, h] += w.mix_bias[h]
        _silu(mixed, atoms.slope_mix[begin:end])
        hidden[:] = mixed
        np.dot(hidden, w.send, atoms.sent[begin:end])
        np.dot(hidden, w.ask, atoms.query[begin:end])
        for i in range(begin, end):
            for c in range(len(w.send_bias)):
                atoms.sent[i, c] += w.send_bias[c]
            for c in range(len(w.ask_bias)):
                atoms.query[i, c] += w.ask_bias[c]


@jit
def exchange(  # type: ignore[no-untyped-def]
    first, last, number, species, w, shape, atoms, sent_slope, forces
):
    """Second pass, for scalar ``number``; adds to ``sent_slope`` and ``forces``."""
    lanes = shape.lanes
    kind = w.whiten.dtype.type
    dtype = w.whiten.dtype
    two = kind(2.0)
    scale, cutoff = kind(shape.nodes_per_length), kind(shape.cutoff)
    heads, value = len(lanes.heads), len(lanes.value)
    n_hidden = w.mix.shape[0]
    n_messages = heads * value
    root = kind(1.0 / np.sqrt(len(lanes.key)))
    width = atoms.neighbors.shape[1]
    row, slope = np.zeros(heads, dtype), np.zeros(heads, dtype)
    sent = np.zeros((BLOCK, heads * len(lanes.key) + value, width), dtype)
    weight = np.zeros((BLOCK, heads, width), dtype)
    bias_slope = np.zeros((BLOCK, heads, width), dtype)
    clip_slope = np.zeros((BLOCK, heads, width), dtype)
    envelope_slope = np.zeros((BLOCK, width), dtype)
    directed = np.zeros((4, width), dtype)
    work = _edge_slopes(heads, value, width, dtype)
    message = np.zeros((BLOCK, heads, 4, value), dtype)
    slopes = np.zeros((heads, 4, value), dtype)
    states = np.zeros((BLOCK, n_hidden + 2 * n_messages), dtype)
    for begin in range(first, last, BLOCK):
        end = min(begin + BLOCK, last)
        rows = states[: end - begin]
        for i in range(begin, end):
            b = i - begin
            edge = Edge(sent[b], weight[b], bias_slope[b], clip_slope[b], envelope_slope[b])
            receive(
                lanes,
                i,
                atoms,
                species,
                w.bias,
                scale,
                cutoff,
                root,
                row,
                slope,
                edge,
                directed,
                message[b],
            )
            rows[b, :n_hidden] = atoms.hidden[i]
            place = n_hidden
            for h in range(heads):
                for v in range(value):
                    x, y, z = message[b, h, 1, v], message[b, h, 2, v], message[b, h, 3, v]
                    rows[b, place] = message[b, h, 0, v]
                    rows[b, place + n_messages] = x * x + y * y + z * z
                    place += 1
        decoded = np.dot(rows, w.decode)
        for b in range(len(decoded)):
            for h in range(n_hidden):
                decoded[b, h] += w.decode_bias[h]
        decoded_slope = np.empty_like(decoded)
        _silu(decoded, decoded_slope)
        for b in range(len(decoded)):
            for h in range(n_hidden):
                decoded_slope[b, h] *= w.readout[number, h]
        np.dot(decoded_slope, w.decode_back, rows)
        for i in range(begin, end):
            b = i - begin
            atoms.hidden_slope[i] = rows[b, :n_hidden]
            place = n_hidden
            for h in range(heads):
                for v in range(value):
                    slopes[h, 0, v] = rows[b, place]
                    for x in range(1, 4):
                        slopes[h, x, v] = two * rows[b, place + n_messages] * message[b, h, x, v]
                    place += 1
            edge = Edge(sent[b], weight[b], bias_slope[b], clip_slope[b], envelope_slope[b])
            message_slopes(
                lanes, i, atoms, root, edge, message[b], slopes, work, sent_slope, forces
            )


@jit
def return_(  # type: ignore[no-untyped-def]
    first, last, number, species, w, shape, atoms, sent_slopes, forces
):
    """Third pass; sums the parts (T, N, C) of ``sent_slopes`` and adds to ``forces``."""
    lanes = shape.lanes
    kind = w.whiten.dtype.type
    dtype = w.whiten.dtype
    one = kind(1.0)
    scale = kind(shape.nodes_per_length)
    n_features, n_hidden = w.encode.shape
    width = atoms.neighbors.shape[1]
    work = _moment_work(len(lanes.radial), width, dtype)
    edge = _edge_slopes(len(lanes.heads), len(lanes.value), width, dtype)
    sent_rows = np.zeros((BLOCK, w.send.shape[1]), dtype)
    hidden_rows = np.zeros((BLOCK, n_hidden), dtype)
    feature_rows = np.zeros((BLOCK, n_features), dtype)
    invariant_rows = np.zeros((BLOCK, n_features), dtype)
    given = np.zeros(atoms.moments.shape[1:], dtype)
    for begin in range(first, last, BLOCK):
        end = min(begin + BLOCK, last)
        size = end - begin
        sent = sent_rows[:size]
        sent[:] = 0.0
        for part in range(len(sent_slopes)):
            sent += sent_slopes[part, begin:end]
        hidden = hidden_rows[:size]
        np.dot(sent, w.send_back, hidden)
        asked = np.dot(atoms.query_slope[begin:end], w.ask_back)
        for b in range(size):
            for h in range(n_hidden):
                hidden[b, h] = (
                    hidden[b, h] + asked[b, h] + atoms.hidden_slope[begin + b, h]
                ) * atoms.slope_mix[begin + b, h]
        encoded = np.dot(hidden, w.mix_back)
        for b in range(size):
            for h in range(n_hidden):
                encoded[b, h] *= atoms.slope_encode[begin + b, h]
        features = feature_rows[:size]
        np.dot(encoded, w.encode_back, features)
        for b in range(size):
            for f in range(n_features):
                bounded = atoms.clipped[begin + b, f]
                features[b, f] *= one - bounded * bounded
        slopes = invariant_rows[:size]
        np.dot(features, w.whiten_back, slopes)
        for i in range(begin, end):
            b = i - begin
            linear = w.linear[number, species[i]]
            for f in range(n_features):
                slopes[b, f] += linear[f]
            moment_slopes(atoms.moments[i], slopes[b], given)
            edge_slopes(
                lanes, i, atoms, species, len(w.offset), w.radial, scale, given, work, edge, forces
            )
