"""What the ranks of a run tell each other, in plain arrays."""

import sys
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from longstride.errors import EngineError, LongstrideError
from longstride.reference.lammps_program import INSTALL_HINT

Array = NDArray[np.float64]
Result = TypeVar("Result")


class Ranks:
    """The ranks of an MPI communicator.

    Args:
        communicator: of mpi4py.
    """

    def __init__(self, communicator: Any) -> None:
        self.communicator = communicator
        self.number: int = communicator.Get_rank()
        self.count: int = communicator.Get_size()

    @property
    def first(self) -> bool:
        """Whether this is the rank that reads and writes files."""
        return self.number == 0

    def sum(self, values: Array) -> Array:
        """The sum over the ranks of an array, on all of them."""
        total = np.empty_like(values)
        self.communicator.Allreduce(np.ascontiguousarray(values), total)
        return total

    def any(self, here: bool) -> bool:
        """Whether something holds on at least one rank."""
        return bool(self.sum(np.array([float(here)]))[0])

    def share(self, values: NDArray[Any]) -> None:
        """Give every rank the first one's array; on others it is overwritten."""
        self.communicator.Bcast(values)

    def gather(self, values: NDArray[Any]) -> NDArray[Any] | None:
        """All ranks' rows one after the other, on the first rank; None on others."""
        values = np.ascontiguousarray(values)
        rows = np.empty(self.count, dtype=np.int64)
        self.communicator.Allgather(np.array([len(values)]), rows)
        width = int(np.prod(values.shape[1:]))
        if not self.first:
            self.communicator.Gatherv(values, None)
            return None
        gathered = np.empty((int(rows.sum()), *values.shape[1:]), dtype=values.dtype)
        self.communicator.Gatherv(values, (gathered, (rows * width).tolist()))
        return gathered

    def agree(self, error: Exception | None) -> str | None:
        """The message of the first rank that has an error, on all; None where no rank has one."""
        text = "" if error is None else " ".join(str(error).split()) or type(error).__name__
        encoded = np.frombuffer(text.encode("utf-8")[:4096], dtype=np.uint8)
        sizes = np.empty(self.count, dtype=np.int64)
        self.communicator.Allgather(np.array([len(encoded)]), sizes)
        if not sizes.any():
            return None
        source = int(np.flatnonzero(sizes)[0])
        message = np.empty(sizes[source], dtype=np.uint8)
        message[:] = encoded if source == self.number else 0
        self.communicator.Bcast(message, root=source)
        return message.tobytes().decode("utf-8", "replace")


def all_ranks() -> Ranks:
    """The ranks this process was started with; here MPI is loaded and started.

    Raises:
        EngineError: mpi4py or an MPI library is missing.
    """
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise EngineError(f"MPI cannot be loaded ({reason}): {INSTALL_HINT}") from None
    return Ranks(MPI.COMM_WORLD)


def together(ranks: Ranks, act: Callable[[], Result]) -> Result:
    """Do what may fail on some ranks: if so, all raise that rank's error."""
    error: LongstrideError | None = None
    try:
        result = act()
    except LongstrideError as caught:
        error = caught
    message = ranks.agree(error)
    if error is not None:
        raise error
    if message is not None:
        raise EngineError(message)
    return result


def abort(ranks: Ranks, error: BaseException) -> None:
    """End all ranks at once, with what went wrong on this one: it leaves the others waiting."""
    traceback.print_exception(error)
    sys.stderr.flush()
    ranks.communicator.Abort(70)
