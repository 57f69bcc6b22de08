"""Where a training runs, on how many threads, and whether it can multiply there as asked."""

import os

import torch

from longstride.errors import ConfigError
from longstride.model.layers import Precision
from longstride.training.ranks import ALONE, Ranks

FIRST_TF32 = (8, 0)
"""Compute capability of the first GPUs that multiply in TF32, and in bf16."""


def pick_device(name: str, ranks: Ranks = ALONE) -> torch.device:
    """``auto`` is the GPU where there is one; each rank of a machine has one of its own.

    Raises:
        ConfigError: a GPU is asked for and there is none, or fewer than ranks.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device 'cuda': torch sees no GPU here; use 'auto' or 'cpu'")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    if ranks.size == 1:
        return torch.device("cuda")
    count = torch.cuda.device_count()
    if ranks.local_size > count:
        raise ConfigError(
            f"{ranks.local_size} processes for {count} GPU(s): start as many as there are GPUs, "
            "or use --device cpu"
        )
    device = torch.device("cuda", ranks.local_rank)
    torch.cuda.set_device(device)
    return device


def require_precision(precision: Precision, device: torch.device) -> None:
    """Refuse products that a device has not.

    Raises:
        ConfigError: TF32 without a GPU that has it, or bf16 on one that has not.
    """
    if device.type == "cpu":
        if precision == "tf32":
            raise ConfigError("precision 'tf32' needs a GPU; on processors use 'fp32' or 'bf16'")
    elif precision != "fp32" and torch.cuda.get_device_capability(device) < FIRST_TF32:
        raise ConfigError(f"precision '{precision}': this GPU has no such products; use 'fp32'")


def use_threads(threads: int, ranks: Ranks = ALONE) -> None:
    """Set torch's threads; where the choice is left to it, ranks share a machine's processors."""
    if not threads and ranks.local_size > 1 and "OMP_NUM_THREADS" not in os.environ:
        threads = max(1, torch.get_num_threads() // ranks.local_size)
    if threads:
        torch.set_num_threads(threads)
