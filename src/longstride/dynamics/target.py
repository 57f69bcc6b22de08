"""What a bath or a barostat is set to: a constant, or a ramp in time."""

from dataclasses import dataclass

import numpy as np

from longstride.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Ramp:
    """A value that moves linearly in time and stays where it arrives.

    Attributes:
        start: value up to the time ``begin``.
        end: value from ``begin + duration`` on.
        duration: fs.
        begin: time of the state at which the ramp begins, fs.
    """

    start: float
    end: float
    duration: float
    begin: float = 0.0

    def __post_init__(self) -> None:
        if not np.isfinite([self.start, self.end, self.begin]).all():
            raise ConfigError(f"a ramp needs finite values, not {self.start} to {self.end}")
        if not (np.isfinite(self.duration) and self.duration > 0):
            raise ConfigError(f"a ramp needs a positive duration, not {self.duration} fs")

    def value_at(self, time: float) -> float:
        """The value at a time in fs."""
        share = min(max((time - self.begin) / self.duration, 0.0), 1.0)
        return (1.0 - share) * self.start + share * self.end


Target = float | Ramp
"""A constant or a ramp."""


def value_at(target: Target, time: float) -> float:
    """What a target is at a time in fs."""
    return target.value_at(time) if isinstance(target, Ramp) else target


def extremes(target: Target) -> tuple[float, float]:
    """The first and the last value of a target, between which all others lie."""
    return (target.start, target.end) if isinstance(target, Ramp) else (target, target)


def require_positive(name: str, **targets: Target) -> None:
    """Refuse what is not positive and finite at all times.

    Raises:
        ConfigError: naming the option and the value.
    """
    for option, target in targets.items():
        for value in extremes(target):
            if not (np.isfinite(value) and value > 0):
                raise ConfigError(f"{name}: {option} must be positive, not {value}")
