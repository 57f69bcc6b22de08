"""Small models whose every part acts, graphs to try them on, and windows of a harmonic crystal."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from longstride.graph import FAR, Batch, Graph, find_pairs, find_pairs_over
from longstride.model import ModelConfig, NetworkConfig, StrideMap, build_model
from longstride.testsystems import HarmonicCrystal

Make = Callable[..., StrideMap]

STAGE_TIMES = (15.0, 30.0, 45.0, 60.0)
CELL = np.array([[9.5, 0.0, 0.0], [1.5, 9.0, 0.0], [-0.8, 1.1, 9.8]])
PERIODIC = np.ones(3, dtype=bool)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(5)


@pytest.fixture
def make_config() -> Callable[..., ModelConfig]:
    """A small configuration; any field can be given."""

    def make(kind: str, *, attention: bool = True, **fields: Any) -> ModelConfig:
        species = fields.pop("species", (13, 29))
        fields.setdefault("masses", tuple(2.0 * number for number in species))
        fields.setdefault("cutoff", 4.5)
        fields.setdefault("stage_times", STAGE_TIMES)
        network = NetworkConfig(radial=3, hidden=8, heads=2, value=3, attention=attention)
        fields.setdefault("network", network)
        return ModelConfig(map=kind, species=species, **fields)

    return make


@pytest.fixture
def make_model(make_config) -> Make:
    """Build a float64 model with random parameters and buffers."""

    def make(kind: str, **fields: Any) -> StrideMap:
        generator = torch.Generator().manual_seed(7)
        model = build_model(make_config(kind, **fields)).double()
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                noise = torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype)
                if name.endswith("scale"):
                    tensor.fill_(0.2 if kind == "kicks" else 2e-3)
                elif name.endswith("ridge"):
                    tensor.copy_((0.02 if kind == "kicks" else 1e-5) * noise)
                elif not name.endswith(("mean", "matrix")):
                    tensor.add_(0.3 * noise)
        return model

    return make


@pytest.fixture
def make_graph() -> Callable[..., tuple[Graph, torch.Tensor]]:
    """24 atoms of two species in a triclinic cell, none too close, with thermal velocities.

    ``turn`` rotates or mirrors the whole system.
    """

    def make(
        cutoff: float = 4.5, seed: int = 3, turn: np.ndarray | None = None, n_species: int = 2
    ) -> tuple[Graph, torch.Tensor]:
        rng = np.random.default_rng(seed)
        grid = np.stack(np.meshgrid(range(2), range(3), range(4), indexing="ij"), -1)
        fractions = (grid.reshape(-1, 3) + 0.5) / [2, 3, 4] + 0.03 * rng.standard_normal((24, 3))
        velocities = 0.004 * rng.standard_normal((24, 3))
        species = torch.as_tensor(rng.integers(0, n_species, 24))
        pairs = find_pairs(fractions @ CELL, CELL, PERIODIC, cutoff)
        vectors = pairs.vectors(fractions @ CELL, FAR)
        if turn is not None:
            vectors, velocities = vectors @ turn.T, velocities @ turn.T
        vectors = torch.from_numpy(vectors.transpose(0, 2, 1).copy())
        graph = Graph(vectors, torch.from_numpy(pairs.neighbors), species)
        return graph, torch.from_numpy(velocities)

    return make


@pytest.fixture(scope="session")
def crystal() -> HarmonicCrystal:
    """32 atoms of fcc with springs like those of aluminium."""
    return HarmonicCrystal.fcc(repeat=2)


@pytest.fixture(scope="session")
def harmonic_windows(crystal) -> Callable[..., list[Batch]]:
    """Exact windows of the crystal at 300 K, each a batch."""

    def make(count: int, seed: int, times: Sequence[float] = STAGE_TIMES) -> list[Batch]:
        batches = []
        for number in range(count):
            start = crystal.sample(300.0, np.random.default_rng([seed, number]))
            later = [crystal.evolve(start, time) for time in times]
            frames = [start.positions, *(state.positions for state in later)]
            pairs = find_pairs_over(frames, start.cell, start.pbc, 5.3)
            vectors = pairs.vectors(start.positions, FAR).transpose(0, 2, 1).copy()
            species = torch.zeros(start.n_atoms, dtype=torch.int64)
            graph = Graph(torch.from_numpy(vectors), torch.from_numpy(pairs.neighbors), species)
            displacement = np.stack([state.positions - start.positions for state in later])
            velocity = np.stack([state.velocities for state in later])
            batches.append(
                Batch(
                    graph,
                    torch.from_numpy(start.velocities),
                    torch.from_numpy(displacement),
                    torch.from_numpy(velocity),
                    species,
                )
            )
        return batches

    return make
