"""Compiled kicks against the torch model, which is their definition."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest
import torch

from longstride.graph import FAR, Graph, find_pairs, make_pair_list
from longstride.kernels.fused_kick import FusedKick
from longstride.model import KickDriftMap, ModelConfig, NetworkConfig, build_model

CUTOFF = 4.5
CELLS = {
    "cubic": 8.1 * np.eye(3),
    "triclinic": np.array([[9.5, 0.0, 0.0], [1.5, 9.0, 0.0], [-0.8, 1.1, 9.8]]),
    "smaller than the cutoff": np.array([[3.9, 0.0, 0.0], [0.4, 4.1, 0.0], [0.2, -0.3, 4.0]]),
}


SIZES = {"radial": 3, "hidden": 12, "heads": 2, "key": 2, "value": 3}
"""Those of the other tests of compiled kicks: another set is compiled anew, which takes long."""


def random_model(n_species: int, **sizes: int) -> KickDriftMap:
    """A model in which every part acts."""
    torch.manual_seed(11)
    config = ModelConfig(
        map="kicks",
        species=(13, 29, 28)[:n_species],
        masses=(26.98, 63.55, 58.69)[:n_species],
        stage_times=(20.0,),
        substeps=1,
        kicks=3,
        cutoff=CUTOFF,
        network=NetworkConfig(**SIZES | sizes),
    )
    model = build_model(config)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            noise = torch.randn(tensor.shape)
            if name.endswith("scale"):
                tensor.fill_(5e-3)
            elif name.endswith("ridge"):
                tensor.copy_(5e-4 * noise)
            elif name.endswith("matrix"):
                tensor.add_(0.1 * noise)
            else:
                tensor.add_(0.3 * noise)
    return model


def atoms_in(cell: np.ndarray, n_species: int, rng: np.random.Generator):
    """Jittered grid of atoms about 2.5 Å apart, with random species."""
    counts = np.maximum(np.round(np.linalg.norm(cell, axis=1) / 2.6), 1).astype(int)
    grid = np.stack(np.meshgrid(*map(range, counts), indexing="ij"), -1).reshape(-1, 3)
    positions = ((grid + 0.5) / counts) @ cell + 0.15 * rng.standard_normal((len(grid), 3))
    return positions, rng.integers(0, n_species, len(grid))


def by_torch(model, positions, species, cell, pbc, index, dtype=torch.float64) -> np.ndarray:
    """The definition."""
    pairs = find_pairs(positions, cell, pbc, CUTOFF)
    vectors = torch.from_numpy(pairs.vectors(positions, FAR).transpose(0, 2, 1).copy())
    graph = Graph(vectors.to(dtype), torch.from_numpy(pairs.neighbors), torch.from_numpy(species))
    with torch.no_grad():
        return deepcopy(model).to(dtype).kick(graph, index).numpy()


@pytest.fixture
def fused() -> Callable[..., FusedKick]:
    def make(model: KickDriftMap, double: bool = True, threads: int = 1) -> FusedKick:
        dtype = np.float64 if double else np.float32
        return FusedKick(model, dtype=dtype, threads=threads)

    return make


@pytest.mark.parametrize("cell", CELLS.values(), ids=list(CELLS))
@pytest.mark.parametrize("n_species", [1, 3])
@pytest.mark.parametrize("double", [True, False], ids=["float64", "float32"])
def test_kicks_are_the_models(fused, cell, n_species: int, double: bool) -> None:
    rng = np.random.default_rng(2)
    model = random_model(n_species)
    kicks = fused(model, double)
    for pbc in (np.ones(3, bool), np.array([True, False, True])):
        positions, species = atoms_in(cell, n_species, rng)
        pairs = make_pair_list(positions, cell, pbc, CUTOFF + 0.7)
        for index in range(len(model.sequence)):
            expected = by_torch(model, positions, species, cell, pbc, index)
            got = kicks(positions, species, pairs, index)
            size = np.abs(expected).max()
            assert size > 1e-6
            # The tables of the radial functions are good to 1e-7.
            allowed = 1e-7 * size
            if not double:
                single = by_torch(model, positions, species, cell, pbc, index, torch.float32)
                allowed = 3.0 * np.abs(single - expected).max()
                assert allowed < 1e-4 * size
            assert np.abs(got - expected).max() < allowed


def test_sizes_of_a_real_network(fused) -> None:
    """More than one vector of channels, with a remainder."""
    rng = np.random.default_rng(4)
    cell, pbc = CELLS["cubic"], np.ones(3, bool)
    model = random_model(2, radial=12, hidden=20, heads=4, key=4, value=8)
    positions, species = atoms_in(cell, 2, rng)
    pairs = make_pair_list(positions, cell, pbc, CUTOFF)
    single = by_torch(model, positions, species, cell, pbc, 1, torch.float32)
    expected = by_torch(model, positions, species, cell, pbc, 1)
    got = fused(model, double=False)(positions, species, pairs, 1)
    assert np.abs(got - expected).max() < 3.0 * np.abs(single - expected).max()


def test_age_of_the_list_does_not_show(fused) -> None:
    """Pairs beyond the cutoff add nothing, and those inside are summed in one order."""
    rng = np.random.default_rng(6)
    model = random_model(2)
    kicks = fused(model, double=False)
    for cell in CELLS.values():
        before, species = atoms_in(cell, 2, rng)
        now = before + 0.1 * rng.uniform(-1.0, 1.0, before.shape)
        pbc = np.ones(3, bool)
        old = make_pair_list(before, cell, pbc, CUTOFF + 1.0)
        new = make_pair_list(now, cell, pbc, CUTOFF)
        np.testing.assert_array_equal(kicks(now, species, old, 0), kicks(now, species, new, 0))


def test_threads_share_the_atoms(fused) -> None:
    rng = np.random.default_rng(8)
    cell, pbc = 26.0 * np.eye(3), np.ones(3, bool)
    model = random_model(1)
    positions, species = atoms_in(cell, 1, rng)
    pairs = make_pair_list(positions, cell, pbc, CUTOFF)
    one = fused(model)(positions, species, pairs, 0)
    three = fused(model, threads=3)(positions, species, pairs, 0)
    np.testing.assert_allclose(three, one, rtol=0, atol=1e-12 * np.abs(one).max())
    assert np.abs(one.sum(0)).max() < 1e-12 * np.abs(one).sum()


def test_atoms_without_neighbours_are_not_kicked(fused) -> None:
    positions, cell, pbc = (
        np.array([[1.0, 1.0, 1.0], [9.0, 9.0, 9.0]]),
        20.0 * np.eye(3),
        np.ones(3),
    )
    pairs = make_pair_list(positions, cell, pbc.astype(bool), CUTOFF)
    kick = fused(random_model(1))(positions, np.zeros(2, np.int64), pairs, 0)
    np.testing.assert_array_equal(kick, np.zeros((2, 3)))


def test_maps_without_attention_have_no_compiled_form() -> None:
    config = ModelConfig(
        species=(13,), masses=(26.98,), network=NetworkConfig(attention=False), stage_times=(20, 40)
    )
    model = build_model(config)
    assert isinstance(model, KickDriftMap)
    assert FusedKick.of(model) is None
