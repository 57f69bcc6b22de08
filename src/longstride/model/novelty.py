"""How unlike the training data an atom's neighbourhood is, by independent signals.

With z_i the whitened invariants of atom i, g_i its last hidden layer and s its species,

    distance(i)     = sqrt(|(z_i - c_s) W_s|² / F),
    disagreement(i) = |o_s + a_s · z_i + b · g_i|.

The first is the Mahalanobis distance to the training data over the root of the number of
invariants F, so that it is about one inside of the data. Single atoms of a hot crystal get far from
the data by chance, their neighbours not with them: the mean distance over an atom and all its
neighbours inside the cutoff has light tails, and sees what is common to them (strain, melting, the
rim of a vacancy); what befalls one atom alone is seen better by its own distance. The second is the
difference of two site energies whose read-outs were fitted on disjoint halves of the data
(``training/novelty_fit.py``): an ensemble of two (Lakshminarayanan, Pritzel and Blundell, NeurIPS
30, 2017), linear in what is there already.
"""

import torch
from torch import Tensor, nn


class Novelty(nn.Module):
    """Distance and disagreement of every atom.

    Args:
        n_invariants: F, length of z.
        n_hidden: H, length of g.
        n_species: S.
    """

    center: Tensor
    matrix: Tensor
    linear: Tensor
    readout: Tensor
    offset: Tensor

    def __init__(self, n_invariants: int, n_hidden: int, n_species: int) -> None:
        super().__init__()
        double = torch.float64
        self.register_buffer("center", torch.zeros(n_species, n_invariants, dtype=double))
        # The largest part of it by far: single precision halves the file.
        self.register_buffer("matrix", torch.eye(n_invariants).repeat(n_species, 1, 1))
        self.register_buffer("linear", torch.zeros(n_species, n_invariants, dtype=double))
        self.register_buffer("readout", torch.zeros(n_hidden, dtype=double))
        self.register_buffer("offset", torch.zeros(n_species, dtype=double))

    def forward(self, whitened: Tensor, decoded: Tensor, species: Tensor) -> tuple[Tensor, Tensor]:
        """Distance (N,) and disagreement (N,) in eV, of (N, F) and (N, H)."""
        kind = whitened.dtype
        distance = whitened.new_empty(len(whitened))
        for index in range(len(self.center)):
            own = species == index
            centered = whitened[own] - self.center[index].to(kind)
            turned = centered @ self.matrix[index].to(kind)
            distance[own] = turned.square().mean(1).sqrt()
        linear = (whitened * self.linear[species].to(kind)).sum(1)
        hidden = decoded @ self.readout.to(kind)
        return distance, (linear + hidden + self.offset[species].to(kind)).abs()
