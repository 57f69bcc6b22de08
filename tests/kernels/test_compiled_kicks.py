"""Compiled kicks against the torch model, which is their definition."""

from copy import deepcopy

import numpy as np
import pytest
import torch

from longstride.errors import RolloutError
from longstride.graph import FAR, Graph, find_pairs
from longstride.kernels.native import load_native
from longstride.kernels.native_kick import NativeKick
from longstride.kernels.native_site import SKIN
from longstride.model import KickDriftMap, ModelConfig, NetworkConfig, build_model

CUTOFF = 4.5
CELLS = {
    "cubic": 8.1 * np.eye(3),
    "triclinic": np.array([[9.5, 0.0, 0.0], [1.5, 9.0, 0.0], [-0.8, 1.1, 9.8]]),
    "smaller than the cutoff": np.array([[3.9, 0.0, 0.0], [0.4, 4.1, 0.0], [0.2, -0.3, 4.0]]),
}


def random_model(n_species: int, *, radial: int = 3, hidden: int = 12) -> KickDriftMap:
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
        network=NetworkConfig(radial=radial, hidden=hidden, attention=False, bound="hidden"),
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


def kick_of(model: KickDriftMap, double: bool = True, threads: int = 1) -> NativeKick:
    """The compiled form of a model."""
    native = load_native()
    assert native is not None, "the C++ kernel was not compiled: is there a compiler?"
    return NativeKick(model, native, double=double, threads=threads)


on_every_instruction_set = pytest.mark.usefixtures("instruction_set")


@on_every_instruction_set
@pytest.mark.parametrize("cell", CELLS.values(), ids=list(CELLS))
@pytest.mark.parametrize("n_species", [1, 3])
@pytest.mark.parametrize("double", [True, False], ids=["float64", "float32"])
def test_kicks_are_the_models(cell, n_species: int, double: bool) -> None:
    rng = np.random.default_rng(2)
    model = random_model(n_species)
    kicks = kick_of(model, double)
    for pbc in (np.ones(3, bool), np.array([True, False, True])):
        positions, species = atoms_in(cell, n_species, rng)
        for index in range(len(model.sequence)):
            expected = by_torch(model, positions, species, cell, pbc, index)
            got = kicks.at(positions, species, cell, pbc, index)
            size = np.abs(expected).max()
            assert size > 1e-6
            # Positions are on a grid of 2^-36 Å.
            allowed = 1e-9 * size
            if not double:
                single = by_torch(model, positions, species, cell, pbc, index, torch.float32)
                # As good as torch in float32, or five times better than the 1e-5 promised.
                allowed = max(3.0 * np.abs(single - expected).max(), 2e-6 * size)
                assert allowed < 1e-5 * size
            assert np.abs(got - expected).max() < allowed


