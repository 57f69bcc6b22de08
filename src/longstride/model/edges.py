"""Radial functions and their moments over the neighbourhood.

A moment is the sum over neighbours of a radial function times a tensor of the edge (scalars
1 and u·c, vectors u, c and u(u·c), traceless symmetric tensors uu and sym(uc)). It is one small
matrix product per atom: no tensor of edges times channels times components is ever made.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from longstride.graph import Graph

SQRT2 = 2.0**0.5

COMPONENTS = 9
"""Of an edge: 1, u, and the five of uu made traceless."""

ORDERS = (1, 3, 5)
"""Components of scalars, vectors and traceless symmetric tensors."""


class Edges(NamedTuple):
    """Geometry of the edges.

    Attributes:
        directions: (N, 3, K) unit vectors.
        radial: (N, C, K) radial functions, one set for each species of the neighbour.
        envelope: (N, K) smooth cutoff: 1 at contact, 0 with two derivatives at the cutoff and
            beyond.
    """

    directions: Tensor
    radial: Tensor
    envelope: Tensor


class RadialBasis(nn.Module):
    """Gaussians of the distance under the envelope ``(1 - (r/cutoff)²)³``.

    Args:
        n_functions: number of Gaussians, equally spaced from ``inner`` to just inside ``cutoff``
            (Å).
        n_species: the functions are repeated for each species of the neighbour.
    """

    centers: Tensor

    def __init__(self, n_functions: int, n_species: int, inner: float, cutoff: float) -> None:
        super().__init__()
        self.n_species, self.cutoff = n_species, cutoff
        spacing = (cutoff - inner) / n_functions
        self.width = spacing
        centers = inner + spacing * torch.arange(n_functions, dtype=torch.float64)
        self.register_buffer("centers", centers[None, :, None], persistent=False)

    @property
    def channels(self) -> int:
        """Number of radial functions times number of species."""
        return int(self.centers.numel()) * self.n_species

    def of(self, graph: Graph) -> Edges:
        """Edge geometry of a graph."""
        several = self.n_species > 1
        return self.forward(graph.vectors, graph.species[graph.neighbors] if several else None)

    def forward(self, vectors: Tensor, neighbor_species: Tensor | None) -> Edges:
        """Edge geometry of (N, 3, K) vectors in Å.

        ``neighbor_species`` (N, K) is needed with more than one species only.
        """
        squared = vectors.square().sum(1)
        distance = torch.sqrt(squared)
        envelope = (1.0 - squared / self.cutoff**2).clamp(min=0.0) ** 3
        centers = self.centers.to(vectors.dtype)
        gaussians = torch.exp(-0.5 / self.width**2 * (distance[:, None] - centers).square())
        radial = gaussians * envelope[:, None]
        if self.n_species > 1 and neighbor_species is not None:
            onehot = nn.functional.one_hot(neighbor_species, self.n_species).to(radial.dtype)
            n_atoms, functions, slots = radial.shape
            radial = (radial[:, None] * onehot.permute(0, 2, 1)[:, :, None]).reshape(
                n_atoms, self.n_species * functions, slots
            )
        return Edges(vectors / distance[:, None], radial, envelope)


def harmonics(unit: Tensor) -> Tensor:
    """Components (N, 9, K) of unit vectors (N, 3, K): 1, u, and uu - 1/3 in an orthonormal basis.

    The dot product of two tensors' components is their contraction.
    """
    x, y, z = unit.unbind(1)
    tensor = [
        SQRT2 * x * y,
        SQRT2 * x * z,
        SQRT2 * y * z,
        (x * x - y * y) / SQRT2,
        (2.0 * z * z - x * x - y * y) / 6.0**0.5,
    ]
    return torch.stack([torch.ones_like(x), x, y, z, *tensor], 1)


def moments(edges: Edges) -> Tensor:
    """(N, C, 9) sums over the neighbours of radial functions times components."""
    return edges.radial @ harmonics(edges.directions).transpose(1, 2)


def symmetric(a: Tensor, b: Tensor) -> Tensor:
    """Symmetrised product of (N, 3, K) vectors in six orthonormal components: (N, 6, K)."""
    ax, ay, az = a.unbind(1)
    bx, by, bz = b.unbind(1)
    half = 0.5 * SQRT2
    return torch.stack(
        [
            ax * bx,
            ay * by,
            az * bz,
            half * (ax * by + ay * bx),
            half * (ax * bz + az * bx),
            half * (ay * bz + az * by),
        ],
        1,
    )


def traceless(tensor: Tensor) -> Tensor:
    """Remove the trace of symmetric tensors whose six components are in the last axis."""
    diagonal = tensor[..., :3]
    diagonal = diagonal - diagonal.mean(-1, keepdim=True)
    return torch.cat([diagonal, tensor[..., 3:]], -1)


def apply_tensor(tensor: Tensor, vector: Tensor) -> Tensor:
    """Product of symmetric tensors (..., 6) with vectors (..., 3)."""
    xx, yy, zz, xy, xz, yz = tensor.unbind(-1)
    x, y, z = vector.unbind(-1)
    xy, xz, yz = xy / SQRT2, xz / SQRT2, yz / SQRT2
    return torch.stack(
        [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z], -1
    )
