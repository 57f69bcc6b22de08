"""Ctrl-C and termination at a step boundary, so that a checkpoint is always whole."""

import signal
import threading
from types import FrameType
from typing import Any

from longstride.errors import TrainingError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TrainingInterrupted(TrainingError):
    """Stopped by a signal, after writing a checkpoint.

    Attributes:
        number: of the signal.
    """

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.number = number


class Interruption:
    """A context whose first signal only sets ``requested``; a later one means what it did before.

    Attributes:
        requested: the number of the signal that came; None for none.
    """

    def __init__(self) -> None:
        self.requested: int | None = None
        self._before: dict[signal.Signals, Any] = {}

    def _handle(self, number: int, frame: FrameType | None) -> None:
        before = self._before[signal.Signals(number)]
        if self.requested is not None and callable(before):
            before(number, frame)
        self.requested = number

    def __enter__(self) -> "Interruption":
        # signals can be handled in the main thread only; elsewhere they keep their meaning
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
