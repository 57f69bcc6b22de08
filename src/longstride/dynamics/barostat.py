"""Constant pressure by stochastic cell rescaling: a map of the cell, with its atoms in it."""

from typing import Final, Protocol

import numpy as np

from longstride.dynamics.target import Target, extremes, require_positive, value_at
from longstride.errors import ConfigError, RolloutError
from longstride.propagator import Potential
from longstride.state import Array, State, triangular
from longstride.units import BOLTZMANN, GPA, MASS_VELOCITY_SQUARED

COMPRESSIBILITY: Final = 0.01 / GPA
"""Default, in Å³/eV: that of a metal with a bulk modulus of 100 GPa."""


class Barostat(Protocol):
    """A stochastic map of the cell that leaves the isothermal–isobaric distribution invariant."""

    @property
    def pressure(self) -> Target:
        """External pressure in eV/Å³."""

    def apply(self, state: State, duration: float, rng: np.random.Generator) -> State:
        """The state after ``duration`` fs with the barostat, time and total momentum untouched."""


class CellRescaling:
    """Stochastic cell rescaling, isotropic or of all six components of the cell.

    The cell follows C(t + dt) = C(t) exp(dA), with dA made at t, and the atoms follow the cell::

        dA = (β/3τ) (P_int − P₀) dt + sqrt(2 β kT/(3 V τ)) dW
        P_int = (1/V) Σ m u uᵀ + (kT/V) 1 − σ

    Here that is done over a time h, with the pressure evaluated once. A = (ε/3) 1 + S has a part
    that changes the volume and a traceless one that changes the shape; the isotropic barostat has
    S = 0. With p = tr(P_int − P₀)/3 and c = exp(−h/τ)::

        ε = (1 − c) β p + sqrt((1 − c²) β kT/V) ξ
        S = dev[ (h β/3τ) P_int + sqrt(2 h β kT/(3 V τ)) ½ (Ξ + Ξᵀ) ]
        exp A = L R,    C ← C L,    q ← q_c + (q − q_c) L,    u ← u L⁻ᵀ

    ========  ===============================================================  =========
    symbol    meaning                                                          unit
    ========  ===============================================================  =========
    C, V      cell, vectors as rows; its volume                                Å, Å³
    P₀, T     ``pressure``, ``temperature`` at the state's time                eV/Å³, K
    τ         ``relaxation_time``: of the volume, if β is the true one         fs
    β         ``compressibility``, an estimate: sets rates, not averages       Å³/eV
    σ         the potential's virial stress                                    eV/Å³
    q_c       centre of mass                                                   Å
    u         velocities seen from the centre of mass                          Å/fs
    ξ, Ξ      standard normal number, and (3, 3) of them                       –
    L, R      lower triangular; a rotation, which is left out                  –
    ========  ===============================================================  =========

    *Stationary distribution.* q ← q L with u ← u L⁻ᵀ keeps the volume of the atoms' phase space,
    so that in the invariant measure of the group, d⁹C/V³, the density wanted is
    V · exp(−(H + P₀V)/kT), isotropic (dV/V) or not (V⁻² d⁹C): p(V) ∝ Q(N, V, T) exp(−P₀V/kT) in
    both. The drift above is its logarithm's slope times the diffusion constant β kT/(3Vτ), whose
    V⁻¹ cancels that V: no further term is left.

    *The centre of mass* keeps its place and its momentum. It would be anywhere in the cell and
    push with kT/V on average, which takes the place of its own m u uᵀ: an ideal gas has p(V) ∝ Vᴺ.
    Unwrapped positions are scaled as they are, also those of atoms that have left the cell: images
    stay images, and a path in a cell that breathes is one around a point at rest.

    *Rotations.* A is symmetric, and R turns what is left back: a cell that is lower triangular
    stays so, and any other keeps its orientation in the same sense.

    *A long time h.* The volume's step solves the equation exactly for a pressure that falls with
    ε by 1/β: any h is stable as long as β is less than twice the inverse of the modulus by which
    the pressure answers at once, and β near that inverse makes no error. Else the variance of V is
    off by about (1 − βB) h/2τ of itself; the shape, slower by 2G/3B for a shear modulus G and a
    bulk modulus B, by (2βG/3) h/2τ: with h = 30 fs and τ = 1 ps, below 1 %.

    Sources: Bernetti and Bussi, J. Chem. Phys. 153, 114107 (2020), arXiv:2006.09250 (isotropic);
    Del Tatto, Raiteri, Bernetti and Bussi, Appl. Sci. 12, 1139 (2022) (anisotropic). Theirs is the
    Itô form, with a term kT/V that the exponential makes by itself; the density in C is that of
    Martyna, Tobias and Klein, J. Chem. Phys. 101, 4177 (1994).

    Args:
        potential: tells the stress.
        temperature: T, that of the bath beside it; constant or a ramp.
        pressure: P₀, constant or a ramp.
        relaxation_time: τ.
        compressibility: β.
        anisotropic: let all six components of the cell fluctuate.
    """

    def __init__(
        self,
        potential: Potential,
        temperature: Target,
        pressure: Target,
        relaxation_time: float = 1000.0,
        compressibility: float = COMPRESSIBILITY,
        *,
        anisotropic: bool = False,
    ) -> None:
        require_positive(
            "barostat",
            temperature=temperature,
            relaxation_time=relaxation_time,
            compressibility=compressibility,
        )
        if not np.isfinite(extremes(pressure)).all():
            raise ConfigError(f"barostat: the pressure must be finite, not {pressure}")
        self._potential = potential
        self._temperature = temperature
        self._pressure = pressure
        self._relaxation_time = relaxation_time
        self._compressibility = compressibility
        self._anisotropic = anisotropic

    @property
    def pressure(self) -> Target:
        """External pressure in eV/Å³."""
        return self._pressure

    def apply(self, state: State, duration: float, rng: np.random.Generator) -> State:
        """The state after ``duration`` fs with the barostat.

        Raises:
            ConfigError: the cell is not periodic in all directions.
            RolloutError: the pressure is not finite.
        """
        require_periodic(state)
        thermal = BOLTZMANN * value_at(self._temperature, state.time)
        excess = self._internal_pressure(state, thermal)
        excess -= value_at(self._pressure, state.time) * np.eye(3)
        if not np.isfinite(excess).all():
            raise RolloutError(f"barostat: the pressure is not finite at t = {state.time:g} fs")
        return _stretched(state, self._stretch(excess, duration, thermal / state.volume, rng))

    def _internal_pressure(self, state: State, thermal: float) -> Array:
        """(3, 3) P_int in eV/Å³."""
        moving = state.velocities - _mean(state.velocities, state.masses)
        flux = MASS_VELOCITY_SQUARED * moving.T @ (state.masses[:, None] * moving)
        virial = self._potential.configuration(state).virial_stress
        return np.asarray((flux + thermal * np.eye(3)) / state.volume - virial)

    def _stretch(
        self, excess: Array, duration: float, unit: float, rng: np.random.Generator
    ) -> Array:
        """L (3, 3), from P_int − P₀ and kT/V."""
        given = -np.expm1(np.array([1.0, 2.0]) * -duration / self._relaxation_time)
        dilation = given[0] * self._compressibility * np.trace(excess) / 3.0
        spread = np.sqrt(given[1] * self._compressibility * unit)
        dilation += spread * rng.standard_normal()
        scale = float(np.exp(dilation / 3.0))
        if not self._anisotropic:
            return scale * np.eye(3)
        rate = duration * self._compressibility / (3.0 * self._relaxation_time)
        shape = rate * excess + np.sqrt(2.0 * rate * unit) * rng.standard_normal((3, 3))
        shape = 0.5 * (shape + shape.T)
        shape -= np.trace(shape) / 3.0 * np.eye(3)
        sizes, axes = np.linalg.eigh(shape)
        return scale * triangular(np.asarray((axes * np.exp(sizes)) @ axes.T))[0]


def require_periodic(state: State) -> None:
    """Refuse a cell that has no volume to fluctuate.

    Raises:
        ConfigError: a direction is not periodic.
    """
    if not state.pbc.all():
        raise ConfigError(
            "constant pressure needs a cell that is periodic in all directions; "
            "run this structure at constant volume"
        )


def _stretched(state: State, stretch: Array) -> State:
    """Cell and atoms under a linear map, seen from the centre of mass, momenta inversely."""
    centre = _mean(state.positions, state.masses)
    drift = _mean(state.velocities, state.masses)
    return state.with_(
        positions=centre + (state.positions - centre) @ stretch,
        velocities=drift + (state.velocities - drift) @ np.linalg.inv(stretch).T,
        cell=state.cell @ stretch,
    )


def _mean(vectors: Array, masses: Array) -> Array:
    """(3,) mean of vectors (N, 3) by mass."""
    return np.asarray(masses @ vectors / masses.sum())
