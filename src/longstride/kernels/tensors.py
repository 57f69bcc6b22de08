"""Tensors as the arrays that compiled code reads and writes."""

from typing import Any

from torch import Tensor


def array_of(tensor: Tensor | None) -> Any:
    """A contiguous array, of the tensor's own memory where that is contiguous; None of None."""
    return None if tensor is None else tensor.detach().contiguous().numpy()
