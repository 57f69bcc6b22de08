"""Compiled moments and invariants for training.

A kick is a gradient, so training needs derivatives of a gradient. Torch has them of everything, but
spends most of its time on arrays of edges and on products of small matrices; compiled, these take a
small part of a step.
"""

from typing import Any

from longstride.kernels.edge_moments import CompiledMoments
from longstride.kernels.moment_invariants import CompiledInvariants
from longstride.kernels.native import load_native
from longstride.model import KickDriftMap, StrideMap


class CompiledFeatures:
    """The features of one model's site scalars.

    Args:
        moments: of the neighbourhoods.
        invariants: of the moments.
    """

    def __init__(self, moments: CompiledMoments, invariants: CompiledInvariants) -> None:
        self.moments, self.invariants = moments, invariants

    def __deepcopy__(self, memo: dict[int, Any]) -> "CompiledFeatures":
        """Itself: it holds nothing that changes."""
        return self


def compile_features(model: StrideMap, threads: int) -> bool:
    """Let a model on the processor use compiled features, where it can; says whether it does."""
    native = load_native()
    if native is None or not isinstance(model, KickDriftMap):
        return False
    scalars = model.scalars
    scalars.compiled = CompiledFeatures(
        CompiledMoments(scalars.basis, native, threads),
        CompiledInvariants(scalars.basis.channels, scalars.n_invariants, native, threads),
    )
    return True
