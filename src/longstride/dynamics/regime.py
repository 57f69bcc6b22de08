"""What a model was made for, and what a run asks of it."""

from typing import Final, Protocol

import numpy as np

from longstride.errors import RegimeError
from longstride.state import State

MASS_TOLERANCE: Final = 1e-3
"""Relative difference from which on a mass is another mass."""


class Regime(Protocol):
    """The range a model states. Checkpoints carry it; any object with these fields will do."""

    @property
    def species(self) -> tuple[int, ...]:
        """Atomic numbers."""

    @property
    def masses(self) -> tuple[float, ...]:
        """Mass of each species in amu."""

    @property
    def temperature(self) -> tuple[float, float]:
        """Lowest and highest temperature in K."""

    @property
    def density(self) -> tuple[float, float]:
        """Lowest and highest number density in atoms/Å³."""

    @property
    def shortest_distance(self) -> float:
        """Distance below which two atoms overlap, in Å."""


def regime_violations(regime: Regime, state: State, temperature: float | None) -> tuple[str, ...]:
    """Every reason why a run from ``state`` is outside the regime, each a short clause.

    Args:
        regime: the model's regime.
        state: the state the run starts from.
        temperature: the target temperature in K; None (NVE) takes the state's kinetic temperature.
    """
    reasons = [*_unknown_species(regime, state), *_other_masses(regime, state)]
    asked = state.temperature if temperature is None else temperature
    if not regime.temperature[0] <= asked <= regime.temperature[1]:
        low, high = regime.temperature
        reasons.append(f"temperature {asked:.4g} K (the model covers {low:g} to {high:g} K)")
    if not state.pbc.all():
        reasons.append("a cell that is not periodic in all directions")
        return tuple(reasons)
    density = state.number_density
    low, high = regime.density
    if not low <= density <= high:
        reasons.append(f"density {density:.5f} atoms/Å³ (the model covers {low:.5f} to {high:.5f})")
    return tuple(reasons)


def require_regime(
    regime: Regime, state: State, temperature: float | None, *, force: bool = False
) -> tuple[str, ...]:
    """Refuse a run outside the model's regime.

    Args:
        regime: the model's regime.
        state: the state the run starts from.
        temperature: as for :func:`regime_violations`.
        force: let pass what a model can be run at all with: everything but unknown species.

    Returns:
        The reasons that were let pass.

    Raises:
        RegimeError: with every reason.
    """
    reasons = regime_violations(regime, state, temperature)
    if reasons and not (force and not _unknown_species(regime, state)):
        raise RegimeError("outside the model's regime: " + "; ".join(reasons))
    return reasons


def with_model_masses(regime: Regime, state: State) -> State:
    """The state with the model's own masses where its masses agree with them to a thousandth.

    Tables of atomic masses differ in the last digits; the model conserves momentum with its own.
    """
    masses = state.masses.copy()
    for number, mass in zip(regime.species, regime.masses, strict=True):
        near = (state.species == number) & (np.abs(masses - mass) <= MASS_TOLERANCE * mass)
        masses[near] = mass
    return state.with_(masses=masses)


def _unknown_species(regime: Regime, state: State) -> list[str]:
    known = ", ".join(str(number) for number in regime.species)
    unknown = sorted(set(state.species.tolist()) - set(regime.species))
    return [f"atomic number {number} (the model knows {known})" for number in unknown]


def _other_masses(regime: Regime, state: State) -> list[str]:
    reasons = []
    for number, mass in zip(regime.species, regime.masses, strict=True):
        masses = state.masses[state.species == number]
        wrong = masses[np.abs(masses - mass) > MASS_TOLERANCE * mass]
        if len(wrong):
            reasons.append(
                f"mass {wrong[0]:g} amu of atomic number {number} "
                f"(the model's dynamics has {mass:g} amu)"
            )
    return reasons
