"""Ctrl-C and a batch system's SIGTERM, turned into an orderly end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import typer
from rich.console import Console

INTERRUPTED = 130
"""Exit code of an interrupted command."""


@contextmanager
def stoppable(console: Console, way_on: str) -> Iterator[None]:
    """End what runs inside, programs it started included, say how to go on, and exit with 130."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        console.print(f"stopped; {way_on}", highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)
