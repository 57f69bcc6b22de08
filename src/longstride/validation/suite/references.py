"""What a reference can be asked for."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from longstride.state import State
from longstride.trajectory import Segment
from longstride.validation.samples import Run

Array = NDArray[np.float64]


class Reference(Protocol):
    """Trajectories of the reference at a temperature; raises Unavailable where it has none."""

    @property
    def engine(self) -> dict[str, Any]:
        """The engine's description; empty where there is none at hand."""

    def windows(self, temperature: float) -> tuple[Segment, ...]:
        """Frames at every stage time, for one-stride errors."""

    def window_twins(self, temperature: float) -> tuple[Segment, ...]:
        """From the first frames of the windows with another time step; none where not made."""

    def flights(self, temperature: float) -> tuple[Segment, ...]:
        """Constant energy, from several starts."""

    def twins(self, temperature: float) -> tuple[Segment, ...]:
        """The flights again with another time step; none where they cannot be made."""

    def control(self, temperature: float) -> Run:
        """A long run at constant energy."""

    def runs(self, temperature: float) -> tuple[Run, ...]:
        """Runs at constant temperature."""

    def starts(self, temperature: float) -> tuple[State, ...]:
        """Phase points in equilibrium."""

    def energies(self, states: Sequence[State]) -> Array:
        """(F,) potential energies of frames in eV."""

    def there_and_back(self, state: State, time: float) -> Array:
        """Positions after ``time`` fs forth, flipped velocities, and as much back."""
