"""Initial velocities."""

import numpy as np

from longstride.dynamics.bath import thermal_velocities
from longstride.errors import ConfigError
from longstride.state import Array, State


def draw_velocities(state: State, temperature: float, rng: np.random.Generator) -> State:
    """The state with Maxwell–Boltzmann velocities at ``temperature`` (K) and no total momentum.

    The draw is canonical: its kinetic temperature scatters around the target by
    T·sqrt(2/(3N − 3)), and is not rescaled to it.

    On a perfect lattice there is no potential energy to match it. Half of the kinetic energy goes
    there within a few hundred fs, so in NVE the temperature settles near half the target; a
    thermostat brings it back within a few of its time constants. Start NVE from an equilibrated
    structure, or draw at twice the temperature.
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise ConfigError(f"velocities need a positive temperature, not {temperature} K")
    if state.n_atoms < 2:
        raise ConfigError("velocities without total momentum need at least two atoms")
    return state.with_(velocities=thermal_velocities(state, temperature, rng))


def drift_velocity(state: State) -> Array:
    """(3,) velocity of the centre of mass in Å/fs."""
    return np.asarray(np.average(state.velocities, axis=0, weights=state.masses))


def without_total_momentum(state: State) -> State:
    """The same state seen from its centre of mass."""
    return state.with_(velocities=state.velocities - drift_velocity(state))
