"""An ideal gas: free flight is its exact map, and its volume has a known distribution."""

import numpy as np

from longstride.errors import ConfigError
from longstride.propagator import Configuration
from longstride.state import State
from longstride.units import BOLTZMANN


class IdealGas:
    """Atoms that do not meet: q ← q + τ v, no energy, no virial.

    At constant pressure p(V) ∝ Vᴺ exp(−P V / kT), a gamma distribution of N + 1 degrees.

    Args:
        stride: τ in fs.
    """

    def __init__(self, stride: float) -> None:
        if not stride > 0:
            raise ConfigError(f"ideal gas: the stride must be positive, not {stride} fs")
        self._stride = stride

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self._stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The exact state one stride later; ``rng`` is not used."""
        flown = state.positions + self._stride * state.velocities
        return state.with_(positions=flown, time=state.time + self._stride)

    def configuration(self, state: State) -> Configuration:
        """Nothing."""
        return Configuration(0.0, np.zeros((3, 3)))

    @staticmethod
    def volume_moments(n_atoms: int, temperature: float, pressure: float) -> tuple[float, float]:
        """Mean (Å³) and variance (Å⁶) of V at ``temperature`` in K, ``pressure`` in eV/Å³."""
        scale = BOLTZMANN * temperature / pressure
        return (n_atoms + 1) * scale, (n_atoms + 1) * scale**2
