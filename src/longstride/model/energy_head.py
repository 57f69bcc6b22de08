"""A read-out of the potential energy from what the kicks are read from.

The site energy is linear in the whitened invariants and in the last hidden layer,

    e(i) = offset + a · z_i + b · g_i,

so it is fitted in closed form once the kicks are trained (``training/energy_fit.py``), and costs
one more site scalar where it is asked for. Its derivative by the strain is the virial stress.
"""

import torch
from torch import Tensor, nn


class EnergyHead(nn.Module):
    """Site energies in eV.

    Args:
        n_invariants: F, length of z.
        n_hidden: H, length of g.
        n_species: S; a and the offset are those of the atom's species.
    """

    linear: Tensor
    readout: Tensor
    offset: Tensor

    def __init__(self, n_invariants: int, n_hidden: int, n_species: int) -> None:
        super().__init__()
        self.register_buffer("linear", torch.zeros(n_species, n_invariants, dtype=torch.float64))
        self.register_buffer("readout", torch.zeros(n_hidden, dtype=torch.float64))
        self.register_buffer("offset", torch.zeros(n_species, dtype=torch.float64))

    def forward(self, whitened: Tensor, decoded: Tensor, species: Tensor) -> Tensor:
        """(N,) site energies from (N, F) and (N, H), in eV."""
        linear = (whitened * self.linear[species].to(whitened.dtype)).sum(1)
        hidden = decoded @ self.readout.to(decoded.dtype)
        return linear + hidden + self.offset[species].to(whitened.dtype)
