"""A stride as metatomic's engines call it: systems in, positions and momenta out."""

# metatomic compares the annotations of ``forward`` with these very ones.
# ruff: noqa: UP006, UP035, UP045

from typing import Dict, List, Optional

import torch
from metatensor.torch import Labels, TensorBlock, TensorMap
from metatomic.torch import ModelOutput, NeighborListOptions, System
from torch import Tensor, nn

from longstride.dynamics.regime import MASS_TOLERANCE
from longstride.engines.metatomic.stride import ScriptedStride
from longstride.model import KickDriftMap
from longstride.units import ASE_TIME

LENGTH = "Angstrom"
MASS = "u"
MOMENTUM = "(eV*u)^(1/2)"
"""ASE's momentum, which engines made for FlashMD speak, whether they name a unit or not."""


class HostedStride(nn.Module):
    """Advances systems by one stride; TorchScript, with the interface of metatomic's models.

    Args:
        model: in the precision of the stride.
        skin: Å beyond the cutoff that the engine's neighbour list must hold.

    Attributes:
        timestep: the stride in fs, where FlashMD's integrators look for it.
    """

    places: Tensor

    def __init__(self, model: KickDriftMap, skin: float) -> None:
        super().__init__()
        config = model.config
        self.timestep = float(config.stride)
        self.radius = float(config.cutoff) + float(skin)
        self.ase_time, self.mass_tolerance = float(ASE_TIME), float(MASS_TOLERANCE)
        self.length, self.mass, self.momentum = LENGTH, MASS, MOMENTUM
        self.stride = ScriptedStride(model, skin)
        places = torch.zeros(max(config.species) + 1, dtype=torch.int64)
        places[list(config.species)] = torch.arange(len(config.species))
        self.register_buffer("places", places)

    @torch.jit.export
    def requested_neighbor_lists(self) -> List[NeighborListOptions]:
        """Every pair from both ends, inside cutoff plus skin."""
        return [NeighborListOptions(cutoff=self.radius, full_list=True, strict=False)]

    @torch.jit.export
    def requested_inputs(self) -> Dict[str, ModelOutput]:
        """Momenta and masses of the atoms."""
        return {
            "momentum": ModelOutput(unit=self.momentum, sample_kind="atom"),
            "mass": ModelOutput(unit=self.mass, sample_kind="atom"),
        }

    def forward(
        self,
        systems: List[System],
        outputs: Dict[str, ModelOutput],
        selected_atoms: Optional[Labels],
    ) -> Dict[str, TensorMap]:
        """Positions in Å, not wrapped, and momenta in ASE's unit, one stride later.

        Species are checked by metatomic, against the capabilities of the model.

        Args:
            systems: with the requested neighbour list and inputs.
            outputs: ``position``, ``momentum``, or both.
            selected_atoms: all atoms move; the rows of these are returned.

        Raises:
            RuntimeError: masses are not the model's, or atoms move too far within the stride.
        """
        positions: List[Tensor] = []
        momenta: List[Tensor] = []
        samples: List[Tensor] = []
        for index, system in enumerate(systems):
            position, momentum = self.advance(system)
            positions.append(position)
            momenta.append(momentum)
            atoms = torch.arange(len(system), device=position.device)
            samples.append(torch.stack([torch.full_like(atoms, index), atoms], 1))
        results: Dict[str, TensorMap] = {}
        labels = Labels(["system", "atom"], torch.cat(samples))
        if "position" in outputs:
            results["position"] = vectors("position", torch.cat(positions), labels, selected_atoms)
        if "momentum" in outputs:
            results["momentum"] = vectors("momentum", torch.cat(momenta), labels, selected_atoms)
        return results

    def advance(self, system: System) -> tuple[Tensor, Tensor]:
        """Positions (N, 3) in Å and momenta (N, 3) in ASE's unit of one system, a stride later."""
        start = system.positions
        if len(system) == 0:
            return start, start
        species = self.places[system.types.to(torch.int64)]
        masses = system.get_data("mass").block().values.reshape(-1, 1).to(start.dtype)
        own = self.stride.masses[species][:, None]
        wrong = torch.nonzero((masses - own).abs() > self.mass_tolerance * own)
        if wrong.shape[0] > 0:
            atom = int(wrong[0, 0])
            raise RuntimeError(
                f"atom {atom} has a mass of {float(masses[atom])} amu; the model's dynamics was "
                f"learned with {float(own[atom])} amu"
            )
        momenta = system.get_data("momentum").block().values.reshape(-1, 3).to(start.dtype)
        velocities = momenta / (masses * self.ase_time)
        options = NeighborListOptions(cutoff=self.radius, full_list=True, strict=False)
        pairs = system.get_neighbor_list(options)
        ends = pairs.samples.values.to(torch.int64)
        displacement, change = self.stride(
            velocities, species, ends[:, 0], ends[:, 1], pairs.values.reshape(-1, 3)
        )
        # Kicks conserve the total momentum but for rounding.
        change = change - (masses * change).sum(0) / masses.sum()
        return start + displacement, masses * (velocities + change) * self.ase_time


def vectors(
    name: str, values: Tensor, labels: Labels, selected_atoms: Optional[Labels]
) -> TensorMap:
    """A vector of every atom, or of the selected ones.

    Args:
        name: of the quantity.
        values: (N, 3).
        labels: system and atom of the N rows.
        selected_atoms: which of them are wanted; None for all.
    """
    if selected_atoms is not None:
        kept = labels.select(selected_atoms)
        values, labels = values[kept], Labels(["system", "atom"], labels.values[kept])
    block = TensorBlock(
        values=values.unsqueeze(-1),
        samples=labels,
        components=[Labels(["xyz"], torch.arange(3, device=values.device)[:, None])],
        properties=Labels([name], torch.zeros(1, 1, dtype=torch.int64, device=values.device)),
    )
    return TensorMap(
        Labels(["_"], torch.zeros(1, 1, dtype=torch.int64, device=values.device)), [block]
    )
