"""How fast a map that keeps phase-space volume heats, told by how its energy wanders.

A map made of kicks keeps an energy only as long as its kicks do not drive vibrations, and the one
it keeps is not quite the reference's: over long times the total energy E of a rollout does a random
walk. A map that keeps phase-space volume takes states of the canonical distribution
to states for which

    ⟨exp(−β ΔE)⟩ = 1,    β = 1/kT,

whatever it was fitted to: Jarzynski's equality (Phys. Rev. Lett. 78, 2690 (1997)) between equal
free energies, which follows from a change of variables alone. Over many strides ΔE is a sum of many
weakly dependent parts and so normal, and the equality says

    ⟨ΔE⟩ = β ⟨δE²⟩ / 2:

the walk has a drift, upwards, fixed by its own width, and both together tell the rate at which a
map heats. For changes x of pieces of a rollout, in units of kT, normal with a mean H and a variance
2H, the likelihood of the heat H of a piece depends on ⟨x²⟩ alone,

    log p(x) = −½ (log 2H + ⟨x²⟩/2H + H/2) + const,    and is largest at    H = sqrt(1 + ⟨x²⟩) − 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.dynamics.ensemble import langevin, nve
from longstride.dynamics.rollout import rollout
from longstride.propagator import Potential, Propagator
from longstride.state import State
from longstride.units import BOLTZMANN

SPACING = 400
"""Strides between two energies."""

PIECE = 5
"""Of these spacings, the length of a piece: longer than vibrations remember one another."""

SETTLING, BETWEEN = 150, 25
"""Strides in a bath before the first piece, and before each other: a piece heats by little."""

FRICTION_TIME = 8.0
"""Of that bath, in strides."""

FEWEST = 3
"""Pieces of a rollout."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EnergyWalk:
    """How the total energy wandered in pieces of a rollout at constant energy.

    Attributes:
        temperature: mean over the pieces, K.
        square: mean square of the energy gained in a piece, (kT)².
        kinetic: kinetic energy times strides of a piece, 3/2 N n kT over kT.
        pieces: their number.
    """

    temperature: float
    square: float
    kinetic: float
    pieces: int

    @property
    def heating(self) -> float:
        """Share of the kinetic energy gained a stride, H over that of a piece."""
        return float(np.sqrt(1.0 + self.square) - 1.0) / self.kinetic


def measure_walk(
    moving: Propagator,
    potential: Potential,
    state: State,
    temperature: float,
    rng: np.random.Generator,
    n_strides: int,
) -> EnergyWalk:
    """Pieces of a rollout at constant energy, a bath before each; how their total energy wanders.

    What only fluctuates, as the error of ``potential`` does, is in the variance of changes over
    one spacing as much as in that over a whole piece, and is taken out by it.

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
    for number in range(max(n_strides // (PIECE * SPACING), FEWEST)):
        settling = BETWEEN if number else SETTLING
        for stride in rollout(bath, state.with_(time=0.0), rng, settling):
            state = stride.end
        energies.append([_total(state, potential)])
        for stride in rollout(nve(moving), state, rng, PIECE * SPACING):
            state = stride.end
            if stride.index % SPACING == 0:
                energies[-1].append(_total(state, potential))
                temperatures.append(state.temperature)
    mean = float(np.mean(temperatures))
    steps = np.diff(np.array(energies), axis=1) / (BOLTZMANN * mean)
    gained = steps.sum(axis=1)
    fluctuation = (PIECE * float(steps.var()) - float(gained.var())) / (PIECE - 1)
    square = float(np.mean(gained**2)) - max(fluctuation, 0.0)
    kinetic = 1.5 * state.n_atoms * PIECE * SPACING
    return EnergyWalk(mean, max(square, 0.0), kinetic, len(gained))


def fitted_heating(walks: Sequence[EnergyWalk], temperatures: Sequence[float]) -> Array:
    """(T,) heating at temperatures in K: the likeliest parabola, in logarithms, through all walks.

    Two walks are a power of the temperature, one is a constant, none are no heating.
    """
    known = [walk for walk in walks if walk.square > 0.0]
    if not known:
        return np.zeros(len(temperatures))
    at, rates, square, pieces, kinetic = (
        np.array([getattr(walk, name) for walk in known], dtype=np.float64)
        for name in ("temperature", "heating", "square", "pieces", "kinetic")
    )
    middle = float(np.exp(np.mean(np.log(at))))

    def heating(line: Array, where: Array) -> Array:
        return np.asarray(np.exp(np.polyval(line, np.log(where / middle))), dtype=np.float64)

    def unlikelihood(line: Array) -> float:
        heat = heating(line, at) * kinetic
        each = np.log(2.0 * heat) + square / (2.0 * heat) + 0.5 * heat
        return float(np.sum(pieces * each) / np.sum(pieces))

    # SciPy takes a quarter of a second to import, and no run needs it for this.
    from scipy.optimize import minimize

    degree = min(2, len(known) - 1)
    start = np.polyfit(np.log(at / middle), np.log(rates), degree, w=np.sqrt(pieces))
    line = minimize(unlikelihood, start, method="Nelder-Mead", options={"xatol": 1e-4}).x
    return heating(line, np.asarray(temperatures, dtype=np.float64))


def _total(state: State, potential: Potential) -> float:
    return state.kinetic_energy + potential.configuration(state).energy
