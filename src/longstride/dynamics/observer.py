"""More columns of a run's scalar record, each from whoever knows them."""

from typing import Protocol

from longstride.state import State


class Observer(Protocol):
    """Reads scalars off the states of a run."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, with their units."""

    @property
    def every(self) -> int:
        """Strides from one row with values to the next; rows between leave the columns empty."""

    def observe(self, state: State) -> tuple[float, ...]:
        """One value a column."""
