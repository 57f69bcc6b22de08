"""Equivariant features of positions and velocities for the free staged map.

With C radial channels, unit vectors u and relative velocities c = (v_j - v_i) / c_0, the moments of
atom i are 2C scalars {1, u·c}, 3C vectors {u, c, u(u·c)} and 2C traceless symmetric tensors {uu,
sym(uc)}. Only v_j - v_i
enters: Galilean invariance is exact.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from longstride.graph import Graph
from longstride.model.config import ModelConfig
from longstride.model.edges import Edges, RadialBasis, apply_tensor, symmetric, traceless
from longstride.model.whitening import Whitening

SPEED = 1e-2
"""Unit c_0 of relative velocities in Å/fs: metals at some hundred kelvin."""


class Moments(NamedTuple):
    """Scalars (N, 2C), vectors (N, 3C, 3) and symmetric traceless tensors (N, 2C, 6)."""

    scalars: Tensor
    vectors: Tensor
    tensors: Tensor


class VectorFeatures(nn.Module):
    """Whitened moments, their products and their two-hop sums."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        n_species = len(config.species)
        self.basis = RadialBasis(config.network.radial, n_species, config.inner, config.cutoff)
        channels = self.basis.channels
        self.scalars = Whitening(2 * channels, n_species, centered=True)
        self.vectors = Whitening(3 * channels, n_species, centered=False)
        self.tensors = Whitening(2 * channels, n_species, centered=False)

    @property
    def channels(self) -> int:
        """Radial channels C."""
        return self.basis.channels

    @property
    def n_ridge(self) -> int:
        """Vector features of the ridge regression: one hop, products, two hops."""
        n_vectors, channels = 3 * self.channels, self.channels
        return n_vectors * (1 + 4 * channels + channels)

    def edges(self, graph: Graph) -> Edges:
        """Edge geometry of a graph."""
        return self.basis.of(graph)

    def moments(self, graph: Graph, edges: Edges, velocities: Tensor) -> Moments:
        """Moments as they are, not whitened."""
        unit = edges.directions
        relative = graph.differences(velocities) / SPEED
        along = (unit * relative).sum(1, keepdim=True)
        components = torch.cat(
            [
                torch.ones_like(along),
                along,
                unit,
                relative,
                unit * along,
                symmetric(unit, unit),
                symmetric(unit, relative),
            ],
            1,
        )
        sums = edges.radial @ components.transpose(1, 2)
        n_atoms, channels = sums.shape[:2]
        scalars, vectors, tensors = sums.split([2, 9, 12], -1)
        return Moments(
            scalars.reshape(n_atoms, 2 * channels),
            vectors.reshape(n_atoms, 3 * channels, 3),
            traceless(tensors.reshape(n_atoms, 2 * channels, 6)),
        )

    def whiten(self, moments: Moments, species: Tensor) -> Moments:
        """Whitened moments."""
        return Moments(
            self.scalars(moments.scalars, species),
            self.vectors(moments.vectors, species),
            self.tensors(moments.tensors, species),
        )

    def forward(self, graph: Graph, velocities: Tensor) -> tuple[Edges, Moments]:
        """Edge geometry and whitened moments."""
        edges = self.edges(graph)
        return edges, self.whiten(self.moments(graph, edges, velocities), graph.species)

    def ridge_rows(self, graph: Graph, edges: Edges, moments: Moments) -> Tensor:
        """(N, n_ridge, 3) vectors a regression can use: one-hop vectors, products, two-hop sums."""
        vectors = moments.vectors
        n_atoms = len(vectors)
        scaled = moments.scalars[:, :, None, None] * vectors[:, None]
        turned = apply_tensor(moments.tensors[:, :, None], vectors[:, None])
        passed = edges.radial @ graph.gather(vectors.flatten(1))
        products = torch.cat([scaled, turned], 1).reshape(n_atoms, -1, 3)
        return torch.cat([vectors, products, passed.reshape(n_atoms, -1, 3)], 1)
