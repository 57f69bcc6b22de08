"""Potential energy, total energy and pressure of a run, as its potential tells them."""

from typing import Final

import numpy as np

from longstride.dynamics.observer import Observer
from longstride.errors import ConfigError
from longstride.propagator import Configuration, Potential
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
        found = self._potential.configuration(state)
        return energy_row(found, state.kinetic_energy, state.n_atoms, state.volume)


def energy_row(
    found: Configuration, kinetic: float, n_atoms: int, volume: float
) -> tuple[float, float, float]:
    """Values of ``ENERGY_COLUMNS``.

    Args:
        found: of the potential.
        kinetic: energy, eV.
        n_atoms: of the system.
        volume: Å³.
    """
    total = found.energy + kinetic
    push = 2.0 * kinetic / volume - float(np.trace(found.virial_stress))
    return found.energy / n_atoms, total / n_atoms, push / 3.0 / GPA
