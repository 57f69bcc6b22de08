"""How long and how often the suite runs things."""

from math import ceil, floor
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
)

from longstride.units import PS


class SuiteSettings(BaseModel):
    """What determines a validation, beside the model and the reference; times in fs.

    The defaults are the full suite: 500 atoms of aluminium at three temperatures take less than
    half an hour on two cores. :meth:`quick` takes three minutes at one temperature.

    Attributes:
        temperatures: K.
        seed: of all random numbers.
        friction_time: of the baths.
        damping: of the reference's bath while it equilibrates.
        equilibration: of the reference before anything is recorded.
        largest_step: the reference's time step is the largest one up to this that divides the time
            between frames; the twins have half of it.
        windows: strides predicted for the one-stride errors.
        flights: starts of the horizon.
        flight_time: length of each.
        decorrelation: of the reference in a bath between two starts.
        free_time: length of the run at constant energy.
        runs: surrogate runs at constant temperature.
        references: reference runs at constant temperature.
        run_time: length of each that is compared.
        discard: time before that, in which a run comes into its own equilibrium.
        energies: frames of a run whose potential energy the reference computes, at most.
        law_strides: strides forth and back of the reversibility test.
        law_starts: phase points the laws are tested at.
        speed_rounds: rounds of timing; 0 for none.
        cores: cores both programs use.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    temperatures: tuple[PositiveFloat, ...] = Field(min_length=1)
    seed: NonNegativeInt = 1
    friction_time: PositiveFloat = 1.0 * PS
    damping: PositiveFloat = 0.2 * PS
    equilibration: PositiveFloat = 10.0 * PS
    largest_step: PositiveFloat = 2.0
    windows: PositiveInt = 24
    flights: PositiveInt = 12
    flight_time: PositiveFloat = 5.0 * PS
    decorrelation: PositiveFloat = 1.0 * PS
    free_time: PositiveFloat = 60.0 * PS
    runs: PositiveInt = 2
    references: PositiveInt = 3
    run_time: PositiveFloat = 40.0 * PS
    discard: NonNegativeFloat = 5.0 * PS
    energies: PositiveInt = 400
    law_strides: PositiveInt = 10
    law_starts: PositiveInt = 2
    speed_rounds: NonNegativeInt = 3
    cores: PositiveInt = 2

    @classmethod
    def quick(cls, **changes: Any) -> Self:
        """A first answer: shorter and fewer runs, which resolve less."""
        short: dict[str, Any] = {
            "equilibration": 6.0 * PS,
            "windows": 16,
            "flights": 6,
            "free_time": 15.0 * PS,
            "runs": 1,
            "references": 2,
            "run_time": 24.0 * PS,
            "discard": 4.0 * PS,
            "energies": 200,
            "law_starts": 1,
            "speed_rounds": 1,
        }
        return cls(**{**short, **changes})


def usual_temperatures(lowest: float, highest: float, *, quick: bool) -> tuple[float, ...]:
    """Three temperatures over a model's range at whole hundreds of K, or the middle one.

    Args:
        lowest, highest: the model's range in K.
        quick: the middle one alone.
    """
    low, high = 100.0 * ceil(lowest / 100.0), 100.0 * floor(highest / 100.0)
    middle = 100.0 * floor(0.5 * (low + high) / 100.0 + 0.5)
    if not lowest <= low <= middle <= high <= highest:
        low, middle, high = lowest, 0.5 * (lowest + highest), highest
    return (middle,) if quick else tuple(dict.fromkeys((low, middle, high)))
