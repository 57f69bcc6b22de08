"""The processes of one training (data parallel): what they tell each other.

Every rank holds the whole model and takes a share of the windows of every step. With n_r atoms on
rank r and a loss L_r that is a mean over them, the loss of the global batch and its gradient are

    L = Σ_r n_r L_r / Σ_r n_r,     ∇L = Σ_r n_r ∇L_r / Σ_r n_r,

so ranks together do what one process does with the same batch, up to the order of sums. All ranks
get the same bits, take the same decisions and step alike: nothing else is exchanged (synchronous
data parallelism; Goyal et al., arXiv:1706.02677; Li et al., PVLDB 13, 3005 (2020)).

Ranks find each other by the variables of ``torchrun`` (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT),
and talk by gloo on processors and NCCL on GPUs.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import torch
from torch import Tensor, distributed

from longstride.errors import TrainingError

LONGEST_WAIT = timedelta(days=2)
"""For the others: one that ends is noticed at once, by its connection, so this only bounds a fit in
closed form that the first does alone."""


class RankLostError(TrainingError):
    """Another process of the training ended."""


def in_a_group() -> bool:
    """Whether this process was started as one of several."""
    return "RANK" in os.environ and os.environ.get("WORLD_SIZE", "1") != "1"


class Ranks:
    """The ranks of a training, seen from one of them.

    Args:
        rank: own number.
        size: number of ranks.
        local_rank: own number on this machine.
        local_size: ranks on this machine.
        store: what they found each other by; none for a single one.

    Attributes:
        rank, size, local_rank, local_size: see there.
    """

    def __init__(
        self,
        rank: int = 0,
        size: int = 1,
        local_rank: int = 0,
        local_size: int = 1,
        store: distributed.Store | None = None,
    ) -> None:
        self.rank, self.size = rank, size
        self.local_rank, self.local_size = local_rank, local_size
        self._store = store
        self._launcher = os.getppid()

    @property
    def first(self) -> bool:
        """Whether this one writes files and prints."""
        return self.rank == 0

    @property
    def orphaned(self) -> bool:
        """Whether the program that started the ranks is gone."""
        return self.size > 1 and os.getppid() != self._launcher

    def text(self, make: Callable[[], str]) -> str:
        """A text that the first rank makes, on all ranks."""
        if self.size == 1:
            return make()
        made = torch.tensor(list(make().encode()) if self.first else [], dtype=torch.uint8)
        length = torch.tensor([len(made)])
        self.share([length])
        content = made if self.first else made.new_empty(int(length))
        if len(content) > 0:
            self.share([content])
        return bytes(content.tolist()).decode()

    def share(self, tensors: Iterable[Tensor]) -> None:
        """Give the first rank's content of tensors to all."""
        if self.size > 1:
            with _telling():
                for tensor in tensors:
                    distributed.broadcast(tensor, 0)

    def sum(self, tensor: Tensor) -> None:
        """Replace a tensor by its sum over the ranks."""
        if self.size > 1:
            with _telling():
                distributed.all_reduce(tensor)

    def largest(self, value: float) -> float:
        """The largest over the ranks."""
        if self.size == 1:
            return value
        found = torch.tensor(value, dtype=torch.float64)
        with _telling():
            distributed.all_reduce(found, op=distributed.ReduceOp.MAX)
        return float(found)

    def average(self, gradients: Sequence[Tensor], loss: Tensor, n_atoms: int) -> Tensor:
        """Means over the atoms of all ranks; gradients in place.

        Args:
            gradients: of this rank's loss.
            loss: scalar mean over this rank's atoms.
            n_atoms: their number.

        Returns:
            the loss of the global batch.
        """
        if self.size == 1:
            return loss
        parts = [*gradients, loss[None], loss.new_ones(1)]
        whole = n_atoms * torch.cat([part.flatten() for part in parts])
        self.sum(whole)
        whole /= whole[-1].clone()
        *means, mean, _ = whole.split([part.numel() for part in parts])
        for gradient, found in zip(gradients, means, strict=True):
            gradient.copy_(found.view_as(gradient))
        return mean[0]

    def speaks(self) -> bool:
        """Whether this is the first rank to ask; one of them tells the user what went wrong."""
        if self._store is None:
            return True
        try:
            return bool(self._store.add("spoke", 1) == 1)
        except RuntimeError:  # the store is gone with the rank that held it
            return True


ALONE = Ranks()
"""The only process of a training."""


@contextmanager
def joined() -> Iterator[Ranks]:
    """The ranks that this process was started with, while inside.

    Raises:
        RankLostError: they cannot be reached.
    """
    if not in_a_group():
        yield ALONE
        return
    try:
        store, rank, size = next(distributed.rendezvous("env://"))
        gpus = torch.cuda.is_available() and distributed.is_nccl_available()
        distributed.init_process_group(
            "cpu:gloo,cuda:nccl" if gpus else "gloo",
            store=store,
            rank=rank,
            world_size=size,
            timeout=LONGEST_WAIT,
        )
        local_rank = int(os.environ.get("LOCAL_RANK", rank))
        local_size = int(os.environ.get("LOCAL_WORLD_SIZE", size))
    except (RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise RankLostError(f"the processes of the training did not meet: {reason}") from error
    try:
        yield Ranks(rank, size, local_rank, local_size, store)
    finally:
        distributed.destroy_process_group()


@contextmanager
def _telling() -> Iterator[None]:
    """What goes wrong inside is that another rank is gone."""
    try:
        yield
    except RuntimeError as error:
        raise RankLostError(
            "a process of the training was lost (killed, or out of memory?); the last checkpoint "
            "is whole: continue with --resume"
        ) from error
