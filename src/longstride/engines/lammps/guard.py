"""The guard of a run on several ranks: each looks at its own atoms, and the first one judges."""

from typing import NamedTuple

import numpy as np

from longstride.dynamics import Watch
from longstride.engines.lammps.host import Domain
from longstride.engines.lammps.ranks import Ranks, together
from longstride.kernels import ModelGauge
from longstride.propagator import Signal
from longstride.state import Array, State


class DomainGauge:
    """The ``Gauge`` of a state in domains, for the first rank to ask.

    Args:
        ranks: that share the atoms.
        gauge: of the model.
        species: atomic numbers, in the order of the model.
        cell: (3, 3) rows in Å.
    """

    def __init__(
        self, ranks: Ranks, gauge: ModelGauge, species: tuple[int, ...], cell: Array
    ) -> None:
        self._ranks, self._gauge, self._cell = ranks, gauge, cell
        self._species = np.array(species)
        self._signals: tuple[Signal, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of its signals."""
        return self._gauge.names

    def gather(self, domain: Domain, temperature: float, n_atoms: int) -> None:
        """Look at a domain's own atoms and bring the signals together; every rank must.

        Args:
            domain: of this rank.
            temperature: of all atoms, K.
            n_atoms: of all ranks.

        Raises:
            RolloutError: a position is not finite.
        """
        rows = together(self._ranks, lambda: self._rows(domain, temperature, n_atoms))
        numbers = self._ranks.gather(domain.arrays.tags[: len(rows)].astype(np.int64))
        gathered = self._ranks.gather(rows)
        if numbers is not None and gathered is not None:
            table = gathered[np.argsort(numbers)].T
            self._signals = tuple(Signal(*table[k : k + 2]) for k in range(0, len(table), 2))

    def look(self, state: State) -> tuple[Signal, ...]:
        """The signals gathered last, which must be those of the state; see ``Gauge``."""
        return self._signals

    def _rows(self, domain: Domain, temperature: float, n_atoms: int) -> Array:
        """(own, 2 K): values and limits of each signal."""
        own = domain.arrays.own
        if not own:
            return np.empty((0, 2 * len(self.names)))
        part = domain.surroundings.state(self._species, self._cell)
        signals = self._gauge.look_at_part(part, temperature, n_atoms)
        return np.stack([column[:own] for signal in signals for column in signal], axis=1)


class Found(NamedTuple):
    """What the guard says of a stride.

    Attributes:
        columns: of the scalar record, on the first rank.
        left: whether the run ends here, on all ranks.
    """

    columns: tuple[float, ...] = ()
    left: bool = False


class DomainGuard:
    """A ``Watch`` over atoms that lie on several ranks.

    Args:
        ranks: that share the atoms.
        gauge: whose signals the watch judges.
        every: strides between looks.
        watch: on the first rank.
        start: where the run began, on the first rank.
    """

    def __init__(
        self,
        ranks: Ranks,
        gauge: DomainGauge,
        every: int,
        watch: Watch | None,
        start: State | None,
    ) -> None:
        self._ranks, self._gauge, self._every = ranks, gauge, every
        self.watch, self._start = watch, start

    def look(
        self, stride: int, time: float, domain: Domain, temperature: float, n_atoms: int
    ) -> Found:
        """See ``Watch.observe``; every rank must.

        Args:
            stride: strides done.
            time: fs.
            domain: of this rank.
            temperature: of all atoms, K.
            n_atoms: of all ranks.
        """
        looks = stride % self._every == 0
        if looks:
            self._gauge.gather(domain, temperature, n_atoms)
        columns: tuple[float, ...] = ()
        if self.watch is not None and self._start is not None:
            columns = self.watch.observe(stride, self._start.with_(time=time))
        left = self.watch is not None and self.watch.ends
        return Found(columns, self._ranks.any(left) if looks else False)
