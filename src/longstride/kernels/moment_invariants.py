"""Compiled invariants of the moments, twice differentiable."""

from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from longstride.kernels.tensors import array_of


class CompiledInvariants:
    """Invariants (N, F) of moments (N, C, 9), as ``model.scalars`` defines them.

    Args:
        channels: C.
        count: F.
        native: the compiled module.
        threads: of the processor.
    """

    def __init__(self, channels: int, count: int, native: ModuleType, threads: int) -> None:
        self._count = count
        self._native = native.MomentInvariants(channels=channels, threads=threads)

    def __call__(self, moments: Tensor) -> Tensor:
        """Invariants of moments."""
        invariants: Tensor = _Contract.apply(moments, self)
        return invariants

    def contract(self, moments: Tensor) -> Tensor:
        """The invariants, without a graph of derivatives."""
        invariants = moments.new_empty(len(moments), self._count)
        self._native.contract(array_of(moments), array_of(invariants))
        return invariants

    def expand(self, moments: Tensor, by: Tensor) -> Tensor:
        """Slopes (N, C, 9) by the moments of the invariants' sum weighted with ``by`` (N, F)."""
        slopes = torch.empty_like(moments, memory_format=torch.contiguous_format)
        self._native.expand(array_of(moments), array_of(by), array_of(slopes))
        return slopes

    def bend(self, moments: Tensor, by: Tensor, along: Tensor) -> tuple[Tensor, Tensor]:
        """Derivatives of :meth:`expand` weighted with ``along``: by ``by``, by the moments."""
        by_by = torch.empty_like(by, memory_format=torch.contiguous_format)
        by_moments = torch.empty_like(moments, memory_format=torch.contiguous_format)
        self._native.bend(
            array_of(moments), array_of(by), array_of(along), array_of(by_by), array_of(by_moments)
        )
        return by_by, by_moments


class _Contract(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, moments: Tensor, compiled: CompiledInvariants) -> Tensor:
        ctx.save_for_backward(moments)
        ctx.compiled = compiled
        return compiled.contract(moments)

    @staticmethod
    def backward(ctx: Any, by: Tensor) -> tuple[Tensor, None]:
        (moments,) = ctx.saved_tensors
        return _Expand.apply(moments, by, ctx.compiled), None


class _Expand(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, moments: Tensor, by: Tensor, compiled: CompiledInvariants) -> Tensor:
        ctx.save_for_backward(moments, by)
        ctx.compiled = compiled
        return compiled.expand(moments, by)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, along: Tensor) -> tuple[Tensor, Tensor, None]:
        moments, by = ctx.saved_tensors
        by_by, by_moments = ctx.compiled.bend(moments, by, along)
        return by_moments, by_by, None
