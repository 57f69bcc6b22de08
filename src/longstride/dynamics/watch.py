"""Watches over the regime of a model while it runs, and acts when atoms leave it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from longstride.dynamics.observer import Observer
from longstride.dynamics.relay import Relay
from longstride.errors import FileFormatError, RegimeLeftError
from longstride.propagator import Gauge, Signal
from longstride.state import State

CALM: Final = 10
"""Looks in a row without an atom outside after which the model takes over again."""

MARGIN: Final = 0.9
"""Share of the limits that counts as outside while the reference is at work.

With ``CALM``, the hysteresis: near the limits the two would else take turns without end.
"""


@dataclass
class Findings:
    """What a watch has found since the start of a run; plain data.

    Attributes:
        looks: states looked at.
        looks_outside: of them, with an atom outside.
        largest: highest signal seen, as a share of its limit.
        reference_strides: strides that the reference did.
        on_reference: whether it does the next one.
        calm: looks in a row without an atom outside, while the reference is at work.
        outside: whether the last look found an atom outside.
        first: a sentence on the first departure; empty before it.
    """

    looks: int = 0
    looks_outside: int = 0
    largest: float = 0.0
    reference_strides: int = 0
    on_reference: bool = False
    calm: int = 0
    outside: bool = False
    first: str = ""


class Watch(Observer):
    """Looks at the novelty of a state every so many strides.

    It looks at the first state of a run too, and after every stride of the reference.

    Args:
        gauge: tells the signals and their limits.
        every: strides between looks.
        stops: end the run where an atom is outside.
        relay: let the reference take over there, until the model can go on.
        say: takes a line for the user.
    """

    def __init__(
        self,
        gauge: Gauge,
        every: int,
        *,
        stops: bool = False,
        relay: Relay | None = None,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        assert every > 0
        assert not (stops and relay), "a run that stops is handed to nobody"
        self._gauge, self._every, self._stops = gauge, every, stops
        self._relay, self._say = relay, say
        self._found = Findings()
        self._outside_now = ""

    @property
    def name(self) -> str:
        """Of its findings in the restart file."""
        return "guard"

    @property
    def columns(self) -> tuple[str, ...]:
        """Largest and mean of each signal, atoms outside, and the reference's strides so far."""
        of_signals = [f"{name}_{which}" for name in self._gauge.names for which in ("max", "mean")]
        return (*of_signals, "atoms_outside", "reference_strides")

    @property
    def findings(self) -> Findings:
        """What was found so far."""
        return self._found

    def observe(self, index: int, state: State) -> tuple[float, ...]:
        """See ``Observer``; between two looks every value but a count of strides is NaN."""
        found = self._found
        found.reference_strides += found.on_reference and index > 0
        counted = float(found.reference_strides)
        self._outside_now = ""
        if index % self._every and not found.on_reference:
            return (*[float("nan")] * (len(self.columns) - 1), counted)
        signals = self._gauge.look(state)
        shares = shares_of_limits(signals)
        number = int(np.sum((shares > 1.0).any(axis=0)))
        found.looks += 1
        found.largest = max(found.largest, float(shares.max()))
        found.outside = number > 0
        if number:
            found.looks_outside += 1
            self._outside_now = self._departure(signals, shares, state)
        self._decide(float(shares.max()))
        values = [float(f(signal.values)) for signal in signals for f in (np.max, np.mean)]
        return (*values, float(number), counted)

    @property
    def ends(self) -> bool:
        """Whether the state observed last ends the run."""
        return bool(self._outside_now) and self._stops

    def conclude(self) -> None:
        """End the run where that was asked for."""
        if self.ends:
            raise RegimeLeftError(self._outside_now)

    def memory(self) -> dict[str, Any]:
        """The findings."""
        return asdict(self._found)

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from earlier findings.

        Raises:
            FileFormatError: they are not those of a watch of this version.
        """
        try:
            found = self._found = Findings(**memory)
        except TypeError:
            raise FileFormatError(
                "the restart file's record of the guard is of another version; resume with the "
                "version that wrote it"
            ) from None
        # What to do may have changed since: a stopped run goes on by the reference at once.
        self._hand_over(self._relay is not None and (found.on_reference or found.outside))

    def _decide(self, largest: float) -> None:
        """What the look just taken means for the next stride."""
        found = self._found
        if self._outside_now and not found.first:
            found.first = self._outside_now
            if not self._stops:
                self._say(f"warning: {found.first}")
        if self._relay is None:
            return
        if not found.on_reference:
            found.calm = 0
            self._hand_over(bool(self._outside_now))
            return
        found.calm = 0 if largest > MARGIN else found.calm + 1
        self._hand_over(found.calm < CALM)

    def _hand_over(self, to_reference: bool) -> None:
        self._found.on_reference = to_reference
        if self._relay is not None:
            self._relay.on_reference = to_reference

    def _departure(self, signals: Sequence[Signal], shares: np.ndarray, state: State) -> str:
        """A sentence that names the atom farthest outside, the time, its signal and the limit."""
        which, atom = (int(k) for k in np.unravel_index(np.argmax(shares), shares.shape))
        name, _, unit = self._gauge.names[which].partition("_")
        value, limit = signals[which].values[atom], signals[which].limits[atom]
        return (
            f"outside the model's regime at t = {state.time:g} fs: atom {atom}, {name} "
            f"{value:.3g}{' ' + unit if unit else ''}, limit {limit:.3g}; "
            f"{int(np.sum((shares > 1.0).any(axis=0)))} of {state.n_atoms} atoms are outside"
        )


def shares_of_limits(signals: Sequence[Signal]) -> np.ndarray:
    """(K, N) signals as shares of their limits; what is not finite is outside."""
    shares = np.stack([signal.values / signal.limits for signal in signals])
    return np.where(np.isfinite(shares), shares, np.inf)
