"""How a stride is divided among exchanges of ghost atoms, and how deep a halo each needs.

A kick moves an atom by the scalars of its neighbours, each of which depends on neighbours of its
own: it looks two cutoffs far. An atom whose ``m`` next kicks are to be computed without hearing of
other domains again needs to know ``2 m`` cutoffs of surroundings, and as far as atoms move in
between. A stride of nine kicks of a cutoff of 6.2 Å can so be crossed with one exchange of a halo
of more than 112 Å, with three of 37 Å, or with nine of 12.4 Å.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

if TYPE_CHECKING:
    from longstride.model import KickDriftMap

FASTEST = 8.0
"""No atom moves faster than so many thermal speeds (kT/m)^½.

Of a billion atoms one is faster for 1 of 10,000 strides; a run that meets one stops (see ``walk``).
"""

SKIN = 3.0
"""Å that atoms may come nearer before ghosts, domains and neighbour lists are made anew: half of it
is more than vibrations in a hot crystal are wide."""


class Exchange(StrEnum):
    """When domains tell each other where their atoms are."""

    kick = "kick"
    substep = "substep"
    stride = "stride"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of kicks in a stride.

    Attributes:
        drift: time in fs that atoms drift before it.
        index: of the kick in the palindrome.
        twice: whether it is the last kick of a substep and the first of the next, at once.
    """

    drift: float
    index: int
    twice: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    """A stride as evaluations, in groups between exchanges.

    Attributes:
        groups: of evaluations; there is an exchange after the first drift of each.
        cutoff: of the model, Å.
        stride: fs.
    """

    groups: tuple[tuple[Evaluation, ...], ...]
    cutoff: float
    stride: float

    @classmethod
    def of(cls, model: "KickDriftMap", exchange: Exchange) -> "Schedule":
        """The schedule of a model."""
        drifts = model.drifts.detach().double().tolist()
        substep = [
            Evaluation(drift, index, index == len(drifts))
            for index, drift in enumerate(drifts, start=1)
        ]
        stride = substep * model.config.substeps
        size = {"kick": 1, "substep": len(substep), "stride": len(stride)}[exchange]
        groups = tuple(tuple(stride[k : k + size]) for k in range(0, len(stride), size))
        return cls(groups, model.config.cutoff, model.config.stride)

    @property
    def kicks(self) -> int:
        """Evaluations between two exchanges."""
        return len(self.groups[0])

    def reach(self, temperature: float, lightest: float) -> float:
        """Å that an atom may move between two exchanges, beyond the drift that precedes the first.

        Args:
            temperature: the highest of the run, K.
            lightest: smallest mass, amu.
        """
        speed = np.sqrt(BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * lightest))
        longest = max(sum(one.drift for one in group[1:]) for group in self.groups)
        return float(FASTEST * speed * longest)

    def depth(self, reach: float) -> float:
        """Å of surroundings that a domain must know at an exchange."""
        return 2.0 * self.kicks * self.cutoff + 2.0 * reach
