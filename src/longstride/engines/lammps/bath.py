"""Thermal baths on atoms that are spread over ranks: the maps of ``dynamics/bath.py``."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics import Target, rescaling_factor, value_at
from longstride.engines.lammps.philox import normals
from longstride.engines.lammps.ranks import Ranks
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]


class Moment(NamedTuple):
    """When a bath acts: what its random numbers depend on beside the atoms.

    Attributes:
        stride: strides done.
        before: whether the next stride begins with it; else the last one ends.
        time: fs.
    """

    stride: int
    before: bool
    time: float


class DomainBath(Protocol):
    """A stochastic map of the velocities of all atoms, some on each rank."""

    def apply(
        self, velocities: Array, masses: Array, tags: NDArray[np.int64], at: Moment
    ) -> tuple[Array, float]:
        """Velocities (n, 3) in Å/fs of this rank's atoms after half a stride with the bath.

        Returns:
            The velocities, and the factor by which the total momentum has changed.
        """
        ...


class DomainLangevin:
    """Langevin friction and noise, exact over half a stride; see ``dynamics.LangevinBath``.

    Args:
        ranks: that share the atoms.
        temperature: K.
        friction_time: fs.
        duration: half a stride, fs.
        seed: of the noise.
    """

    def __init__(
        self, ranks: Ranks, temperature: Target, friction_time: float, duration: float, seed: int
    ) -> None:
        self._ranks, self._temperature, self._seed = ranks, temperature, seed
        self._kept = float(np.exp(-duration / friction_time))
        self._given = np.sqrt(-np.expm1(-2.0 * duration / friction_time))

    def apply(
        self, velocities: Array, masses: Array, tags: NDArray[np.int64], at: Moment
    ) -> tuple[Array, float]:
        """See ``DomainBath``."""
        thermal = BOLTZMANN * value_at(self._temperature, at.time) / MASS_VELOCITY_SQUARED
        noise = normals(self._seed, tags, at.stride, int(at.before))
        noise *= np.sqrt(thermal / masses)[:, None]
        noise -= drift(self._ranks, noise, masses)
        return self._kept * velocities + self._given * noise, self._kept


class DomainRescaling:
    """Stochastic velocity rescaling, exact over half a stride; see ``dynamics.CSVRBath``.

    Args:
        ranks: that share the atoms.
        temperature: K.
        relaxation_time: fs.
        duration: half a stride, fs.
        seed: of the random factors, which every rank draws for itself.
        n_atoms: on all ranks.
    """

    def __init__(
        self,
        ranks: Ranks,
        temperature: Target,
        relaxation_time: float,
        duration: float,
        seed: int,
        n_atoms: int,
    ) -> None:
        self._ranks, self._temperature, self._seed = ranks, temperature, seed
        self._times = duration, relaxation_time
        self._degrees = max(3 * n_atoms - 3, 1)

    def apply(
        self, velocities: Array, masses: Array, tags: NDArray[np.int64], at: Moment
    ) -> tuple[Array, float]:
        """See ``DomainBath``."""
        kinetic = kinetic_energy(self._ranks, velocities, masses)
        rng = np.random.default_rng((self._seed, at.stride, int(at.before)))
        target = value_at(self._temperature, at.time)
        factor = rescaling_factor(kinetic, self._degrees, target, *self._times, rng)
        return factor * velocities, factor


def drift(ranks: Ranks, velocities: Array, masses: Array) -> Array:
    """(3,) velocity in Å/fs of the centre of mass of all ranks' atoms."""
    sums = ranks.sum(np.array([*(masses @ velocities), masses.sum()]))
    return np.asarray(sums[:3] / sums[3])


def kinetic_energy(ranks: Ranks, velocities: Array, masses: Array) -> float:
    """Kinetic energy in eV of all ranks' atoms."""
    here = 0.5 * MASS_VELOCITY_SQUARED * np.sum(masses[:, None] * velocities**2)
    return float(ranks.sum(np.array([here]))[0])
