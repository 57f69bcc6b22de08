"""The learned scalar of the kicks as TorchScript: its definition, traced.

The definition (``model/scalars.py``) has no branch that the values of its inputs decide, so its
trace is the same function for every number of atoms and neighbours. Nothing is written twice, and
a change of the definition is in the next export.
"""

import torch
from torch import Tensor, nn

from longstride.graph import Graph
from longstride.model import KickDriftMap
from longstride.model.scalars import SiteScalars

SIZES = ((5, 7), (3, 1), (4, 12))
"""Atoms and slots for neighbours of the geometries that a trace is made from and checked with."""


class KickScalar(nn.Module):
    """A mixture of the learned scalars at a geometry."""

    def __init__(self, scalars: SiteScalars) -> None:
        super().__init__()
        self.scalars = scalars

    def forward(
        self,
        displacement: Tensor,
        vectors: Tensor,
        neighbors: Tensor,
        species: Tensor,
        mixture: Tensor,
    ) -> Tensor:
        """The scalar () in amu·Å²/fs, to be differentiated by the displacement.

        Args:
            displacement: (N, 3) in Å, by which the atoms of the geometry move.
            vectors: (N, 3, K) vectors to the neighbours in Å.
            neighbors: (N, K) int64 indices of the neighbours.
            species: (N,) int64 index of each atom's species in the model's list.
            mixture: (n_scalars,) weights of the scalars.
        """
        total: Tensor = self.scalars(
            Graph(vectors, neighbors, species).moved(displacement), mixture
        )
        return total


def traced_scalar(model: KickDriftMap) -> torch.jit.ScriptModule:
    """The scalar of a model as TorchScript, in the precision of its weights.

    Raises:
        torch.jit.TracingCheckError: the trace does not hold for another number of atoms.
    """
    first, *others = (_example(model, *size) for size in SIZES)
    scalar = KickScalar(model.scalars).eval()
    return torch.jit.trace(scalar, first, check_inputs=others)


def _example(model: KickDriftMap, n_atoms: int, slots: int) -> tuple[Tensor, ...]:
    """Arguments of the scalar at some geometry."""
    random = torch.Generator().manual_seed(n_atoms)
    dtype = model.scalars.ridge.dtype
    distance = model.config.inner + torch.rand(n_atoms, 1, slots, generator=random)
    vectors = nn.functional.normalize(torch.randn(n_atoms, 3, slots, generator=random), dim=1)
    return (
        torch.zeros(n_atoms, 3, dtype=dtype),
        (distance * vectors).to(dtype),
        torch.randint(n_atoms, (n_atoms, slots), generator=random),
        torch.randint(len(model.config.species), (n_atoms,), generator=random),
        torch.full((len(model.scalars.ridge),), 0.5, dtype=dtype),
    )
