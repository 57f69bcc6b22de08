"""Radial functions as tables: cubic Hermite polynomials on an even grid of distances.

A Gaussian of width w on a grid of spacing h is off by (h/w)⁴/128 of its height, its slope by a few
hundredths of (h/w)³: below the rounding of float32 with 2,048 nodes.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longstride.kernels.compiler import inlined
from longstride.model.scalars import SiteScalars

NODES = 2048
"""Intervals between zero and the cutoff."""


def bias_table(scalars: SiteScalars) -> NDArray[np.float64]:
    """(S, NODES + 1, 4, heads) radial part of the attention logits for each neighbour species."""
    assert scalars.attention is not None
    bias = scalars.attention.bias.detach().double().cpu().numpy()
    by_species = bias.reshape(len(bias), scalars.basis.n_species, -1)
    return np.einsum("npc,hsc->snph", radial_table(scalars), by_species)


def radial_table(scalars: SiteScalars) -> NDArray[np.float64]:
    """(NODES + 1, 4, C) coefficients of the radial functions of one species of the neighbour.

    They are of 1, x, x² and x³, with x from 0 to 1 between two nodes. The last row, which starts at
    the cutoff, is zero.
    """
    spacing = scalars.basis.cutoff / NODES
    distance = spacing * torch.arange(NODES + 1, dtype=torch.float64)
    # A direction is not defined at zero distance; the functions are.
    distance[0] = 1e-9
    distance.requires_grad_()
    functions = _functions(scalars, distance)
    gradients = [torch.autograd.grad(f.sum(), distance, retain_graph=True)[0] for f in functions]
    values = functions.detach().T.numpy()
    slopes = spacing * torch.stack(gradients, 1).numpy()
    table = np.zeros((NODES + 1, 4, values.shape[1]))
    rise = values[1:] - values[:-1]
    table[:-1, 0], table[:-1, 1] = values[:-1], slopes[:-1]
    table[:-1, 2] = 3.0 * rise - 2.0 * slopes[:-1] - slopes[1:]
    table[:-1, 3] = slopes[:-1] + slopes[1:] - 2.0 * rise
    return table


def _functions(scalars: SiteScalars, distance: Tensor) -> Tensor:
    """(C, n) radial functions at the distances (n,)."""
    basis = scalars.basis
    vectors = torch.zeros(1, 3, len(distance), dtype=torch.float64)
    vectors = torch.stack([distance, *vectors[0, 1:].unbind(0)])[None]
    # All neighbours of the first species: its functions come first, the other species' are zero.
    species = torch.zeros(1, len(distance), dtype=torch.int64)
    count = basis.channels // basis.n_species
    return basis(vectors, species).radial[0, :count]


@inlined
def interpolate(lanes, table, position, row, slope):  # type: ignore[no-untyped-def]
    """Values and slopes (per grid spacing) at ``position`` in units of the grid, into two rows.

    The rows are as long as the tuple ``lanes``.
    """
    node = int(position)
    x = position - table.dtype.type(node)
    two, three = table.dtype.type(2.0), table.dtype.type(3.0)
    for n in range(len(lanes)):
        quadratic, cubic = table[node, 2, n], table[node, 3, n]
        row[n] = table[node, 0, n] + x * (table[node, 1, n] + x * (quadratic + x * cubic))
        slope[n] = table[node, 1, n] + x * (two * quadratic + x * three * cubic)
