"""Batches made ahead of time in a background thread, in order."""

import queue
import threading
from collections.abc import Iterator

import numpy as np

from longstride.dataset.source import WindowSource
from longstride.graph import Batch

AHEAD = 3
"""Batches kept ready; one is consumed while the next ones are made."""


def batch_generator(seed: int, step: int) -> np.random.Generator:
    """The generator of batch ``step``: of (seed, step) alone, so resumed runs see the same data."""
    return np.random.default_rng([seed, step])


def initial_generator(seed: int) -> np.random.Generator:
    """The generator of the windows for closed-form fits: of none of the steps."""
    return np.random.default_rng([seed, 0, 1])


class Batches:
    """An endless iterator of batches ``first_step``, ``first_step + 1``, … of one seed.

    A context manager: leaving it stops the thread. Errors of the thread are raised to the consumer.

    Args:
        source: of the windows.
        n_windows: windows a step.
        seed: with the step it determines them.
        first_step: the first one.
        rank: which of ``size`` shares of every step's windows this is.
        size: number of shares, at most ``n_windows``.
    """

    def __init__(
        self,
        source: WindowSource,
        n_windows: int,
        seed: int,
        first_step: int,
        *,
        rank: int = 0,
        size: int = 1,
    ) -> None:
        self._source, self._n_windows, self._seed = source, n_windows, seed
        self._step = first_step
        self._share = slice(rank, None, size)
        self._ready: queue.Queue[Batch | BaseException] = queue.Queue(maxsize=AHEAD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="batches", daemon=True)

    def _fill(self) -> None:
        while not self._stop.is_set():
            item: Batch | BaseException
            try:
                windows = self._source.draw(
                    batch_generator(self._seed, self._step), self._n_windows
                )
                item = self._source.collate(windows[self._share])
            except BaseException as error:
                item = error
            while not self._stop.is_set():
                try:
                    self._ready.put(item, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if isinstance(item, BaseException):
                return
            self._step += 1

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        item = self._ready.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def __enter__(self) -> "Batches":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
