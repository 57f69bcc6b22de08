"""The graph a network sees, and a batch of them with the answers."""

from typing import NamedTuple

import torch
from torch import Tensor


class Graph(NamedTuple):
    """Atoms and the vectors to their neighbours.

    Attributes:
        vectors: (N, 3, K) vectors ``r_ij`` in Å; empty slots have length ``FAR``.
        neighbors: (N, K) int64 neighbour indices; empty slots point to the atom itself.
        species: (N,) int64 index of each atom's species in the model's list.
        system: (N,) int64 index of the system an atom belongs to, increasing from 0; None for a
            single system.
    """

    vectors: Tensor
    neighbors: Tensor
    species: Tensor
    system: Tensor | None = None

    def gather(self, values: Tensor) -> Tensor:
        """Per-atom values (N, C) at the neighbours: (N, K, C)."""
        n_atoms, slots = self.neighbors.shape
        return values.index_select(0, self.neighbors.reshape(-1)).view(n_atoms, slots, -1)

    def differences(self, values: Tensor) -> Tensor:
        """``x_j - x_i`` of a vector field (N, 3): (N, 3, K)."""
        return self.gather(values).transpose(1, 2) - values[:, :, None]

    def moved(self, displacement: Tensor) -> "Graph":
        """The same pairs after the atoms moved by ``displacement`` (N, 3) in Å."""
        return self._replace(vectors=self.vectors + self.differences(displacement))


class Batch(NamedTuple):
    """Windows of trajectories, concatenated along the atoms.

    Attributes:
        graph: the graph at the start, with every pair inside the cutoff at any stage.
        velocities: (N, 3) at the start in Å/fs.
        displacement: (S, N, 3) ``q(t + s) - q(t)`` at each stage time in Å.
        velocity: (S, N, 3) ``v(t + s)`` at each stage time in Å/fs.
        group: (N,) int64 index of the temperature group each atom belongs to.
    """

    graph: Graph
    velocities: Tensor
    displacement: Tensor
    velocity: Tensor
    group: Tensor

    def to(self, device: torch.device | str, dtype: torch.dtype) -> "Batch":
        """The batch on another device, floating-point fields in ``dtype``."""
        graph = Graph(
            self.graph.vectors.to(device, dtype),
            self.graph.neighbors.to(device),
            self.graph.species.to(device),
            None if self.graph.system is None else self.graph.system.to(device),
        )
        return Batch(
            graph,
            self.velocities.to(device, dtype),
            self.displacement.to(device, dtype),
            self.velocity.to(device, dtype),
            self.group.to(device),
        )
