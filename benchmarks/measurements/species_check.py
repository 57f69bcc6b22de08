"""What a model says to an atom of another kind in its crystal."""

from typing import Any

from longstride.dynamics import require_regime
from longstride.errors import RegimeError
from longstride.kernels import ModelPropagator
from measurements.guard_cases import crystal

FOREIGN, FOREIGN_MASS = 29, 63.546
"""Copper."""


def measure(model: ModelPropagator) -> dict[str, Any]:
    """The refusal, with and without ``--force``, of one copper atom in aluminium."""
    state = crystal(4.07)
    species, masses = state.species.copy(), state.masses.copy()
    species[0], masses[0] = FOREIGN, FOREIGN_MASS
    mixed = state.with_(species=species, masses=masses)
    answers = {}
    for name, force in (("refused", False), ("refused_with_force", True)):
        try:
            require_regime(model.regime, mixed, 300.0, force=force)
            answers[name] = None
        except RegimeError as error:
            answers[name] = str(error)
    return answers
