"""A pool of worker processes that leaves nothing running, however it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from types import FrameType
from typing import TypeVar

from longstride.errors import EngineError

Task = TypeVar("Task")
Result = TypeVar("Result")


def run_tasks(
    function: Callable[[Task], Result], tasks: Sequence[Task], workers: int
) -> Iterator[tuple[Task, Result]]:
    """Call a module-level function on every task in separate processes, as they finish.

    When a task fails, or the caller stops or is interrupted, the tasks still running are ended
    together with the programs they started.

    Raises:
        EngineError: a worker died.
        Exception: whatever a task raised first.
    """
    if not tasks:
        return
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        max_workers=min(workers, len(tasks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare_worker,
    )
    futures = {pool.submit(_guarded, function, task): task for task in tasks}
    try:
        pending = set(futures)
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in done:
                yield futures[future], future.result()
    except BrokenProcessPool:
        raise EngineError("a worker process died (out of memory?); try fewer --workers") from None
    finally:
        if any(not future.done() for future in futures):
            pool.shutdown(wait=False, cancel_futures=True)
            for child in set(multiprocessing.active_children()) - before:
                child.terminate()
        pool.shutdown(wait=True, cancel_futures=True)


class _Stopped(BaseException):
    """Raised inside a task that has to end, so that it ends the program it started."""


_busy = False


def _guarded(function: Callable[[Task], Result], task: Task) -> Result:
    global _busy
    _busy = True
    try:
        return function(task)
    except _Stopped:
        os._exit(1)
    finally:
        _busy = False


def _prepare_worker() -> None:
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _stop(number: int, frame: FrameType | None) -> None:
    if _busy:
        raise _Stopped
    os._exit(1)


def _follow_parent() -> None:
    """Stop when the parent is gone: a pool's processes would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
