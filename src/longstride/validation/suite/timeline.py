"""When the frames of a validation are: at the stages of the surrogate, and at its strides."""

from dataclasses import dataclass
from functools import reduce
from math import gcd

from longstride.propagator import Propagator, SubStridePropagator

_GRAIN = 1e-3
"""Times in fs are whole multiples of this."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Times that follow from a propagator's stages, fs.

    Attributes:
        stage_times: since the start of a stride; the last is the stride.
    """

    stage_times: tuple[float, ...]

    @classmethod
    def of(cls, propagator: Propagator) -> "Timeline":
        """Of a propagator, with or without stages."""
        if isinstance(propagator, SubStridePropagator):
            return cls(tuple(propagator.stage_times))
        return cls((propagator.stride,))

    @property
    def stride(self) -> float:
        """The stride."""
        return self.stage_times[-1]

    @property
    def stage_interval(self) -> float:
        """The longest interval whose multiples hit every stage time."""
        return reduce(gcd, (round(time / _GRAIN) for time in self.stage_times)) * _GRAIN

    @property
    def frame_stages(self) -> tuple[int, ...]:
        """Indices of the most stages that are evenly spaced over the stride, its end included."""
        for count in range(len(self.stage_times), 0, -1):
            wanted = [self.stride * (k + 1) / count for k in range(count)]
            found = tuple(
                index
                for index, time in enumerate(self.stage_times)
                if any(abs(time - w) < _GRAIN for w in wanted)
            )
            if len(found) == count:
                return found
        return (len(self.stage_times) - 1,)

    @property
    def frame_interval(self) -> float:
        """Time between those stages."""
        return self.stride / len(self.frame_stages)

    def strides(self, time: float) -> int:
        """Whole strides closest to a time, at least one."""
        return max(1, round(time / self.stride))

    def whole(self, time: float) -> float:
        """The time of whole strides closest to a time."""
        return self.strides(time) * self.stride
