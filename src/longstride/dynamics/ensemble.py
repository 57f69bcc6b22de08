"""Ensembles: a propagator alone, or with bath and barostat split symmetrically around it."""

from collections.abc import Callable

import numpy as np

from longstride.dynamics.barostat import COMPRESSIBILITY, Barostat, CellRescaling
from longstride.dynamics.bath import Bath, CSVRBath, LangevinBath
from longstride.dynamics.target import Target
from longstride.dynamics.wrapped import WrappedPropagator
from longstride.errors import ConfigError
from longstride.propagator import Potential, Propagator, SubStridePropagator
from longstride.state import State


class Ensemble(WrappedPropagator):
    """A propagator and, outside NVE, a bath, and at constant pressure a barostat::

        O(τ/2) · B(τ/2) · M(τ) · B(τ/2) · O(τ/2)

    ========  ==============================================================
    symbol    meaning
    ========  ==============================================================
    M(τ)      the propagator's map over its stride τ
    O(h)      the bath's exact map over a time h; the identity in NVE
    B(h)      the barostat's map over a time h; the identity at constant
              volume
    ========  ==============================================================

    O leaves the canonical distribution exactly invariant, and so does M when it preserves energy
    and phase-space volume: with an exact map the splitting has no time-step error in equilibrium,
    whatever the stride. It is the symmetric splitting of Bussi and Parrinello,
    Phys. Rev. E 75, 056707 (2007), with the whole stride in place of one velocity-Verlet step.
    At constant pressure all of them share the isothermal–isobaric distribution: what error there
    is in equilibrium is that of B's own step, not of the splitting. M runs in the cell that B
    leaves it, and O is outermost because it does not move the atoms: a stride ends and the next
    begins in the same configuration.

    The bath touches velocities once a stride only. In a perfectly harmonic crystal, modes with
    ωτ near a whole multiple of π (8.33 THz for 60 fs) show it the same phase every time and
    thermalise slowly, at exact resonance never; a real crystal's anharmonicity mixes them.

    An ensemble is a propagator itself. Its ``stages`` are the map's, after the first half of bath
    and barostat; the last carries the second half too.
    """

    def __init__(
        self, propagator: Propagator, bath: Bath | None = None, barostat: Barostat | None = None
    ) -> None:
        if not propagator.stride > 0:
            raise ConfigError(f"a stride must be positive, not {propagator.stride} fs")
        if barostat is not None and bath is None:
            raise ConfigError("a barostat needs a thermal bath of its temperature beside it")
        super().__init__(propagator)
        self._bath = bath
        self._barostat = barostat

    @property
    def temperature(self) -> Target | None:
        """Temperature of the bath in K, constant or a ramp; None in NVE."""
        return None if self._bath is None else self._bath.temperature

    @property
    def pressure(self) -> Target | None:
        """External pressure in eV/Å³, constant or a ramp; None at constant volume."""
        return None if self._barostat is None else self._barostat.pressure

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later."""
        return self._after(self._propagator.step(self._before(state, rng), rng), rng)

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; only the last one if the propagator knows no others."""
        if not isinstance(self._propagator, SubStridePropagator):
            return (self.step(state, rng),)
        inside = self._propagator.stages(self._before(state, rng), rng)
        return (*inside[:-1], self._after(inside[-1], rng))

    def _before(self, state: State, rng: np.random.Generator) -> State:
        """O, then B."""
        if self._bath is not None:
            state = self._bath.apply(state, 0.5 * self.stride, rng)
        if self._barostat is not None:
            state = self._barostat.apply(state, 0.5 * self.stride, rng)
        return state

    def _after(self, state: State, rng: np.random.Generator) -> State:
        """B, then O."""
        if self._barostat is not None:
            state = self._barostat.apply(state, 0.5 * self.stride, rng)
        if self._bath is not None:
            state = self._bath.apply(state, 0.5 * self.stride, rng)
        return state


def nve(propagator: Propagator) -> Ensemble:
    """Constant energy and volume: the propagator alone."""
    return Ensemble(propagator)


def langevin(
    propagator: Propagator, temperature: Target, friction_time: float = 1000.0
) -> Ensemble:
    """Constant temperature (K) and volume by Langevin friction with time constant in fs."""
    return Ensemble(propagator, LangevinBath(temperature, friction_time))


def csvr(propagator: Propagator, temperature: Target, relaxation_time: float = 1000.0) -> Ensemble:
    """Constant temperature (K) and volume by stochastic velocity rescaling, time constant in fs."""
    return Ensemble(propagator, CSVRBath(temperature, relaxation_time))


def npt(
    propagator: Propagator,
    potential: Potential,
    temperature: Target,
    pressure: Target,
    *,
    bath: Callable[[Target, float], Bath] = LangevinBath,
    bath_time: float = 1000.0,
    barostat_time: float = 1000.0,
    compressibility: float = COMPRESSIBILITY,
    anisotropic: bool = False,
) -> Ensemble:
    """Constant temperature and pressure by stochastic cell rescaling beside a bath.

    Args:
        propagator: the map; it must take each state in the cell that the state has.
        potential: tells the stress; of a learned map, its own energy head.
        temperature: K, constant or a ramp.
        pressure: eV/Å³ (``units.GPA``), constant or a ramp.
        bath: ``LangevinBath`` or ``CSVRBath``.
        bath_time: time constant of the bath in fs.
        barostat_time: relaxation time of the volume in fs.
        compressibility: an estimate, in Å³/eV; sets the barostat's rates, not the averages.
        anisotropic: let all six components of the cell fluctuate, not the volume alone.
    """
    barostat = CellRescaling(
        potential, temperature, pressure, barostat_time, compressibility, anisotropic=anisotropic
    )
    return Ensemble(propagator, bath(temperature, bath_time), barostat)
