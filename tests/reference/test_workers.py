"""Workers leave nothing behind: no process, and no thread that ends while the program does."""

import multiprocessing
import os
import threading
import time

import pytest

from longstride.errors import EngineError
from longstride.reference.workers import Workers


def stop_after_the_first_task() -> None:
    with Workers(2) as workers:
        next(workers.run(time.sleep, [0.0, 500.0, 500.0, 500.0]))
        raise RuntimeError("enough")


def exit_at_once(status: int) -> None:
    """As a process that the system ends for its memory."""
    os._exit(status)


def work_with_a_worker_that_dies() -> None:
    with Workers(1) as workers:
        list(workers.run(exit_at_once, [1]))


def test_after_an_error_neither_process_nor_thread_is_left():
    threads, children = set(threading.enumerate()), set(multiprocessing.active_children())
    with pytest.raises(RuntimeError, match="enough"):
        stop_after_the_first_task()
    assert set(threading.enumerate()) <= threads
    assert set(multiprocessing.active_children()) <= children


def test_a_worker_that_dies_is_an_error_of_one_line():
    with pytest.raises(EngineError, match="a worker process died"):
        work_with_a_worker_that_dies()
