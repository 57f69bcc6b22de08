"""Potential energy, total energy and pressure of a run, as its potential tells them."""

from typing import Final

import numpy as np

from longstride.dynamics.observer import Observer
from longstride.errors import ConfigError
from longstride.propagator import Potential
from longstride.state import State
from longstride.units import GPA

ENERGY_COLUMNS: Final = (
    "potential_energy_eV_per_atom",
    "total_energy_eV_per_atom",
    "pressure_GPa",
)
"""What :class:`EnergyObserver` writes."""


class EnergyObserver(Observer):
    """Energies per atom and the pressure, P = 2K/3V − tr σ/3.

    K is the kinetic energy and σ the virial stress of the positions (tension positive). The kinetic
    part counts the velocities as they are: in a run whose centre of mass is at rest, its mean
    is below that of a barostat, which adds kT/V for the centre of mass, by that.

    Args:
        potential: tells energy and stress; evaluated once a row with values.
        every: strides from one of them to the next.

    Raises:
        ConfigError: ``every`` is not positive.
    """

    def __init__(self, potential: Potential, every: int = 1) -> None:
        if every < 1:
            raise ConfigError(f"energies every {every} strides: give a positive number")
        self._potential = potential
        self._every = every

    @property
    def name(self) -> str:
        """Of no use: it remembers nothing."""
        return "energy"

    @property
    def columns(self) -> tuple[str, ...]:
        """``ENERGY_COLUMNS``."""
        return ENERGY_COLUMNS

    def observe(self, index: int, state: State) -> tuple[float, ...]:
        """Energies in eV per atom, pressure in GPa; NaN in rows without values.

        Raises:
            RolloutError: the potential cannot take the positions.
        """
        if index % self._every:
            return (float("nan"),) * len(ENERGY_COLUMNS)
        energy, virial_stress = self._potential.configuration(state)
        total = energy + state.kinetic_energy
        push = 2.0 * state.kinetic_energy / state.volume - float(np.trace(virial_stress))
        return energy / state.n_atoms, total / state.n_atoms, push / 3.0 / GPA
