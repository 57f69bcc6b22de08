"""What may look at the states of a run, add columns to its scalar record, and end it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from longstride.state import State


class Observer(ABC):
    """Looks at the state after every stride; must not change what the run does next by looking.

    An observer may have a memory of plain data, which the restart file keeps: a resumed run goes on
    with an observer that knows what the unbroken one would.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """Under which its memory is kept."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Headers of its columns in the record, with their units."""

    @abstractmethod
    def observe(self, index: int, state: State) -> tuple[float, ...]:
        """Values of the columns for the state after ``index`` strides; NaN where not measured.

        Raises:
            RolloutError: the state cannot be measured.
        """

    def conclude(self) -> None:  # noqa: B027  most observers never end a run
        """Called when the state observed last is recorded.

        Raises:
            RegimeLeftError: the run ends here.
        """

    def memory(self) -> dict[str, Any]:
        """Plain data that :meth:`recall` takes."""
        return {}

    def recall(self, memory: Mapping[str, Any]) -> None:  # noqa: B027  most remember nothing
        """Go on from a memory; an empty one is that of the start of a run."""
