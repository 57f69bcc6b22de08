"""A model's energies as a calculator of ASE."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.stress import full_3x3_to_voigt_6_stress

from longstride.engines.ase.admission import Admission
from longstride.engines.ase.model import Model, potential_of, propagator_of, regime_of
from longstride.errors import ConfigError
from longstride.propagator import Potential
from longstride.state import Array, State


@runtime_checkable
class _Forces(Protocol):
    """A potential that knows forces too."""

    def forces(self, state: State) -> Array:
        """(N, 3) forces in eV/Å."""


class LongStrideCalculator(Calculator):
    """Potential energy (eV) and stress (eV/Å³, without kinetic part) of a model that knows them.

    Forces (eV/Å) only where the model has a method ``forces(state)``. The dynamics
    ``LongStride`` needs none of these.

    Args:
        model: a shipped name, a model folder, or a ``longstride.propagator.Potential``.
        force: evaluate outside the model's regime too, with a warning.

    Raises:
        ConfigError: the model knows no energies, or there is no such model.
    """

    def __init__(self, model: Model | Potential, *, force: bool = False) -> None:
        super().__init__()
        known = model if isinstance(model, Potential) else potential_of(propagator_of(model))
        if known is None:
            name = model if isinstance(model, str) else f"of type {type(model).__name__}"
            raise ConfigError(
                f"model {name}: knows no energies, it moves atoms without them; "
                "use the calculator of its reference potential"
            )
        self._potential = known
        self._admission = Admission(regime_of(known), force=force)
        forces = ["forces"] if isinstance(known, _Forces) else []
        self.implemented_properties = ["energy", "free_energy", "stress", *forces]

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Any = all_changes,
    ) -> None:
        """Fill ``results``.

        Raises:
            RegimeError: the atoms are outside the model's regime.
            ConfigError: they cannot be simulated.
        """
        super().calculate(atoms, properties, system_changes)
        asked = self.atoms
        assert asked is not None, "ASE's calculators are called with atoms"
        state = self._admission.state(asked)
        self._admission.check(state, None)
        energy, stress = self._potential.configuration(state)
        self.results = {"energy": energy, "free_energy": energy}
        if state.pbc.all():
            self.results["stress"] = full_3x3_to_voigt_6_stress(stress)
        if "forces" in properties and isinstance(self._potential, _Forces):
            self.results["forces"] = self._potential.forces(state)
