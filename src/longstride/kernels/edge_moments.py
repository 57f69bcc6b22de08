"""Compiled moments of the neighbourhood, twice differentiable.

The moments are the only part of the site scalars that works on edges; with them and their
derivatives compiled, torch sees arrays of atoms alone.
"""

from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from longstride.kernels.tensors import array_of
from longstride.model.edges import COMPONENTS, RadialBasis


class CompiledMoments:
    """Moments (N, C, 9) of (N, 3, K) vectors, as ``model.edges.moments`` defines them.

    Args:
        basis: the radial functions.
        native: the compiled module.
        threads: of the processor.
    """

    def __init__(self, basis: RadialBasis, native: ModuleType, threads: int) -> None:
        centers = basis.centers.double().flatten()
        self._channels = basis.channels
        self._native = native.Moments(
            functions=len(centers),
            inner=float(centers[0]),
            width=basis.width,
            cutoff=basis.cutoff,
            species=basis.n_species,
            threads=threads,
        )

    def __call__(self, vectors: Tensor, neighbor_species: Tensor | None) -> Tensor:
        """Moments of edges in Å; ``neighbor_species`` (N, K) is needed with more than one."""
        moments: Tensor = _Sum.apply(vectors, neighbor_species, self)
        return moments

    def sum(self, vectors: Tensor, kinds: Tensor | None) -> Tensor:
        """The moments, without a graph of derivatives."""
        moments = vectors.new_empty(len(vectors), self._channels, COMPONENTS)
        self._native.sum(array_of(vectors), array_of(kinds), array_of(moments))
        return moments

    def pull(self, vectors: Tensor, kinds: Tensor | None, given: Tensor) -> Tensor:
        """Slopes (N, 3, K) by the vectors of the moments' sum weighted with ``given``."""
        slopes = torch.empty_like(vectors, memory_format=torch.contiguous_format)
        self._native.pull(
            array_of(vectors),
            array_of(kinds),
            array_of(given),
            array_of(slopes),
        )
        return slopes

    def bend(
        self, vectors: Tensor, kinds: Tensor | None, given: Tensor, along: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Derivatives of :meth:`pull` weighted with ``along``: by ``given``, and by the vectors."""
        by_given = torch.empty_like(given, memory_format=torch.contiguous_format)
        by_vectors = torch.empty_like(vectors, memory_format=torch.contiguous_format)
        self._native.bend(
            array_of(vectors),
            array_of(kinds),
            array_of(given),
            array_of(along),
            array_of(by_given),
            array_of(by_vectors),
        )
        return by_given, by_vectors


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, vectors: Tensor, kinds: Tensor | None, compiled: CompiledMoments
    ) -> Tensor:
        ctx.save_for_backward(vectors, kinds)
        ctx.compiled = compiled
        return compiled.sum(vectors, kinds)

    @staticmethod
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor, None, None]:
        vectors, kinds = ctx.saved_tensors
        return _Pull.apply(vectors, kinds, given, ctx.compiled), None, None


class _Pull(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, vectors: Tensor, kinds: Tensor | None, given: Tensor, compiled: CompiledMoments
    ) -> Tensor:
        ctx.save_for_backward(vectors, kinds, given)
        ctx.compiled = compiled
        return compiled.pull(vectors, kinds, given)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, along: Tensor) -> tuple[Tensor, None, Tensor, None]:
        vectors, kinds, given = ctx.saved_tensors
        by_given, by_vectors = ctx.compiled.bend(vectors, kinds, given, along)
        return by_vectors, None, by_given, None