@on_every_instruction_set
@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("double", [False, True])
def test_a_list_goes_along_with_a_cell_that_changes(cell: np.ndarray, double: bool) -> None:
    """Kicks in a breathing, shearing cell whose atoms drift are those of new lists, bit for bit."""
    model, rng, pbc = random_model(2), np.random.default_rng(8), np.ones(3, bool)
    positions, species = atoms_in(cell, 2, rng)
    kept = kick_of(model, double)
    for step in range(30):
        strain = 0.02 * np.sin(0.4 * step + np.arange(9.0)).reshape(3, 3)
        deformed = cell @ (np.eye(3) + np.tril(strain))
        moved = positions @ np.linalg.solve(cell, deformed) + 0.9 * step
        moved += 0.05 * rng.standard_normal(moved.shape) - cell[step % 3] * (step // 10)
        new = kick_of(model, double).at(moved, species, deformed, pbc, 0)
        np.testing.assert_array_equal(kept.at(moved, species, deformed, pbc, 0), new)
    assert kept.lists < 6


def test_a_cell_that_has_changed_too_much_takes_a_new_list() -> None:
    model, rng, pbc = random_model(1), np.random.default_rng(9), np.ones(3, bool)
    cell = CELLS["triclinic"]
    positions, species = atoms_in(cell, 1, rng)
    kept = kick_of(model)
    kept.at(positions, species, cell, pbc, 0)
    for factor in (0.97, 0.5, 2.0):
        new = kick_of(model).at(factor * positions, species, factor * cell, pbc, 0)
        made = kept.lists
        np.testing.assert_array_equal(
            kept.at(factor * positions, species, factor * cell, pbc, 0), new
        )
        assert kept.lists == made + (factor != 0.97)


@on_every_instruction_set
def test_sizes_of_a_real_network() -> None:
    """More than one vector of channels, with a remainder."""
    rng = np.random.default_rng(4)
    cell, pbc = CELLS["cubic"], np.ones(3, bool)
    model = random_model(2, radial=12, hidden=20)
    positions, species = atoms_in(cell, 2, rng)
    single = by_torch(model, positions, species, cell, pbc, 1, torch.float32)
    expected = by_torch(model, positions, species, cell, pbc, 1)
    got = kick_of(model, double=False).at(positions, species, cell, pbc, 1)
    assert np.abs(got - expected).max() < 3.0 * np.abs(single - expected).max()


@on_every_instruction_set
def test_age_of_the_list_does_not_show() -> None:
    """Pairs beyond the cutoff add nothing, and those inside are summed in one order."""
    rng = np.random.default_rng(6)
    model = random_model(2)
    for cell in CELLS.values():
        before, species = atoms_in(cell, 2, rng)
        now = before + 0.3 * rng.uniform(-1.0, 1.0, before.shape)
        pbc = np.ones(3, bool)
        used, fresh = kick_of(model, double=False), kick_of(model, double=False)
        used.at(before, species, cell, pbc, 0)
        np.testing.assert_array_equal(
            used.at(now, species, cell, pbc, 0), fresh.at(now, species, cell, pbc, 0)
        )


@on_every_instruction_set
def test_wrapping_does_not_show() -> None:
    """Atoms in other periodic images of the cell: the same bits, not only the same kick."""
    rng = np.random.default_rng(7)
    model = random_model(2)
    # Lattice vectors that are numbers of the grid, so that moving an atom by them is exact.
    cell, pbc = np.round(CELLS["triclinic"] * 64) / 64, np.ones(3, bool)
    positions, species = atoms_in(cell, 2, rng)
    positions = np.round(positions * 2**30) / 2**30
    elsewhere = positions + rng.integers(-3, 4, positions.shape) @ cell
    for double in (True, False):
        np.testing.assert_array_equal(
            kick_of(model, double).at(elsewhere, species, cell, pbc, 0),
            kick_of(model, double).at(positions, species, cell, pbc, 0),
        )


def test_lists_are_kept_until_atoms_have_moved() -> None:
    rng = np.random.default_rng(9)
    cell, pbc = CELLS["cubic"], np.ones(3, bool)
    kicks = kick_of(random_model(1))
    positions, species = atoms_in(cell, 1, rng)
    kicks.at(positions, species, cell, pbc, 0)
    moved = positions.copy()
    moved[3, 1] += 0.49 * SKIN
    kicks.at(moved, species, cell, pbc, 0)
    assert kicks.lists == 1
    moved[3, 1] += 0.02 * SKIN
    kicks.at(moved, species, cell, pbc, 0)
    assert kicks.lists == 2
    kicks.at(moved, species, cell, np.array([True, True, False]), 0)
    assert kicks.lists == 3


@on_every_instruction_set
def test_threads_share_the_atoms() -> None:
    rng = np.random.default_rng(8)
    cell, pbc = 26.0 * np.eye(3), np.ones(3, bool)
    model = random_model(1)
    positions, species = atoms_in(cell, 1, rng)
    one = kick_of(model).at(positions, species, cell, pbc, 0)
    three = kick_of(model, threads=3).at(positions, species, cell, pbc, 0)
    np.testing.assert_allclose(three, one, rtol=0, atol=1e-12 * np.abs(one).max())
    assert np.abs(one.sum(0)).max() < 1e-12 * np.abs(one).sum()


@on_every_instruction_set
def test_atoms_without_neighbours_are_not_kicked() -> None:
    positions = np.array([[1.0, 1.0, 1.0], [9.0, 9.0, 9.0]])
    cell, pbc = 20.0 * np.eye(3), np.ones(3, bool)
    kick = kick_of(random_model(1)).at(positions, np.zeros(2, np.int64), cell, pbc, 0)
    np.testing.assert_array_equal(kick, np.zeros((2, 3)))


def test_positions_that_are_not_finite() -> None:
    rng = np.random.default_rng(3)
    cell, pbc = CELLS["cubic"], np.ones(3, bool)
    positions, species = atoms_in(cell, 1, rng)
    kicks = kick_of(random_model(1))
    kicks.at(positions, species, cell, pbc, 0)
    positions[5, 2] = np.nan
    with pytest.raises(RolloutError, match="atom 5"):
        kicks.at(positions, species, cell, pbc, 0)


def test_without_a_compiler_torch_computes(monkeypatch) -> None:
    monkeypatch.setattr("longstride.kernels.native_kick.load_native", lambda: None)
    assert NativeKick.of(random_model(1)) is None


@pytest.mark.parametrize(("attention", "bound"), [(True, "hidden"), (False, "inputs")])
def test_kinds_that_have_no_compiled_form(attention: bool, bound: str) -> None:
    network = NetworkConfig.model_validate({"attention": attention, "bound": bound})
    config = ModelConfig(
        species=(13,), masses=(26.98,), network=network, stage_times=(20, 40), substeps=2
    )
    model = build_model(config)
    assert isinstance(model, KickDriftMap)
    assert NativeKick.of(model) is None
