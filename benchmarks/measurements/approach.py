"""By how much atoms approach within a stride in the hottest crystal that a model is made for."""

from typing import Any

import numpy as np
import torch

from longstride.dynamics import langevin, rollout
from longstride.kernels import load_propagator
from longstride.zoo import resolve
from measurements.hosted_runs import starting_state
from measurements.record import rounded


def measure(name: str, atoms: int, strides: int) -> dict[str, Any]:
    """Sums of the two largest displacements, at the stages of every stride of a rollout."""
    torch.set_num_threads(1)
    propagator = load_propagator(resolve(name))
    temperature = propagator.regime.temperature[1]
    state = starting_state(resolve(name), temperature, atoms)
    bath = langevin(propagator, temperature, 500.0)
    found, before = [], state.positions
    for stride in rollout(bath, state, np.random.default_rng(3), strides, substride=True):
        moves = np.stack([inside.positions for inside in stride.states]) - before
        moves -= moves.mean(axis=1, keepdims=True)
        largest = np.sort(np.linalg.norm(moves, axis=2), axis=1)[:, -2:]
        found.append(float(largest.sum(axis=1).max()))
        before = stride.end.positions
    return rounded(
        {
            "temperature_K": temperature,
            "atom_strides": state.n_atoms * strides,
            "largest_A": max(found),
            "median_A": float(np.median(found)),
        }
    )
