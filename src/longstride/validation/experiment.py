"""What a side-by-side run is asked for: its settings, its subject, and who listens."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveFloat, PositiveInt

from longstride.dynamics import Regime
from longstride.propagator import Propagator
from longstride.units import PS


class SideBySideSettings(BaseModel):
    """What determines a side-by-side run, beside the model, the reference and the crystal.

    Attributes:
        temperature: of the baths in K.
        time: length of each run in fs.
        seed: of all random numbers.
        friction_time: of the baths in fs.
        equilibration: fs before the common start.
        largest_step: the reference's time step in fs is the largest one up to this that divides
            the time between frames.
        references: independent reference runs; two or more give a noise floor of their own.
        discarded: part of each run left out of the comparison at the start, while the runs still
            remember their common start; at most 2 ps.
        speed_rounds: rounds of timing.
        cores: cores both programs use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    temperature: PositiveFloat
    time: PositiveFloat = 10.0 * PS
    seed: NonNegativeInt = 1
    friction_time: PositiveFloat = 1.0 * PS
    equilibration: PositiveFloat = 2.0 * PS
    largest_step: PositiveFloat = 2.0
    references: PositiveInt = 2
    discarded: PositiveFloat = 0.2
    speed_rounds: PositiveInt = 3
    cores: PositiveInt = 2


@dataclass(frozen=True, slots=True)
class Subject:
    """The surrogate under test.

    Attributes:
        name: shown to the reader.
        propagator: its map.
        regime: what it was made for.
        checksum: of its weights and configuration.
        description: plain data for the report.
        from_positions: whether its velocities are backward differences of positions over a stride.
        instructions: instruction set of the compiled kernel; None where something else computes.
    """

    name: str
    propagator: Propagator
    regime: Regime
    checksum: str
    description: dict[str, Any]
    from_positions: bool = False
    instructions: str | None = None


class Listener(Protocol):
    """Hears what the experiment is doing."""

    def part(
        self, title: str, total: float | None
    ) -> AbstractContextManager[Callable[[float], None]]:
        """A part begins: ``total`` fs of simulation, or None where no progress is told.

        The function it gives is called with the fs done so far.
        """

    def reused(self, title: str) -> None:
        """A part was there already."""
