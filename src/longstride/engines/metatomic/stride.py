"""One stride of kicks and drifts as TorchScript, from the pairs that an engine knows at its start.

The kicks inside a stride are computed at moved atoms, and an engine gives its neighbours once. It
is asked for the pairs inside the cutoff plus a skin, whose vectors move with the atoms. A pair that
is not on the list is farther away than that at the start; it cannot come inside the cutoff before
two atoms have approached by the skin. The sum of the two largest displacements bounds that, is
looked at after every drift, and above the skin the stride is refused: no pair is ever missed
silently. A search of its own before every kick would need no bound, but TorchScript has none, and
engines that divide space do not let a model see all atoms.
"""

import torch
from torch import Tensor, nn

from longstride.engines.metatomic.kick_scalar import traced_scalar
from longstride.engines.metatomic.pairs import padded, reach
from longstride.graph import FAR
from longstride.model import KickDriftMap


class ScriptedStride(nn.Module):
    """The kick-drift map of a model; TorchScript.

    Args:
        model: in the precision of the stride.
        skin: Å beyond the cutoff.
    """

    mixtures: Tensor
    drifts: Tensor
    masses: Tensor

    def __init__(self, model: KickDriftMap, skin: float) -> None:
        super().__init__()
        config = model.config
        self.cutoff, self.skin, self.far = float(config.cutoff), float(skin), FAR
        self.substeps = config.substeps
        self.scalar = traced_scalar(model)
        mixtures = torch.eye(len(model.scalars.ridge), dtype=model.scalars.ridge.dtype)
        self.register_buffer("mixtures", mixtures[list(model.sequence)])
        self.register_buffer("drifts", model.drifts.detach().clone())
        self.register_buffer("masses", model.masses.clone())

    def forward(
        self, velocities: Tensor, species: Tensor, first: Tensor, second: Tensor, vectors: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Displacements (N, 3) in Å and changes of velocity (N, 3) in Å/fs of one stride.

        Args:
            velocities: (N, 3) at the start in Å/fs, N at least one.
            species: (N,) int64 index of each atom's species in the model's list.
            first: (P,) int64 first atoms of all pairs inside cutoff plus skin, from both ends.
            second: (P,) int64 second atoms.
            vectors: (P, 3) from the first to the second, in Å.

        Raises:
            RuntimeError: atoms move too far for the list, or to no finite position.
        """
        order = torch.argsort(first, stable=True)
        pairs = (first[order], second[order], vectors[order])
        displacement, change = torch.zeros_like(velocities), torch.zeros_like(velocities)
        kick = self.kick(displacement, species, pairs, self.mixtures[0])
        for _ in range(self.substeps):
            change = change + kick
            for index in range(self.drifts.shape[0]):
                displacement = displacement + self.drifts[index] * (velocities + change)
                approached = reach(displacement)
                if not approached <= self.skin:
                    raise RuntimeError(
                        f"two atoms may have approached by {approached} Å within a stride, and "
                        f"the neighbour list holds for {self.skin} Å: the motion is unstable, or "
                        "export the model with a larger skin"
                    )
                kick = self.kick(displacement, species, pairs, self.mixtures[index + 1])
                change = change + kick
        return displacement, change

    def kick(
        self,
        displacement: Tensor,
        species: Tensor,
        pairs: tuple[Tensor, Tensor, Tensor],
        mixture: Tensor,
    ) -> Tensor:
        """(N, 3) change of velocity in Å/fs of one kick at moved atoms.

        Args:
            displacement: (N, 3) since the start of the stride in Å.
            species: as above.
            pairs: first atoms in order, second atoms, vectors at the start.
            mixture: (n_scalars,) which scalar is the kick's.
        """
        first, second, start = pairs
        n_atoms = displacement.shape[0]
        vectors = start + displacement[second] - displacement[first]
        inside = torch.nonzero(vectors.square().sum(1) < self.cutoff**2)[:, 0]
        near, neighbors = padded(first[inside], second[inside], vectors[inside], n_atoms, self.far)
        # An engine may call without gradients; TorchScript has no ``enable_grad``.
        enabled = torch.is_grad_enabled()
        torch.set_grad_enabled(True)
        shift = torch.zeros_like(displacement).requires_grad_()
        total = self.scalar(shift, near, neighbors, species, mixture)
        gradient = torch.autograd.grad([total], [shift])[0]
        torch.set_grad_enabled(enabled)
        assert gradient is not None
        return -gradient / self.masses[species][:, None]
