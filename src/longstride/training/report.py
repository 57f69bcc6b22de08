"""What a training tells while it runs; the command line shows it, a library user may ignore it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from longstride.training.evaluate import StrideErrors


@dataclass(frozen=True)
class Status:
    """A training after a step.

    Attributes:
        step: steps done, skipped ones included.
        seconds: training time so far.
        progress: share of the budget used, 0 … 1.
        loss: of this step's batch.
        skipped: steps left out so far.
    """

    step: int
    seconds: float
    progress: float
    loss: float
    skipped: int

    @property
    def remaining(self) -> float:
        """Training time left, s; infinite before anything is known."""
        return self.seconds * (1.0 / self.progress - 1.0) if self.progress > 0.0 else float("inf")


class TrainingReport(Protocol):
    """Receives what happens, in order."""

    def started(self, message: str) -> None:
        """What is being set up, in words."""

    def baseline(self, errors: Sequence[StrideErrors]) -> None:
        """Errors of the start of the training, the ridge solution."""

    def stepped(self, status: Status) -> None:
        """After every step."""

    def evaluated(self, status: Status, loss: float, errors: Sequence[StrideErrors]) -> None:
        """After every evaluation of the averaged weights; ``loss`` is the validation loss."""

    def finished(self, ridge: Sequence[StrideErrors], errors: Sequence[StrideErrors]) -> None:
        """Errors of the final model beside the ridge solution."""


class Silent:
    """Tells nothing."""

    def started(self, message: str) -> None:
        """Ignored."""

    def baseline(self, errors: Sequence[StrideErrors]) -> None:
        """Ignored."""

    def stepped(self, status: Status) -> None:
        """Ignored."""

    def evaluated(self, status: Status, loss: float, errors: Sequence[StrideErrors]) -> None:
        """Ignored."""

    def finished(self, ridge: Sequence[StrideErrors], errors: Sequence[StrideErrors]) -> None:
        """Ignored."""
