"""Constant energy held: velocities rescaled so that the total energy returns to its start."""

from typing import Final

import numpy as np

from longstride.dynamics.followed import FollowedPropagator
from longstride.dynamics.observer import Observer
from longstride.dynamics.wrapped import Memory
from longstride.errors import ConfigError, RolloutError
from longstride.propagator import Potential, Propagator
from longstride.state import State
from longstride.units import MASS_VELOCITY_SQUARED, PS

CORRECTION_TIME: Final = 1.0 * PS
"""Default time constant in fs."""

CORRECTION_EVERY: Final = 5
"""Default number of strides from one correction to the next."""

LARGEST_SCALE: Final = 0.01
"""Default bound on how far from one a correction may scale the velocities."""

CORRECTION_COLUMN: Final = "energy_correction_eV_per_atom"
"""What :class:`CorrectionObserver` writes."""

_TARGET, _GIVEN, _STRIDES = (f"energy_correction.{name}" for name in ("target", "given", "strides"))


class EnergyCorrection(FollowedPropagator):
    """A map M and, every k strides, a correction C of its total energy: C · M(τ)ᵏ.

    C pulls the total energy E = K + U towards that of the first state, E₀, by scaling the
    velocities seen from the centre of mass,

        v ← V + s (v − V),    s² = 1 + f (E₀ − E)/K',    f = 1 − exp(−kτ/t_c).

    ========  =====================================================  ====
    symbol    meaning                                                unit
    ========  =====================================================  ====
    U         potential energy by ``potential``: a model's head      eV
    V, K'     velocity of the centre of mass; kinetic energy seen    eV
              from it
    k, τ      ``every``; the stride                                  –, fs
    t_c       ``relaxation_time``; 0 sets E to E₀ at once, f = 1     fs
    ========  =====================================================  ====

    Positions and total momentum stay as they are, the former exactly, the latter to rounding.

    *Why not at once.* A head that is off by δ(t), which fluctuates, does not see the true energy
    but that plus δ: with f = 1 each correction puts the error of the moment into the
    velocities, and the true energy follows E₀ − δ(t). It is bounded, not a random walk, since E₀
    stays; with f < 1 it is the running mean of δ over t_c instead, of variance ⟨δ²⟩ f/(2 − f) for
    errors independent from one correction to the next. A map that drifts at a rate r is left
    with an offset r t_c. E₀ holds δ(0), an offset that stays for the whole run.

    *Guard.* No correction scales the velocities by more than 1 ± ``largest``; where s² is not
    positive, or s is outside, or a number is not finite, or nothing moves, the run ends with an
    error that says the numbers. All corrections are added up (:attr:`given`).

    Source: weak coupling to a target, after Berendsen et al., J. Chem. Phys. 81, 3684 (1984), with
    the total energy in place of the temperature.

    Args:
        propagator: the map, at constant energy.
        potential: tells U; evaluated once a correction.
        relaxation_time: t_c.
        every: k.
        largest: bound on |s − 1|.

    Raises:
        ConfigError: a setting is negative, or not finite.
    """

    def __init__(
        self,
        propagator: Propagator,
        potential: Potential,
        relaxation_time: float = CORRECTION_TIME,
        every: int = CORRECTION_EVERY,
        largest: float = LARGEST_SCALE,
    ) -> None:
        super().__init__(propagator)
        if not (np.isfinite(relaxation_time) and relaxation_time >= 0):
            raise ConfigError(
                f"energy correction: its time must be 0 or more, not {relaxation_time} fs"
            )
        if every < 1 or not 0 < largest < 1:
            raise ConfigError(
                "energy correction: needs a positive number of strides and a bound between 0 and "
                f"1, not {every} and {largest}"
            )
        self._potential = potential
        self._every = every
        self._largest = largest
        self._share = 1.0
        if relaxation_time > 0:
            self._share = float(-np.expm1(-every * propagator.stride / relaxation_time))
        self._target: float | None = None
        self._given = 0.0
        self._strides = 0

    @property
    def given(self) -> float:
        """Energy in eV that all corrections together have added."""
        return self._given

    def follow(self, start: State, end: State, rng: np.random.Generator) -> State:
        """``end``, corrected where it is due; the first ``start`` sets E₀.

        Raises:
            RolloutError: the correction is too large, or cannot be made.
        """
        if self._target is None:
            self._target = self._energy(start)
        self._strides += 1
        if self._strides % self._every:
            return end
        momentum = end.momenta.sum(axis=0)
        drift = momentum / end.masses.sum()
        moving = end.kinetic_energy - 0.5 * MASS_VELOCITY_SQUARED * float(momentum @ drift)
        missing = self._target - self._energy(end)
        given = self._share * missing
        scale = _scale(given, moving)
        # Comparisons with NaN are false, so this catches what is not finite too.
        if not abs(scale - 1.0) <= self._largest:
            raise RolloutError(
                f"energy correction at t = {end.time:g} fs: the total energy is "
                f"{-1e3 * missing / end.n_atoms:.4g} meV per atom from its start, kinetic energy "
                f"{1e3 * moving / end.n_atoms:.4g}; velocities would be scaled by {scale:.4g}, "
                f"outside 1 ± {self._largest:g}"
            )
        self._given += given
        return end.with_(velocities=drift + scale * (end.velocities - drift))

    def memory(self) -> Memory:
        """E₀, the sum of the corrections and the strides so far, beside the propagator's."""
        if self._target is None:
            return super().memory()
        own = {_TARGET: self._target, _GIVEN: self._given, _STRIDES: float(self._strides)}
        return super().memory() | own

    def recall(self, memory: Memory) -> None:
        """Take up where the memory was made; an empty one begins anew."""
        super().recall(memory)
        self._target = memory.get(_TARGET)
        self._given = memory.get(_GIVEN, 0.0)
        self._strides = int(memory.get(_STRIDES, 0.0))

    def _energy(self, state: State) -> float:
        return state.kinetic_energy + self._potential.configuration(state).energy


class CorrectionObserver(Observer):
    """Writes the sum of the corrections since the start, eV per atom, at every stride.

    Args:
        correction: of the run that is recorded.
    """

    def __init__(self, correction: EnergyCorrection) -> None:
        self._correction = correction

    @property
    def name(self) -> str:
        """Of no use: the correction itself remembers."""
        return "energy correction"

    @property
    def columns(self) -> tuple[str, ...]:
        """One."""
        return (CORRECTION_COLUMN,)

    def observe(self, index: int, state: State) -> tuple[float, ...]:
        """What was added so far."""
        return (self._correction.given / state.n_atoms,)


def _scale(given: float, moving: float) -> float:
    """s; NaN where there is none."""
    if not moving > 0.0:
        return float("nan")
    square = 1.0 + given / moving
    return float(np.sqrt(square)) if square > 0.0 else float("nan")
