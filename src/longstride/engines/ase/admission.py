"""Which atoms a model takes."""

import warnings

from ase import Atoms
from ase.constraints import FixCom

from longstride.dynamics import Regime, require_regime, require_sound, with_model_masses
from longstride.errors import ConfigError, RegimeError
from longstride.state import State
from longstride.trajectory import fault_of_atoms, state_of_atoms


class Admission:
    """Reads atoms, and refuses those that a model does not hold for.

    Args:
        regime: what the model was made for; None admits everything.
        force: warn outside of it, once for every reason, in place of refusing.
    """

    def __init__(self, regime: Regime | None, *, force: bool) -> None:
        self.regime = regime
        self._force = force
        self._warned: set[str] = set()

    def state(self, atoms: Atoms) -> State:
        """The state of atoms that can be simulated, with the model's masses where theirs agree.

        Raises:
            ConfigError: the atoms are faulty.
            RolloutError: two atoms overlap.
        """
        fault = fault_of_atoms(atoms)
        if fault is not None:
            raise ConfigError(f"atoms: {fault}")
        state = state_of_atoms(atoms)
        if self.regime is None:
            return state
        require_sound(state, self.regime.shortest_distance)
        return with_model_masses(self.regime, state)

    def check(self, state: State, temperature: float | None) -> None:
        """Refuse a state outside the regime, or warn.

        Args:
            state: of the atoms.
            temperature: the one asked for, in K; None leaves it unchecked.

        Raises:
            RegimeError: outside the model's regime.
        """
        if self.regime is None:
            return
        asked = self.regime.temperature[0] if temperature is None else temperature
        reasons = require_regime(self.regime, state, asked, force=True)
        if reasons and not self._force:
            raise RegimeError(
                f"outside the model's regime: {'; '.join(reasons)}; force=True runs it all the same"
            )
        for reason in reasons:
            if reason not in self._warned:
                warnings.warn(f"outside the model's regime: {reason}", stacklevel=4)
                self._warned.add(reason)


def centre_is_fixed(atoms: Atoms) -> bool:
    """Whether the atoms are constrained to keep their centre of mass.

    Strides conserve the total momentum exactly, so ``FixCom`` holds by itself once it is zero.

    Raises:
        ConfigError: any other constraint.
    """
    for constraint in atoms.constraints:
        # Not its subclass FixSubsetCom, which acts on some of the atoms.
        if type(constraint) is not FixCom:
            raise ConfigError(
                f"constraint {type(constraint).__name__} cannot be held: a learned stride moves "
                "all atoms; of constraints only FixCom is possible"
            )
    return bool(atoms.constraints)
