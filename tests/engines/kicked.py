"""Kick-drift models with every part acting, atoms for them, and the pairs an engine would give."""

import numpy as np
import torch
from torch import Tensor

from longstride.graph.neighbors import ordered_pairs
from longstride.kernels import ModelPropagator
from longstride.model import KickDriftMap, ModelConfig, ModelRegime, NetworkConfig
from longstride.state import State

SPECIES, MASSES = (13, 29), (26.98, 63.55)


def attentive_model() -> KickDriftMap:
    """A small random model of two species with attention, weak enough to be stable."""
    torch.manual_seed(5)
    generator = torch.Generator().manual_seed(7)
    model = KickDriftMap(
        ModelConfig(
            species=SPECIES,
            masses=MASSES,
            stage_times=(10.0, 20.0),
            substeps=2,
            cutoff=4.5,
            network=NetworkConfig(radial=3, hidden=8, heads=2, key=2, value=3),
        )
    )
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            noise = torch.randn(tensor.shape, generator=generator)
            if name.endswith("scale"):
                tensor.fill_(5e-3)
            elif name.endswith("ridge"):
                tensor.copy_(5e-4 * noise)
            elif not name.endswith(("mean", "matrix")):
                tensor.add_(0.3 * noise)
    return model.eval()


def two_metals(pbc: tuple[bool, bool, bool] = (True, True, True)) -> State:
    """24 atoms of two species in a triclinic cell smaller than twice the cutoff."""
    rng = np.random.default_rng(3)
    cell = np.array([[7.5, 0.0, 0.0], [1.5, 8.0, 0.0], [-0.8, 1.1, 9.8]])
    grid = np.stack(np.meshgrid(range(2), range(3), range(4), indexing="ij"), -1).reshape(-1, 3)
    fractions = (grid + 0.5) / [2, 3, 4] + 0.02 * rng.standard_normal((24, 3))
    kinds = rng.integers(0, 2, 24)
    return State(
        positions=fractions @ cell,
        velocities=0.01 * rng.standard_normal((24, 3)),
        masses=np.array(MASSES)[kinds],
        species=np.array(SPECIES)[kinds],
        cell=cell,
        pbc=np.array(pbc),
    )


def propagator_of(model: KickDriftMap, dtype: torch.dtype) -> ModelPropagator:
    """The model as it runs here, by its definition in torch."""
    regime = ModelRegime(
        species=model.config.species,
        masses=model.config.masses,
        temperatures=(300.0,),
        number_density=(0.01, 0.1),
    )
    return ModelPropagator(model, regime, dtype=dtype, compiled=False)


def arguments(
    model: KickDriftMap, state: State, skin: float, dtype: torch.dtype
) -> tuple[Tensor, ...]:
    """What a scripted stride takes; the pairs are in no order."""
    radius = model.config.cutoff + skin
    first, second, shifts = ordered_pairs(state.positions, state.cell, state.pbc, radius)
    mixed = np.random.default_rng(1).permutation(len(first))
    first, second, shifts = first[mixed], second[mixed], shifts[mixed]
    vectors = state.positions[second] + shifts - state.positions[first]
    places = [model.config.species.index(number) for number in state.species.tolist()]
    return (
        torch.from_numpy(state.velocities).to(dtype),
        torch.tensor(places),
        torch.from_numpy(first),
        torch.from_numpy(second),
        torch.from_numpy(vectors).to(dtype),
    )
