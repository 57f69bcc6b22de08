"""The kicks of single invariants: columns of the regression that a kick-drift map starts from.

A kick is -∂Φ/∂q / m with Φ linear in the invariants, so the kick of each invariant alone is wanted,
hundreds of gradients at one geometry. One backward pass each would cost a minute of every training.
An invariant is a moment or a contraction of two, and a moment is a sum over edges, so its gradient
by an edge vector r is

    ∂M_c/∂r = ∂m_c(r)/∂r,     ∂(M_c · M_d)/∂r = ∂m_c/∂r · M_d + M_c · ∂m_d/∂r,

which takes three forward derivatives of the terms m of all edges, and one matrix product.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from longstride.graph import Graph
from longstride.model.edges import ORDERS, harmonics

if TYPE_CHECKING:
    from longstride.model.kicks import KickDriftMap
    from longstride.model.scalars import SiteScalars

BLOCK: Final = 64
"""Atoms whose edges are worked on at a time, for the sake of memory."""


def unit_kicks(model: "KickDriftMap", graph: Graph) -> Tensor:
    """(3N, species·F) kick in Å/fs of each whitened invariant with a ridge weight of one."""
    n_atoms, n_species = len(graph.species), len(model.config.species)
    scalars = model.scalars
    gradients = graph.vectors.new_zeros(n_species, 3, n_atoms, scalars.n_invariants)
    for atoms, axis, slopes in _slopes(scalars, graph):
        for species in range(n_species):
            members = graph.species[atoms] == species
            own = slopes[members]
            places = graph.neighbors[atoms][members].flatten()
            total = gradients[species, axis]
            total.index_add_(0, places, own.flatten(0, 1))
            total.index_add_(0, torch.arange(n_atoms)[atoms][members], own.sum(1), alpha=-1.0)
    masses = model.masses.to(graph.vectors.dtype)[graph.species][:, None]
    kicks = -(gradients / masses) @ scalars.whitening.matrix
    return kicks.permute(2, 1, 0, 3).reshape(3 * n_atoms, -1)


def _slopes(scalars: "SiteScalars", graph: Graph) -> Iterator[tuple[slice, int, Tensor]]:
    """Blocks of atoms, an axis, and the slopes (n, K, F) of invariants by the edges' vectors."""
    several = scalars.basis.n_species > 1
    for first in range(0, len(graph.species), BLOCK):
        atoms = slice(first, first + BLOCK)
        vectors = graph.vectors[atoms]
        kinds = graph.species[graph.neighbors[atoms]] if several else None

        def terms(vectors: Tensor, kinds: Tensor | None = kinds) -> Tensor:
            edges = scalars.basis(vectors, kinds)
            return edges.radial[:, :, None] * harmonics(edges.directions)[:, None]

        for axis in range(3):
            along = torch.zeros_like(vectors)
            along[:, axis] = 1.0
            forward = torch.func.jvp(terms, (vectors,), (along,))
            values, changes = forward[0], forward[1]
            slopes = [changes[:, :, 0]]
            parts = zip(values.sum(-1).split(ORDERS, 2), changes.split(ORDERS, 2), strict=True)
            for moment, change in parts:
                half = torch.einsum("ncmk,ndm->ncdk", change, moment)
                product = (half + half.transpose(1, 2)).flatten(1, 2)
                slopes.append(product.index_select(1, scalars.pairs))
            yield atoms, axis, torch.cat(slopes, 1).transpose(1, 2)
