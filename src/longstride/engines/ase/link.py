"""A state and the Atoms object it was written to."""

import numpy as np
from ase import Atoms

from longstride.state import Array, State
from longstride.units import ASE_TIME


class AtomsLink:
    """Knows whether atoms are still, bit for bit, what a state made of them.

    Velocities change by a rounding on their way to ASE's momenta and back. A state that is kept
    beside untouched atoms spares them that, and the dynamics is that of a rollout to the last bit.

    Args:
        atoms: the object.
    """

    def __init__(self, atoms: Atoms) -> None:
        self._atoms = atoms
        self._left: dict[str, Array] = {}
        self.state: State | None = None

    def changed(self) -> frozenset[str]:
        """What differs from what was left: all of it before anything was."""
        now = _contents(self._atoms)
        return frozenset(
            name
            for name, array in now.items()
            if name not in self._left or not np.array_equal(array, self._left[name])
        )

    def keep(self, state: State) -> None:
        """Take ``state`` for that of the atoms as they are."""
        self.state = state
        self._left = {name: array.copy() for name, array in _contents(self._atoms).items()}

    def write(self, state: State) -> None:
        """Give the atoms the positions, velocities and masses of ``state``."""
        atoms = self._atoms
        if not np.array_equal(state.masses, atoms.get_masses()):
            atoms.set_masses(state.masses)
        # Constraints are for the dynamics to hold; here they would only round.
        atoms.set_positions(state.positions, apply_constraint=False)
        momenta = state.masses[:, None] * (state.velocities * ASE_TIME)
        atoms.set_momenta(momenta, apply_constraint=False)


def _contents(atoms: Atoms) -> dict[str, Array]:
    """The arrays that make a state, as ASE has them."""
    return {
        "positions": atoms.positions,
        "momenta": atoms.get_momenta(),
        "masses": atoms.get_masses(),
        "numbers": atoms.numbers,
        "cell": atoms.cell.array,
        "pbc": atoms.pbc,
    }
