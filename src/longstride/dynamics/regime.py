"""What a model was made for, and what a run asks of it."""

from typing import Protocol

import numpy as np

from longstride.errors import RegimeError
from longstride.state import State


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
    reasons = []
    mass_of = dict(zip(regime.species, regime.masses, strict=True))
    for number in np.unique(state.species).tolist():
        if number not in mass_of:
            reasons.append(f"atomic number {number} (the model knows {_listed(regime.species)})")
            continue
        masses = state.masses[state.species == number]
        wrong = np.abs(masses - mass_of[number]) > 1e-3 * mass_of[number]
        if wrong.any():
            reasons.append(
                f"mass {masses[wrong][0]:g} amu of atomic number {number} "
                f"(the model's dynamics has {mass_of[number]:g} amu)"
            )
    asked = state.temperature if temperature is None else temperature
    if not regime.temperature[0] <= asked <= regime.temperature[1]:
        low, high = regime.temperature
        reasons.append(f"temperature {asked:.4g} K (the model covers {low:g} to {high:g} K)")
    if not state.pbc.all():
        reasons.append("a cell that is not periodic in all directions")
    else:
        density = state.n_atoms / abs(float(np.linalg.det(state.cell)))
        low, high = regime.density
        if not low <= density <= high:
            reasons.append(
                f"density {density:.5f} atoms/Å³ (the model covers {low:.5f} to {high:.5f})"
            )
    return tuple(reasons)


def require_regime(regime: Regime, state: State, temperature: float | None) -> None:
    """Raise ``RegimeError`` with every reason unless the run is inside the model's regime."""
    reasons = regime_violations(regime, state, temperature)
    if reasons:
        raise RegimeError("outside the model's regime: " + "; ".join(reasons))


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)
