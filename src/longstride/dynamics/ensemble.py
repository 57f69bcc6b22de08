"""Ensembles: a propagator alone, or with a bath split symmetrically around it."""

from typing import Protocol, runtime_checkable

import numpy as np

from longstride.dynamics.bath import Bath, CSVRBath, LangevinBath
from longstride.errors import ConfigError
from longstride.propagator import Propagator, SubStridePropagator
from longstride.state import State


@runtime_checkable
class CachingPropagator(Protocol):
    """A propagator that keeps what may change the last bits of its next strides."""

    def reset_cache(self) -> None:
        """Forget it: the next stride depends on the state and the generator alone."""


class Ensemble:
    """A propagator and, outside NVE, a bath::

        O(τ/2) · M(τ) · O(τ/2)

    ========  ==============================================================
    symbol    meaning
    ========  ==============================================================
    M(τ)      the propagator's map over its stride τ
    O(h)      the bath's exact map over a time h; the identity in NVE
    ========  ==============================================================

    O leaves the canonical distribution exactly invariant, and so does M when it preserves energy
    and phase-space volume: with an exact map the splitting has no time-step error in equilibrium,
    whatever the stride. It is the symmetric splitting of Bussi and Parrinello,
    Phys. Rev. E 75, 056707 (2007), with the whole stride in place of one velocity-Verlet step.

    The bath touches velocities once a stride only. In a perfectly harmonic crystal, modes with
    ωτ near a whole multiple of π (8.33 THz for 60 fs) show it the same phase every time and
    thermalise slowly, at exact resonance never; a real crystal's anharmonicity mixes them.

    An ensemble is a propagator itself. Its ``stages`` are the map's, after the first half of the
    bath; the last carries the second half too.
    """

    def __init__(self, propagator: Propagator, bath: Bath | None = None) -> None:
        if not propagator.stride > 0:
            raise ConfigError(f"a stride must be positive, not {propagator.stride} fs")
        self._propagator = propagator
        self._bath = bath

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self._propagator.stride

    @property
    def temperature(self) -> float | None:
        """Temperature of the bath in K; None in NVE."""
        return None if self._bath is None else self._bath.temperature

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times of the stages since the start of the stride, in fs."""
        if isinstance(self._propagator, SubStridePropagator):
            return self._propagator.stage_times
        return (self.stride,)

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later."""
        return self._half(self._propagator.step(self._half(state, rng), rng), rng)

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; only the last one if the propagator knows no others."""
        if not isinstance(self._propagator, SubStridePropagator):
            return (self.step(state, rng),)
        inside = self._propagator.stages(self._half(state, rng), rng)
        return (*inside[:-1], self._half(inside[-1], rng))

    def reset_cache(self) -> None:
        """Let the propagator forget what it keeps between strides, if it does."""
        if isinstance(self._propagator, CachingPropagator):
            self._propagator.reset_cache()

    def _half(self, state: State, rng: np.random.Generator) -> State:
        if self._bath is None:
            return state
        return self._bath.apply(state, 0.5 * self.stride, rng)


def nve(propagator: Propagator) -> Ensemble:
    """Constant energy and volume: the propagator alone."""
    return Ensemble(propagator)


def langevin(propagator: Propagator, temperature: float, friction_time: float = 1000.0) -> Ensemble:
    """Constant temperature (K) and volume by Langevin friction with time constant in fs."""
    return Ensemble(propagator, LangevinBath(temperature, friction_time))


def csvr(propagator: Propagator, temperature: float, relaxation_time: float = 1000.0) -> Ensemble:
    """Constant temperature (K) and volume by stochastic velocity rescaling, time constant in fs."""
    return Ensemble(propagator, CSVRBath(temperature, relaxation_time))
