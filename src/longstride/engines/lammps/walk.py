"""The kicks and drifts of one domain between two exchanges.

Own atoms and ghosts are moved alike, ghosts fewer at every kick: what depends on atoms beyond the
halo is never used. With ``m`` kicks to go, positions are right within ``2 m`` cutoffs of the
domain, kicks within ``2 m - 2``, and the scalars they come from are those of atoms within
``2 m - 1``; each widened by twice what atoms may have moved since their depth was told.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from longstride.engines.lammps.halo import Halo
from longstride.engines.lammps.schedule import SKIN, Evaluation
from longstride.errors import RolloutError
from longstride.kernels import Centres, NativeKick
from longstride.state import State

Array = NDArray[np.float64]

_OPEN = np.zeros(3, dtype=np.bool_)


class Surroundings(NamedTuple):
    """A domain's own atoms, first, and the ghosts within two cutoffs of them.

    Attributes:
        positions: (M, 3) in Å, along LAMMPS' axes.
        species: (M,) places in the model's list.
    """

    positions: Array
    species: NDArray[np.int64]

    def state(self, numbers: NDArray[np.int64], cell: Array) -> State:
        """These atoms as an open system, of no masses and velocities of their own.

        Args:
            numbers: (S,) atomic numbers of the model's species.
            cell: (3, 3) rows in Å, of the whole system.
        """
        return State(
            positions=self.positions,
            velocities=np.zeros_like(self.positions),
            masses=np.ones(len(self.positions)),
            species=numbers[self.species],
            cell=cell,
            pbc=_OPEN,
        )


class Walked(NamedTuple):
    """A domain's own atoms (N, 3) after a group of evaluations; the last kick is in the velocities.

    Attributes:
        positions: Å.
        velocities: Å/fs.
        kick: the last one, Å/fs.
        surroundings: what the last kick came from.
    """

    positions: Array
    velocities: Array
    kick: Array
    surroundings: Surroundings


NOTHING = Surroundings(np.empty((0, 3)), np.empty(0, dtype=np.int64))
"""Around no atoms."""


class DomainWalk:
    """Moves atoms of one domain.

    Args:
        kick: of the model.
        cutoff: of the model, Å.
        cell: (3, 3) rows in Å, lower triangular.
        reach: Å that an atom may move in a walk.
    """

    def __init__(self, kick: NativeKick, cutoff: float, cell: Array, reach: float) -> None:
        self._kick, self._cutoff, self._cell, self._reach = kick, cutoff, cell, reach
        self._halo = Halo(cell)
        self._species = np.empty(0, dtype=np.int64)

    def walk(
        self,
        group: tuple[Evaluation, ...],
        positions: Array,
        velocities: Array,
        tags: NDArray[np.integer],
        types: NDArray[np.integer],
        own: int,
    ) -> Walked:
        """The evaluations of a group; the first one's drift has been done.

        Args:
            group: of evaluations.
            positions: (N, 3) in Å of own atoms and of ghosts as deep as the schedule says.
            velocities: those that the first drift was done with, in Å/fs; (N, 3), or (own, 3)
                where the group is a single evaluation.
            tags: (N,) numbers of the atoms.
            types: (N,) places of their species in the model's list, from 1.
            own: how many atoms are the domain's own, the first ones.

        Raises:
            RolloutError: a position is not finite, or an atom moved farther than the halo allows.
        """
        if not own:
            nobody = np.empty((0, 3))
            return Walked(nobody, nobody, nobody, NOTHING)
        if self._halo.arrange(positions, tags, own):
            self._species = self._halo.ordered(types).astype(np.int64) - 1
        places = np.asarray(self._halo.ordered(positions), dtype=np.float64)
        speeds = np.asarray(
            self._halo.ordered(velocities) if len(group) > 1 else velocities[:own].copy(),
            dtype=np.float64,
        )
        start = places.copy() if len(group) > 1 else places
        moved = own
        listed = self._halo.made_within(self._depth(len(group)) + self._cutoff + SKIN)
        for left, one in zip(range(len(group) - 1, -1, -1), group, strict=True):
            if left < len(group) - 1:
                places[:moved] += one.drift * speeds[:moved]
                self._require_near(places[:moved] - start[:moved])
            centres = Centres(self._halo.within(self._depth(left + 1) - self._cutoff), listed)
            kick = self._kick.at(places, self._species, self._cell, _OPEN, one.index, centres)
            moved = self._halo.within(self._depth(left)) if left else own
            speeds[:moved] += kick[:moved]
            if one.twice and left:
                speeds[:moved] += kick[:moved]
        near = self._halo.within(self._depth(1))
        around = Surroundings(places[:near], self._species[:near])
        return Walked(places[:own], speeds[:own], kick[:own], around)

    def _depth(self, kicks: int) -> float:
        """Å around the domain where atoms must be right with so many kicks to go."""
        return 2.0 * kicks * self._cutoff + 2.0 * self._reach

    def _require_near(self, displacements: Array) -> None:
        """Refuse what has left the surroundings that the halo was made for."""
        farthest = float(np.square(displacements).sum(axis=1).max(initial=0.0)) ** 0.5
        if not farthest <= self._reach:
            raise RolloutError(
                f"an atom moved {farthest:.3g} Å between two exchanges, and the halo allows "
                f"{self._reach:.3g} Å: the motion is unstable, or much hotter than the run was "
                "made for"
            )
