"""The weights of ``SiteScalars`` as plain arrays, merged where that saves work."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from longstride.kernels.radial_table import NODES, bias_table, radial_table
from longstride.model import KickDriftMap

Array = NDArray[np.floating[Any]]


class SiteWeights(NamedTuple):
    """Everything the compiled passes need; S species, F invariants, H hidden, M messages.

    Matrices are stored so that rows of atoms multiply them from the left; ``_back`` is the
    transpose, for slopes.
    """

    radial: Array
    bias: Array
    whiten: Array
    whiten_back: Array
    offset: Array
    """(S, F) what the mean becomes after whitening."""
    encode: Array
    encode_back: Array
    encode_bias: Array
    """(S, H), the species' own column included."""
    mix: Array
    mix_back: Array
    mix_bias: Array
    send: Array
    send_back: Array
    send_bias: Array
    ask: Array
    ask_back: Array
    ask_bias: Array
    decode: Array
    decode_back: Array
    decode_bias: Array
    readout: Array
    """(k, H) read-out of each scalar."""
    linear: Array
    """(k, S, F) slope of the linear part of each scalar by the invariants."""


class Lanes(NamedTuple):
    """Sizes of the innermost loops, as the lengths of tuples: the compiler knows the length of a
    tuple, and with it turns the loop into a few vector instructions.
    """

    radial: tuple[int, ...]
    heads: tuple[int, ...]
    key: tuple[int, ...]
    value: tuple[int, ...]


class Shape(NamedTuple):
    """Sizes and lengths that are not to be read off the arrays."""

    lanes: Lanes
    channels: int
    cutoff: float
    nodes_per_length: float


def shape_of(model: KickDriftMap) -> Shape:
    """The sizes of a model's network."""
    config = model.config
    network = config.network
    sizes = network.radial, network.heads, network.key, network.value
    return Shape(
        lanes=Lanes(*((0,) * size for size in sizes)),
        channels=model.scalars.basis.channels,
        cutoff=config.cutoff,
        nodes_per_length=NODES / config.cutoff,
    )


def site_weights(model: KickDriftMap, dtype: type[np.floating[Any]]) -> SiteWeights:
    """Merged weights of a kick–drift map with attention, in ``dtype``."""
    scalars = model.scalars
    attention = scalars.attention
    assert attention is not None
    state = {name: value.double().cpu().numpy() for name, value in scalars.state_dict().items()}
    whiten, mean = state["whitening.matrix"], state["whitening.mean"]
    n_features = len(whiten)
    learned = state["ridge"] + 0.1 * state["scale"] * state["correction"]
    encode = state["encode.0.weight"]
    merged = {
        "radial": radial_table(scalars),
        "bias": bias_table(scalars),
        "whiten": whiten,
        "offset": -mean @ whiten,
        "encode": encode[:, :n_features].T,
        "encode_bias": state["encode.0.bias"] + encode[:, n_features:].T,
        "mix": state["encode.2.weight"].T,
        "mix_bias": state["encode.2.bias"],
        "send": state["attention.keys_values.weight"].T,
        "send_bias": state["attention.keys_values.bias"],
        "ask": state["attention.queries.weight"].T,
        "ask_bias": state["attention.queries.bias"],
        "decode": state["decode.0.weight"].T,
        "decode_bias": state["decode.0.bias"],
        "readout": state["scale"] * state["decode.2.weight"],
        "linear": learned @ whiten.T,
    }
    for name in ("whiten", "encode", "mix", "send", "ask", "decode"):
        merged[f"{name}_back"] = merged[name].T
    return SiteWeights(**{name: np.ascontiguousarray(a, dtype) for name, a in merged.items()})
