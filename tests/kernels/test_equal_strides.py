"""The same stride on every instruction set: what differs is the rounding."""

import numpy as np
import pytest
import torch

from longstride.dynamics import draw_velocities
from longstride.kernels import available_instructions, load_propagator
from longstride.kernels.native import VARIABLE
from longstride.state import State
from longstride.testsystems.lattice import fcc_lattice
from longstride.zoo import resolve, shipped

pytestmark = [
    pytest.mark.skipif(len(available_instructions()) < 2, reason="there is one instruction set"),
    pytest.mark.skipif("al" not in shipped(), reason="no model ships"),
]


@pytest.fixture
def crystal() -> State:
    """Displaced and moving as at 600 K; 256 atoms are no whole number of any block."""
    rng = np.random.default_rng(21)
    state = fcc_lattice(4.07, 4, species=13, mass=26.9815385)
    state = state.with_(positions=state.positions + 0.12 * rng.standard_normal((256, 3)))
    return draw_velocities(state, 600.0, rng)


def stride(state: State, instructions: str, dtype: torch.dtype, monkeypatch) -> np.ndarray:
    """What free flight does not explain, (2, N, 3): of positions in Å, of velocities in Å."""
    monkeypatch.setenv(VARIABLE, instructions)
    propagator = load_propagator(resolve("al"), dtype=dtype)
    after = propagator.step(state, np.random.default_rng(0))
    flight = state.positions + propagator.stride * state.velocities
    change = propagator.stride * (after.velocities - state.velocities)
    return np.stack([after.positions - flight, change])


def test_strides_differ_by_rounding_only(crystal: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """In float64 by little; in float32 no module is further from that than the others.

    A kick in float32 has an error of some units of its last place (2e-6 of the largest kick, as
    the test against the definition allows), and errors of nine kicks do not all add up.
    """
    exact = {
        name: stride(crystal, name, torch.float64, monkeypatch) for name in available_instructions()
    }
    definition = exact["baseline"]
    for name, change in exact.items():
        for got, expected in zip(change, definition, strict=True):
            assert np.abs(got - expected).max() < 1e-11 * np.abs(expected).max(), name
        single = stride(crystal, name, torch.float32, monkeypatch)
        for got, expected in zip(single, definition, strict=True):
            assert 0 < np.abs(got - expected).max() < 9 * 2e-6 * np.abs(expected).max(), name
