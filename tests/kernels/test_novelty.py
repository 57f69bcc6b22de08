"""The signals of novelty: C++ against torch, and laws of both."""

import numpy as np
import pytest
import torch

from longstride.kernels.native import load_native
from longstride.kernels.novelty import NoveltyReader
from longstride.model import ModelConfig
from longstride.state import State

SPECIES = (13, 29)


def kinds_of(state: State) -> np.ndarray:
    return np.searchsorted(SPECIES, state.species)


@pytest.mark.usefixtures("instruction_set")
@pytest.mark.parametrize("energy_head", [True, False])
def test_cpp_reads_what_torch_reads(state: State, watchful_model, energy_head: bool) -> None:
    native = load_native()
    assert native is not None, "the C++ kernel was not compiled: is there a compiler?"
    model = watchful_model(energy_head=energy_head)
    small = state.with_(cell=state.cell * [[1.0], [1.0], [0.45]])
    for each in (state, small):
        got = NoveltyReader(model, native).at(each, kinds_of(each))
        expected = NoveltyReader(model, None).at(each, kinds_of(each))
        for one, other in zip(got, expected, strict=True):
            assert other.min() > 0
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-9 * other.max())


def test_the_distance_is_that_of_mahalanobis(state: State, watchful_model) -> None:
    """Against the definition, with the covariance that the matrix stands for."""
    model = watchful_model()
    novelty = model.novelty
    assert novelty is not None
    rng = np.random.default_rng(0)
    whitened = rng.standard_normal((9, model.scalars.n_invariants))
    species = torch.from_numpy(rng.integers(0, 2, 9))
    hidden = torch.zeros(9, 12, dtype=torch.float64)
    distance, _ = novelty(torch.from_numpy(whitened), hidden, species)
    for row, kind, got in zip(whitened, species, distance, strict=True):
        matrix = novelty.matrix[kind].double().numpy()
        covariance = np.linalg.inv(matrix @ matrix.T)
        difference = row - novelty.center[kind].numpy()
        squared = difference @ np.linalg.solve(covariance, difference)
        assert float(got) == pytest.approx(np.sqrt(squared / len(row)), rel=1e-5)


def test_signals_follow_the_atoms_not_their_names(state: State, watchful_model) -> None:
    """Permutation, rotation and images leave each atom its own signals."""
    reader = NoveltyReader.of(watchful_model())
    before = reader.at(state, kinds_of(state))
    order = np.random.default_rng(1).permutation(state.n_atoms)
    turn = np.linalg.qr(np.random.default_rng(2).standard_normal((3, 3)))[0]
    moved = state.with_(
        positions=((state.positions + state.cell[1]) @ turn)[order],
        species=state.species[order],
        cell=state.cell @ turn,
    )
    after = reader.at(moved, kinds_of(moved))
    for one, other in zip(before, after, strict=True):
        np.testing.assert_allclose(other, one[order], rtol=1e-9, atol=1e-9)


def test_models_with_attention_are_read_by_torch(state: State, watchful_model) -> None:
    reader = NoveltyReader.of(watchful_model(attention=True))
    for signal in reader.at(state, kinds_of(state)):
        assert signal.shape == (state.n_atoms,)
        assert np.isfinite(signal).all()


def test_the_staged_map_has_no_guard() -> None:
    with pytest.raises(ValueError, match="guard goes with map: kicks"):
        ModelConfig(map="staged", species=(13,), masses=(26.98,), guard=True)
