"""The site scalars of a model in the compiled C++ kernel."""

from types import ModuleType
from typing import Any

import numpy as np

from longstride.model import KickDriftMap

SKIN = 3.0
"""Å beyond the cutoff: the neighbour list is kept until two atoms may have come closer by this."""


def make_site(model: KickDriftMap, native: ModuleType, *, double: bool, threads: int) -> Any:
    """The kernel's object; its scalars are the model's, and the energy where there is a head.

    Args:
        model: a kick-drift map without attention whose hidden sums are bounded.
        native: the compiled module.
        double: whether the network computes in float64.
        threads: of the processor.
    """
    basis = model.scalars.basis
    centers = basis.centers.double().flatten()
    return native.Site(
        site_weights(model),
        functions=len(centers),
        inner=float(centers[0]),
        width=basis.width,
        cutoff=basis.cutoff,
        single=not double,
        threads=threads,
        skin=SKIN,
    )


def site_weights(model: KickDriftMap) -> dict[str, Any]:
    """Merged weights of a kick-drift map without attention, by the names of ``site.hpp``.

    The energy head and the disagreement of two read-outs are more scalars, behind those of the
    kicks in this order; their offsets are left out.
    """
    scalars = model.scalars
    state = {name: value.double().cpu().numpy() for name, value in scalars.state_dict().items()}
    whiten, mean = state["whitening.matrix"], state["whitening.mean"]
    learned = state["ridge"] + 0.1 * state["scale"] * state["correction"]
    readout = state["scale"] * state["decode.2.weight"]
    for more in (model.energy_head, model.novelty):
        if more is not None:
            learned = np.concatenate([learned, more.linear.double().cpu().numpy()[None]])
            readout = np.concatenate([readout, more.readout.double().cpu().numpy()[None]])
    encode = state["encode.0.weight"]
    seen, by_species = encode[:, : len(whiten)].T, encode[:, len(whiten) :].T
    weights = {
        "encode": whiten @ seen,
        "encode_bias": state["encode.0.bias"] + by_species - mean @ whiten @ seen,
        "mix": state["encode.2.weight"].T,
        "mix_bias": state["encode.2.bias"],
        "decode": state["decode.0.weight"].T,
        "decode_bias": state["decode.0.bias"],
        "readout": readout,
        "linear": learned @ whiten.T,
        "center": mean,
        "masses": model.masses.double().cpu().numpy(),
    }
    if model.novelty is not None:
        turn = model.novelty.matrix.double().cpu().numpy()
        weights["novel_matrix"] = whiten @ turn
        weights["novel_origin"] = np.einsum(
            "sf,sfg->sg", model.novelty.center.double().cpu().numpy(), turn
        )
    return {name: np.ascontiguousarray(value) for name, value in weights.items()}
