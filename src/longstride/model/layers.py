"""Linear layers whose products may be taken in a lower precision.

Only the layers of perceptrons and attention are: they add a bounded correction to a read-out in
closed form. Geometry, moments and whitening stay in the precision of the model, which is why this
is no ``torch.autocast`` or global switch: whitening amplifies differences of moments a thousandfold
(``whitening.py``), and with them the rounding of whatever is rounded before.

Operands are rounded, sums are in float32 (NVIDIA, *TensorFloat-32*, 2020; Kalamkar et al.,
arXiv:1905.12322). Where the hardware has no TF32, its operands are rounded all the same, so that
its accuracy can be measured anywhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import Tensor, nn

Precision = Literal["fp32", "tf32", "bf16"]
"""Of products: as the model is, of 10, or of 7 explicit bits of the mantissa."""

DROPPED_BITS = 13
"""Of the 23 of float32, those that TF32 has not."""


class Layer(nn.Linear):
    """A linear layer; ``products`` is the precision of its products, forwards and backwards."""

    products: Precision = "fp32"

    def forward(self, features: Tensor) -> Tensor:
        """``features`` (N, F) to (N, H)."""
        if self.products == "fp32":
            return super().forward(features)
        product: Tensor = _Product.apply(features, self.weight.T, self.products)
        return product + self.bias


@contextmanager
def products_in(model: nn.Module, precision: Precision) -> Iterator[None]:
    """Inside, the layers of a model take products in a precision."""
    layers = [module for module in model.modules() if isinstance(module, Layer)]
    for layer in layers:
        layer.products = precision
    try:
        yield
    finally:
        for layer in layers:
            layer.products = "fp32"


class _Product(torch.autograd.Function):
    """Product of two matrices, as often differentiable as one likes."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor, precision: Precision) -> Tensor:
        ctx.save_for_backward(a, b)
        ctx.precision = precision
        if precision == "bf16":
            return (a.bfloat16() @ b.bfloat16()).to(a.dtype)
        if a.is_cuda:
            return _on_tensor_cores(a, b)
        return _rounded(a) @ _rounded(b)

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor, Tensor, None]:
        a, b = ctx.saved_tensors
        return (
            _Product.apply(given, b.T, ctx.precision),
            _Product.apply(a.T, given, ctx.precision),
            None,
        )


def _on_tensor_cores(a: Tensor, b: Tensor) -> Tensor:
    matmul = torch.backends.cuda.matmul
    before = matmul.allow_tf32
    matmul.allow_tf32 = True
    try:
        return a @ b
    finally:
        matmul.allow_tf32 = before


def _rounded(values: Tensor) -> Tensor:
    """Numbers with the mantissa of TF32, to nearest, ties away from zero."""
    bits = values.float().contiguous().view(torch.int32)
    half, mask = 1 << (DROPPED_BITS - 1), -(1 << DROPPED_BITS)
    return ((bits + half) & mask).view(torch.float32).to(values.dtype)
