"""Thermal baths: exact stochastic maps of the velocities alone."""

from typing import Protocol

import numpy as np

from longstride.dynamics.target import Target, require_positive, value_at
from longstride.errors import RolloutError
from longstride.state import Array, State
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED


class Bath(Protocol):
    """A stochastic map of the velocities that leaves the canonical distribution invariant."""

    @property
    def temperature(self) -> Target:
        """Temperature of the bath in K, constant or a ramp."""

    def apply(self, state: State, duration: float, rng: np.random.Generator) -> State:
        """The state after ``duration`` fs with the bath, positions and time untouched."""


def thermal_velocities(state: State, temperature: float, rng: np.random.Generator) -> Array:
    """(N, 3) Maxwell–Boltzmann velocities in Å/fs at ``temperature`` (K), without total momentum.

    The centre-of-mass part is removed by projection, which is orthogonal in the mass-weighted
    velocities: the 3N − 3 remaining degrees of freedom stay exactly canonical.
    """
    spread = np.sqrt(BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * state.masses))
    velocities = spread[:, None] * rng.standard_normal((state.n_atoms, 3))
    return np.asarray(velocities - np.average(velocities, axis=0, weights=state.masses))


class LangevinBath:
    """Ornstein–Uhlenbeck velocities, solved exactly over any duration.

    Friction and noise of Langevin dynamics, dv = −γ v dt + sqrt(2 γ kT/m) dW, over a time h::

        v ← c v + sqrt(1 − c²) sqrt(kT/m) ξ,    c = exp(−γ h)

    ========  =================================================  =========
    symbol    meaning                                            unit
    ========  =================================================  =========
    γ         1 / ``friction_time``                              1/fs
    T         ``temperature`` at the state's time                K
    ξ         standard normal (N, 3), centre-of-mass part        –
              removed (see :func:`thermal_velocities`)
    ========  =================================================  =========

    The noise carries no total momentum: a state at rest stays at rest, any other loses its total
    momentum with the friction, and the canonical degrees of freedom are 3N − 3, those that
    ``State.temperature`` counts.

    Source: Bussi and Parrinello, Phys. Rev. E 75, 056707 (2007), eq. 7.
    """

    def __init__(self, temperature: Target, friction_time: float) -> None:
        require_positive("Langevin", temperature=temperature, friction_time=friction_time)
        self._temperature = temperature
        self._friction_time = friction_time

    @property
    def temperature(self) -> Target:
        """Temperature of the bath in K, constant or a ramp."""
        return self._temperature

    def apply(self, state: State, duration: float, rng: np.random.Generator) -> State:
        """The state after ``duration`` fs in contact with the bath."""
        kept = np.exp(-duration / self._friction_time)
        given = np.sqrt(-np.expm1(-2.0 * duration / self._friction_time))
        noise = thermal_velocities(state, value_at(self._temperature, state.time), rng)
        return state.with_(velocities=kept * state.velocities + given * noise)


class CSVRBath:
    """Canonical sampling through velocity rescaling: one random factor for all velocities.

    The kinetic energy K follows dK = (K̄ − K) dt/t_r + 2 sqrt(K K̄/(N_f t_r)) dW, solved exactly
    over a time h by v ← α v with ::

        α² = c + (1 − c) K̄/(N_f K) (R₁² + S) + 2 R₁ sqrt(c (1 − c) K̄/(N_f K))
        sign α = sign(R₁ + sqrt(c N_f K / ((1 − c) K̄))),        c = exp(−h/t_r)

    ========  =================================================  =========
    symbol    meaning                                            unit
    ========  =================================================  =========
    t_r       ``relaxation_time``                                fs
    K, K̄      kinetic energy; its canonical mean N_f kT/2        eV
    N_f       degrees of freedom, 3N − 3                         –
    R₁        standard normal number                             –
    S         sum of N_f − 1 squared standard normal numbers,    –
              drawn as one χ² number
    ========  =================================================  =========

    The total momentum is scaled with the rest: it stays zero when it was. The velocities keep
    their directions, so a state at rest cannot be heated: it raises ``RolloutError``.

    Source: Bussi, Donadio and Parrinello, J. Chem. Phys. 126, 014101 (2007), eqs. A7 and A8.
    """

    def __init__(self, temperature: Target, relaxation_time: float) -> None:
        require_positive("CSVR", temperature=temperature, relaxation_time=relaxation_time)
        self._temperature = temperature
        self._relaxation_time = relaxation_time

    @property
    def temperature(self) -> Target:
        """Temperature of the bath in K, constant or a ramp."""
        return self._temperature

    def apply(self, state: State, duration: float, rng: np.random.Generator) -> State:
        """The state after ``duration`` fs in contact with the bath."""
        factor = rescaling_factor(
            state.kinetic_energy,
            max(3 * state.n_atoms - 3, 1),
            value_at(self._temperature, state.time),
            duration,
            self._relaxation_time,
            rng,
        )
        return state.with_(velocities=factor * state.velocities)


def rescaling_factor(
    kinetic: float,
    degrees: int,
    temperature: float,
    duration: float,
    relaxation_time: float,
    rng: np.random.Generator,
) -> float:
    """The random factor α of :class:`CSVRBath`.

    Args:
        kinetic: kinetic energy in eV.
        degrees: of freedom.
        temperature: of the bath in K.
        duration: in contact with it, fs.
        relaxation_time: of the bath, fs.
        rng: a generator; it is advanced.

    Raises:
        RolloutError: the atoms are at rest.
    """
    if kinetic <= 0.0:
        raise RolloutError(
            "CSVR: all atoms are at rest and rescaling cannot heat them; draw velocities first"
        )
    kept = np.exp(-duration / relaxation_time)
    # K̄/(N_f K) is kT/(2K): the degrees of freedom cancel.
    share = -np.expm1(-duration / relaxation_time) * (0.5 * BOLTZMANN * temperature / kinetic)
    first = rng.standard_normal()
    others = rng.chisquare(degrees - 1) if degrees > 1 else 0.0
    # (sqrt(c) + sqrt(share) R₁)² + share S, which rounding cannot make negative.
    along = np.sqrt(kept) + np.sqrt(share) * first
    return float(np.copysign(np.sqrt(along**2 + share * others), along))
