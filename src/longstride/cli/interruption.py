"""Ctrl-C and a batch system's SIGTERM, turned into an orderly end with a line on how to go on."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)

GRACE = 10.0
"""Seconds in which more signals are ignored, so that the end that has begun stays orderly."""


class Interrupted(BaseException):
    """A signal ends the command; what is open is closed on the way up.

    Args:
        number: of the signal.
        way_on: what to do next, said to the user.
    """

    def __init__(self, number: int, way_on: str = "") -> None:
        super().__init__(way_on)
        self.number, self.way_on = number, way_on

    @property
    def status(self) -> int:
        """Exit code, as shells count it: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number


@contextmanager
def orderly() -> Iterator[None]:
    """Signals raise Interrupted inside; outside of the main thread they keep their meaning."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    last = -GRACE

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal last
        before, last = last, time.monotonic()
        if last - before > GRACE:
            raise Interrupted(number)

    handlers = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def stoppable(way_on: str | Callable[[], str]) -> Iterator[None]:
    """What runs inside may be stopped; this is how to go on, said once everything is closed."""
    try:
        yield
    except Interrupted as stop:
        said = stop.way_on or (way_on if isinstance(way_on, str) else way_on())
        raise Interrupted(stop.number, said) from None
