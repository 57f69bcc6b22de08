"""Pairs of an engine's neighbour list, brought into the padded form that the network reads."""

import torch
from torch import Tensor


def padded(
    first: Tensor, second: Tensor, vectors: Tensor, n_atoms: int, far: float
) -> tuple[Tensor, Tensor]:
    """Vectors (N, 3, K) in Å and neighbours (N, K); an empty slot is far, and the atom itself.

    TorchScript.

    Args:
        first: (P,) int64 first atoms of the pairs, not decreasing.
        second: (P,) int64 second atoms.
        vectors: (P, 3) from the first to the second, in Å.
        n_atoms: N, at least one.
        far: length in Å given to empty slots.
    """
    counts = torch.bincount(first, minlength=n_atoms)
    slots = max(int(counts.max()), 1)
    starts = torch.cumsum(counts, 0) - counts
    place = torch.arange(first.shape[0], device=first.device) - starts[first]
    neighbors = torch.arange(n_atoms, device=first.device)[:, None].repeat(1, slots)
    neighbors[first, place] = second
    filled = torch.zeros(n_atoms, slots, 3, dtype=vectors.dtype, device=vectors.device)
    filled[:, :, 0] = far
    filled[first, place] = vectors
    return filled.transpose(1, 2).contiguous(), neighbors


def reach(displacement: Tensor) -> float:
    """By how much two atoms may have approached at most, in Å.

    The two largest displacements relative to the mean: a motion in common changes no distance.
    TorchScript.

    Args:
        displacement: (N, 3) of the atoms in Å, N at least one.
    """
    own = torch.sqrt((displacement - displacement.mean(0)).square().sum(1))
    return float(torch.topk(own, min(2, own.shape[0]))[0].sum())
