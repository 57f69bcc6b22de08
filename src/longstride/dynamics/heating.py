"""How fast a map that keeps phase-space volume heats, told by how its energy wanders.

The forces of a learned map are not the gradient of an energy, so the total energy E of a rollout
does a random walk. A map that keeps phase-space volume takes states of the canonical distribution
to states for which

    ⟨exp(−β ΔE)⟩ = 1,    β = 1/kT,

whatever it was fitted to: Jarzynski's equality (Phys. Rev. Lett. 78, 2690 (1997)) between equal
free energies, which follows from a change of variables alone. Over many strides ΔE is a sum of many
weakly dependent parts and so normal, and the equality says

    ⟨ΔE⟩ = β ⟨δE²⟩ / 2:

the walk has a drift, upwards, fixed by its own width. The width of short pieces therefore tells
the rate at which a map heats, and tells it far sooner than the drift can be seen against the walk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, polygamma

from longstride.dynamics.ensemble import langevin, nve
from longstride.dynamics.rollout import rollout
from longstride.propagator import Potential, Propagator
from longstride.state import State
from longstride.units import BOLTZMANN

SPACING = 100
"""Strides between two energies."""

PIECE = 5
"""Of these spacings, the length of a piece: longer than vibrations remember one another."""

SETTLING, BETWEEN = 150, 25
"""Strides in a bath before the first piece, and before each other: a piece heats by little."""

FRICTION_TIME = 8.0
"""Of that bath, in strides."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EnergyWalk:
    """How the total energy of a rollout at constant energy wandered.

    Attributes:
        temperature: mean over the rollout, K.
        diffusion: variance that the energy of an atom's share gains a stride, ⟨δE²⟩/(N n) in eV².
        pieces: that it was taken from.
    """

    temperature: float
    diffusion: float
    pieces: int

    @property
    def heating(self) -> float:
        """β⟨δE²⟩/2 as a share of the kinetic energy, 3/2 kT an atom, a stride."""
        return heating_of(self.diffusion, self.temperature)


def heating_of(diffusion: float, temperature: float) -> float:
    """Share of the kinetic energy that a walk of a diffusion (eV² an atom and stride) adds."""
    return diffusion / (3.0 * (BOLTZMANN * temperature) ** 2)


def measure_walk(
    moving: Propagator,
    potential: Potential,
    state: State,
    temperature: float,
    rng: np.random.Generator,
    n_strides: int,
) -> EnergyWalk:
    """Pieces of a rollout at constant energy, a bath before each; how their total energy wanders.

    The variance of changes over a piece, ``PIECE`` spacings, less that over one spacing, over the
    strides between: what only fluctuates, as the error of ``potential`` does, is in both and
    cancels.

    Args:
        moving: the map, with all noise that it will be used with.
        potential: tells the potential energy.
        state: near equilibrium at the temperature; velocities are those of the bath.
        temperature: of the bath, K.
        rng: of bath and noise.
        n_strides: at constant energy in all; three pieces at least.

    Raises:
        RolloutError: the rollout broke down.
    """
    bath = langevin(moving, temperature, FRICTION_TIME * moving.stride)
    energies, temperatures = [], []
    for number in range(max(n_strides // (PIECE * SPACING), 3)):
        settling = BETWEEN if number else SETTLING
        for stride in rollout(bath, state.with_(time=0.0), rng, settling):
            state = stride.end
        energies.append([_total(state, potential)])
        for stride in rollout(nve(moving), state, rng, PIECE * SPACING):
            state = stride.end
            if stride.index % SPACING == 0:
                energies[-1].append(_total(state, potential))
                temperatures.append(state.temperature)
    found = np.array(energies)
    long = float(np.var(found[:, -1] - found[:, 0], ddof=1))
    short = float(np.var(np.diff(found, axis=1), ddof=1))
    walked = max(long - short, 0.0) / ((PIECE - 1) * SPACING)
    return EnergyWalk(float(np.mean(temperatures)), walked / state.n_atoms, len(found))


def smoothed(walks: Sequence[EnergyWalk], temperatures: Sequence[float]) -> Array:
    """(T,) diffusion at temperatures in K, by a power of the temperature fitted to the walks.

    The logarithm of a variance from n pieces scatters by √ψ'(n/2) around ψ(n/2) − ln(n/2) for
    normal changes, whatever the variance; weights and bias are those. One walk is a constant.
    """
    kept = [walk for walk in walks if walk.diffusion > 0.0]
    if not kept:
        return np.zeros(len(temperatures))
    half = 0.5 * np.array([walk.pieces - 1 for walk in kept])
    logs = np.log([walk.diffusion for walk in kept]) - digamma(half) + np.log(half)
    at = np.log([walk.temperature for walk in kept])
    degree = 1 if len(kept) > 1 else 0
    line = np.polynomial.Polynomial.fit(at, logs, degree, w=1.0 / np.sqrt(polygamma(1, half)))
    return np.asarray(np.exp(line(np.log(temperatures))), dtype=np.float64)


def _total(state: State, potential: Potential) -> float:
    return state.kinetic_energy + potential.configuration(state).energy
