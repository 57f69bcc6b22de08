"""The kicks of single features: columns of the regression that a kick-drift map starts from.

A kick is -∂Φ/∂q / m with Φ linear in the invariants, so the kick of each invariant alone is wanted,
hundreds of gradients at one geometry, where a backward pass would give one. But an invariant is a
moment or a contraction of two, and a moment M_i a sum over edges of terms m(r), whose derivatives
D = ∂m/∂r all invariants share. Every pair is listed from both ends, and terms of order l have the
parity (-1)^l, so an atom j needs only its own edges:

    ∂/∂q_j Σ_i M_ic · M_id = -Σ_k D_jk,c · (M_jd + (-1)^l M_kd) + (c ↔ d).

The two terms differ in their channel, that of the species of k and of j, and in the species of the
atom whose invariant it is.
"""

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor

from longstride.graph import Graph
from longstride.model.edges import ORDERS, harmonics, moments

if TYPE_CHECKING:
    from longstride.model.edges import RadialBasis
    from longstride.model.kicks import KickDriftMap

BLOCK: Final = 128
"""Atoms whose edges are worked on at a time, for the sake of memory."""

PARITIES: Final = (1.0, -1.0, 1.0)
"""Of scalars, vectors and tensors."""


def unit_kicks(model: "KickDriftMap", graph: Graph) -> Tensor:
    """(3N, species·F) kick in Å/fs of each whitened invariant with a ridge weight of one."""
    scalars, n_atoms = model.scalars, len(graph.species)
    sums = moments(scalars.basis.of(graph))
    slopes = graph.vectors.new_zeros(
        len(model.config.species), n_atoms, 3, scalars.n_invariants, dtype=graph.vectors.dtype
    )
    for first in range(0, n_atoms, BLOCK):
        atoms = slice(first, first + BLOCK)
        for species, (single, double) in enumerate(_of_block(scalars.basis, graph, sums, atoms)):
            pairs = [
                (one + one.transpose(2, 3)).flatten(2).index_select(2, scalars.pairs)
                for one in double
            ]
            slopes[species, atoms] = torch.cat([single, *pairs], 2)
    masses = model.masses.to(slopes.dtype)[graph.species][:, None, None]
    kicks = -(slopes / masses) @ scalars.whitening.matrix
    return kicks.permute(1, 2, 0, 3).reshape(3 * n_atoms, -1)


def hidden_kicks(model: "KickDriftMap", graph: Graph) -> Tensor:
    """(3N, H) kick in Å/fs of each value of the last hidden layer with a weight of one."""
    shift = torch.zeros_like(graph.vectors[:, :, 0]).requires_grad_()
    _, hidden = model.scalars.site_features(graph.moved(shift))
    masses = model.masses.to(shift.dtype)[graph.species][:, None]
    columns = []
    for total in hidden.sum(0):
        (gradient,) = torch.autograd.grad(total, shift, retain_graph=True)
        columns.append((-gradient / masses).flatten())
    return torch.stack(columns, 1)


def _of_block(
    basis: "RadialBasis", graph: Graph, sums: Tensor, atoms: slice
) -> list[tuple[Tensor, list[Tensor]]]:
    """Slopes by the positions of a block of n atoms, of the invariants of each species' atoms.

    Returns:
        (n, 3, C) of the radial sums, and for each order (n, 3, C, C): of moment c times moment d,
        through the first.
    """
    neighbors, own_kinds = graph.neighbors[atoms], graph.species[atoms]
    kinds = graph.species[neighbors]
    terms = _derivatives(basis, graph.vectors[atoms])
    n_atoms, _, functions, _, _ = terms.shape
    channels = basis.channels
    found = []
    for species in range(basis.n_species):
        single = terms.new_zeros(n_atoms, 3, channels)
        double = [terms.new_zeros(n_atoms, 3, channels, channels) for _ in ORDERS]
        # Invariants of the atoms themselves: the channel is that of the neighbour.
        members = own_kinds == species
        if members.any():
            own = torch.cat(
                [
                    (terms[members] * (kinds[members] == kind)[:, None, None, None]).sum(-1)
                    for kind in range(basis.n_species)
                ],
                2,
            )
            single[members] -= own[..., 0]
            parts = zip(own.split(ORDERS, 3), sums[atoms][members].split(ORDERS, 2), strict=True)
            for total, (part, moment) in zip(double, parts, strict=True):
                total[members] -= torch.einsum("nacm,ndm->nacd", part, moment)
        # Invariants of their neighbours: the channel is that of the atom.
        reverse = terms * (kinds == species)[:, None, None, None]
        around = sums[neighbors].permute(0, 3, 1, 2)
        orders = zip(
            reverse.split(ORDERS, 3), around.split(ORDERS, 1), PARITIES, double, strict=True
        )
        summed = reverse[..., 0, :].sum(-1)
        for kind in range(basis.n_species):
            rows, columns = own_kinds == kind, slice(kind * functions, (kind + 1) * functions)
            single[rows, :, columns] -= summed[rows]
        for part, moment, parity, total in orders:
            product = part.flatten(1, 2).flatten(2) @ moment.flatten(1, 2)
            product = parity * product.unflatten(1, (3, functions))
            for kind in range(basis.n_species):
                rows, columns = own_kinds == kind, slice(kind * functions, (kind + 1) * functions)
                total[rows, :, columns] -= product[rows]
        found.append((single, double))
    return found


def _derivatives(basis: "RadialBasis", vectors: Tensor) -> Tensor:
    """(n, 3, functions, 9, K) of the terms of edges by their vectors (n, 3, K)."""

    def factors(vectors: Tensor) -> tuple[Tensor, Tensor]:
        edges = basis(vectors, None)
        return edges.radial, harmonics(edges.directions)

    found = []
    for axis in range(3):
        along = torch.zeros_like(vectors)
        along[:, axis] = 1.0
        forward = torch.func.jvp(factors, (vectors,), (along,))
        (radial, angular), (of_radial, of_angular) = forward[0], forward[1]
        change = of_radial[:, :, None] * angular[:, None]
        found.append(torch.addcmul(change, radial[:, :, None], of_angular[:, None]))
    return torch.stack(found, 1)
