"""A pool of worker processes that leaves nothing running, however it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from types import FrameType, TracebackType
from typing import Self, TypeVar

from longstride.errors import EngineError

Task = TypeVar("Task")
Result = TypeVar("Result")


class Workers:
    """Processes that work through tasks; a context manager.

    When a task fails, or the caller stops or is interrupted, the tasks still running are ended
    together with the programs they started.

    Args:
        count: processes at a time; each is started when there is work for it.
    """

    def __init__(self, count: int) -> None:
        self._before = set(multiprocessing.active_children())
        self._pool = ProcessPoolExecutor(
            max_workers=count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
        )

    def run(
        self, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """Call a module-level function on every task; tasks with their results as they finish.

        Raises:
            EngineError: a worker died.
            Exception: whatever a task raised first.
        """
        try:
            # A worker that starts up takes a Ctrl-C for its own; it inherits that it waits.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                futures = {self._pool.submit(_guarded, function, task): task for task in tasks}
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool:
            raise EngineError(
                "a worker process died (out of memory?); try fewer --workers"
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            for child in set(multiprocessing.active_children()) - self._before:
                child.terminate()
                child.join()
        # Once: after a first call that does not wait, a second does not either, and the pool's
        # thread may close its pipes while the end of the program writes to them.
        self._pool.shutdown(wait=True, cancel_futures=True)


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
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
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
