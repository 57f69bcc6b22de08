"""Frozen predictions of the shipped models: a change of the code must not move them.

Frozen in float64, and judged in the float32 that users run. After a model was trained anew,
``python tests/zoo/test_frozen_predictions.py`` writes the file again.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from ase.build import bulk

from longstride.kernels import load_propagator
from longstride.state import State
from longstride.zoo import resolve, shipped

FROZEN = Path(__file__).with_name("frozen_predictions.json")


def predict(name: str, dtype: torch.dtype = torch.float32) -> dict[str, list[list[float]]]:
    """Displacements (Å) and velocities (Å/fs) of four atoms after one stride, species in turns."""
    folder = resolve(name)
    propagator = load_propagator(folder, dtype=dtype)
    numbers, masses = propagator.regime.species, propagator.regime.masses
    density = sum(propagator.regime.number_density) / 2
    crystal = bulk("X", "fcc", a=(4.0 / density) ** (1 / 3), cubic=True).repeat(3)
    rng = np.random.default_rng(2022)
    state = State(
        positions=crystal.positions + 0.1 * rng.standard_normal((len(crystal), 3)),
        velocities=0.003 * rng.standard_normal((len(crystal), 3)),
        masses=np.resize(masses, len(crystal)),
        species=np.resize(numbers, len(crystal)),
        cell=np.array(crystal.cell),
        pbc=np.ones(3, dtype=bool),
    )
    end = propagator.step(state, rng)
    return {
        "displacement": (end.positions - state.positions)[:4].tolist(),
        "velocity": end.velocities[:4].tolist(),
    }


@pytest.mark.fixed_seeds
@pytest.mark.parametrize("name", shipped())
def test_predictions_have_not_moved(name: str) -> None:
    frozen = json.loads(FROZEN.read_text())[name]
    got = predict(name)
    assert np.abs(frozen["displacement"]).max() > 0.05
    np.testing.assert_allclose(got["displacement"], frozen["displacement"], rtol=0, atol=2e-6)
    np.testing.assert_allclose(got["velocity"], frozen["velocity"], rtol=0, atol=1e-7)


if __name__ == "__main__":
    FROZEN.write_text(
        json.dumps({n: predict(n, torch.float64) for n in shipped()}, indent=1) + "\n"
    )
