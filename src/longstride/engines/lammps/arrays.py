"""LAMMPS' own arrays of one domain, as views that are written to in place."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.engines.lammps.placement import image_turns

Array = NDArray[np.float64]


class DomainArrays:
    """Views of the atoms of this rank as they are now; another exchange makes them stale.

    Args:
        lammps: the instance.

    Attributes:
        own: how many atoms are the domain's own, the first ones; ghosts follow.
        positions: (N, 3) in Å, of ghosts too.
        velocities: (N, 3) in Å/ps, of ghosts too.
        tags: (N,) numbers of the atoms.
        types: (N,) types.
    """

    def __init__(self, lammps: Any) -> None:
        self._lammps = lammps
        self.own: int = lammps.extract_setting("nlocal")
        all_atoms = self.own + lammps.extract_setting("nghost")
        self.positions: Array = self._rows("x", all_atoms, np.float64)
        self.velocities: Array = self._rows("v", all_atoms, np.float64)
        self.tags: NDArray[np.integer] = self._column("id", all_atoms)
        self.types: NDArray[np.integer] = self._column("type", all_atoms)

    def unwrapped(self, cell: Array) -> Array:
        """(own, 3) positions in Å as if the atoms had never been put back into the cell.

        Args:
            cell: (3, 3) rows in Å.
        """
        turns = image_turns(self._column("image", self.own))
        return np.asarray(self.positions[: self.own] + turns @ cell)

    def _rows(self, name: str, count: int, kind: type) -> Array:
        if not count:
            return np.empty((0, 3), dtype=kind)
        return np.asarray(self._lammps.numpy.extract_atom(name, nelem=count, dim=3))

    def _column(self, name: str, count: int) -> NDArray[np.integer]:
        if not count:
            return np.empty(0, dtype=np.int32)
        return np.asarray(self._lammps.numpy.extract_atom(name, nelem=count, dim=1))
