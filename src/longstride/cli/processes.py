"""Several processes of one command on this machine: started, signalled and ended together.

``torchrun`` does as much and takes the same command, on several machines too; but it buries the
line that says what went wrong under reports of its own.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import typer

from longstride.cli.interruption import Interrupted
from longstride.errors import EngineError, LongstrideError

if TYPE_CHECKING:
    from longstride.training.ranks import Ranks

HOST: Final = "127.0.0.1"

LOOK_EVERY: Final = 0.1
"""Seconds between two looks at the processes."""

GRACE: Final = 20.0
"""Seconds for the others to end by themselves after one has failed, then after a SIGTERM."""

FAILED: Final = 2
UNEXPECTED: Final = 70
"""Exit codes, as ``main`` has them."""


def launch(command: Sequence[str], size: int) -> int:
    """Run a command as so many processes that know of each other.

    Each has a session of its own, so that a signal from the terminal reaches it once: by way of
    this process, which passes on what it gets.

    Args:
        command: the program with its arguments.
        size: number of processes.

    Returns:
        an exit code other than 0 where one of the processes had one.

    Raises:
        EngineError: one was killed and none was left to say so.
        Interrupted: they were told to end before they could say how to go on.
    """
    from torch.distributed import TCPStore

    # Held here, it outlives each of the ranks: what is left of them can agree on who speaks.
    store = TCPStore(HOST, 0, size, is_master=True, wait_for_workers=False)
    shared = {
        "MASTER_ADDR": HOST,
        "MASTER_PORT": str(store.port),
        "WORLD_SIZE": str(size),
        "LOCAL_WORLD_SIZE": str(size),
        "TORCHELASTIC_USE_AGENT_STORE": "True",
    }
    processes = [
        subprocess.Popen(
            command,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            start_new_session=True,
        )
        for rank in range(size)
    ]
    try:
        interrupted = _wait(processes)
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()
    codes = [process.returncode for process in processes]
    spoke = [code for code in codes if code > 0]
    if interrupted and not spoke:
        raise Interrupted(interrupted)
    if not spoke and any(codes):
        rank = next(rank for rank, code in enumerate(codes) if code)
        raise EngineError(f"process {rank} of {size} was killed by signal {-codes[rank]}")
    return max(spoke, default=0)


def _wait(processes: Sequence["subprocess.Popen[bytes]"]) -> int:
    """Until all have ended, or time is up after one failed; signals are passed on.

    Returns:
        the last signal that was passed on; 0 for none.
    """
    last, told = 0, False
    deadline = float("inf")
    while any(process.poll() is None for process in processes):
        try:
            if deadline == float("inf") and any(process.returncode for process in processes):
                deadline = time.monotonic() + GRACE
            if time.monotonic() > deadline:
                if told:
                    return last
                _pass_on(processes, signal.SIGTERM)
                told, deadline = True, time.monotonic() + GRACE
            time.sleep(LOOK_EVERY)
        except Interrupted as stop:
            last = stop.number
            _pass_on(processes, last)
    return last


def _pass_on(processes: Sequence["subprocess.Popen[bytes]"], number: int) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(number)


@contextmanager
def one_voice(ranks: "Ranks") -> Iterator[None]:
    """Of several ranks that fail, the first one lets its error through, the others end silently."""
    try:
        yield
    except typer.Exit:
        raise
    except (Exception, Interrupted) as error:
        if ranks.speaks():
            raise
        code = FAILED if isinstance(error, LongstrideError) else UNEXPECTED
        raise typer.Exit(error.status if isinstance(error, Interrupted) else code) from None
