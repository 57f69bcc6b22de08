"""What a look costs beside a stride, in processor time of one thread, in turns."""

from time import process_time
from typing import Any

import numpy as np

from longstride.dynamics import draw_velocities, langevin
from longstride.kernels import ModelPropagator
from measurements.guard_cases import crystal

TEMPERATURE = 600.0
REPEAT = (8, 8, 8)
ROUNDS, STRIDES = 7, 10
"""In each round so many strides, and one look after them: the spacing of a run."""


def measure(model: ModelPropagator) -> dict[str, Any]:
    """Microseconds per atom of a stride and of a look, and the share of a run, medians of rounds.

    The neighbour list of the look is its own, and is mostly made anew for each.
    """
    gauge = model.gauge
    assert gauge is not None
    constant = model.regime.lattice_constants[TEMPERATURE]
    rng = np.random.default_rng(1)
    ensemble = langevin(model, TEMPERATURE)
    state = draw_velocities(crystal(constant, REPEAT), TEMPERATURE, rng)
    strides, looks = [], []
    for number in range(ROUNDS + 1):
        begin = process_time()
        for _ in range(STRIDES):
            state = ensemble.step(state, rng)
        middle = process_time()
        gauge.look(state)
        end = process_time()
        if number:
            strides.append((middle - begin) / STRIDES)
            looks.append(end - middle)
    stride, look = float(np.median(strides)), float(np.median(looks))
    return {
        "n_atoms": state.n_atoms,
        "stride_us_per_atom": 1e6 * stride / state.n_atoms,
        "look_us_per_atom": 1e6 * look / state.n_atoms,
        "share": look / (STRIDES * stride),
        "every": STRIDES,
    }
