"""Energy and stress by the energy head: C++ against torch, and laws of both."""

import numpy as np
import pytest
import torch

from longstride.kernels.native import load_native
from longstride.kernels.potential import EnergyReader
from longstride.kernels.propagator import EnergyPropagator, ModelPropagator
from longstride.model import KickDriftMap, ModelConfig, ModelRegime, NetworkConfig, build_model
from longstride.propagator import Potential
from longstride.state import State

SPECIES, MASSES = (13, 29), (26.98, 63.55)


def model_with_head(*, energy_head: bool = True) -> KickDriftMap:
    """A model in which every part acts, the head too."""
    config = ModelConfig(
        species=SPECIES,
        masses=MASSES,
        stage_times=(20.0,),
        substeps=1,
        kicks=3,
        cutoff=4.5,
        network=NetworkConfig(radial=5, hidden=12, attention=False, bound="hidden"),
        energy_head=energy_head,
    )
    torch.manual_seed(11)
    model = build_model(config)
    assert isinstance(model, KickDriftMap)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if not name.endswith(("mean", "scale")):
                tensor.add_(0.3 * torch.randn(tensor.shape))
    return model


def kinds_of(state: State) -> np.ndarray:
    return np.searchsorted(SPECIES, state.species)


def native_reader(model: KickDriftMap) -> EnergyReader:
    native = load_native()
    assert native is not None, "the C++ kernel was not compiled: is there a compiler?"
    return EnergyReader(model, native)


@pytest.mark.usefixtures("instruction_set")
def test_cpp_reads_what_torch_reads(state: State) -> None:
    model = model_with_head()
    small = state.with_(cell=state.cell * [[1.0], [1.0], [0.45]])
    for each in (state, small):
        got = native_reader(model).at(each, kinds_of(each))
        expected = EnergyReader(model, None).at(each, kinds_of(each))
        assert got.energy == pytest.approx(expected.energy, rel=1e-8)
        size = np.abs(expected.virial_stress).max()
        assert size > 1e-3
        assert np.abs(got.virial_stress - expected.virial_stress).max() < 1e-8 * size


def test_stress_is_the_derivative_of_the_energy_by_the_strain(state: State) -> None:
    reader = native_reader(model_with_head())
    stress = reader.at(state, kinds_of(state)).virial_stress
    volume, step = abs(np.linalg.det(state.cell)), 1e-5
    for a, b in ((0, 0), (1, 2), (0, 1)):
        energies = []
        for sign in (1.0, -1.0):
            strain = np.eye(3)
            strain[a, b] += 0.5 * sign * step
            strain[b, a] += 0.5 * sign * step
            moved = state.with_(positions=state.positions @ strain, cell=state.cell @ strain)
            energies.append(reader.at(moved, kinds_of(state)).energy)
        slope = (energies[0] - energies[1]) / (2.0 * step * volume)
        assert slope == pytest.approx(stress[a, b], abs=1e-5 * np.abs(stress).max())


def test_energy_is_extensive_and_stress_intensive(state: State) -> None:
    reader = native_reader(model_with_head())
    twice = state.with_(
        positions=np.concatenate([state.positions, state.positions + state.cell[0]]),
        velocities=np.tile(state.velocities, (2, 1)),
        masses=np.tile(state.masses, 2),
        species=np.tile(state.species, 2),
        cell=state.cell * [[2.0], [1.0], [1.0]],
    )
    one, two = reader.at(state, kinds_of(state)), reader.at(twice, kinds_of(twice))
    assert two.energy == pytest.approx(2.0 * one.energy, rel=1e-9)
    np.testing.assert_allclose(two.virial_stress, one.virial_stress, atol=1e-8)


@pytest.mark.parametrize("by", ["native", "torch"])
def test_shares_of_all_atoms_make_the_whole(state: State, by: str) -> None:
    model = model_with_head()
    reader = native_reader(model) if by == "native" else EnergyReader(model, None)
    whole = reader.at(state, kinds_of(state))
    third = state.n_atoms // 3
    energy, stress = 0.0, np.zeros((3, 3))
    for order in (np.arange(state.n_atoms), np.roll(np.arange(state.n_atoms), -third)):
        turned = state.with_(
            positions=state.positions[order],
            velocities=state.velocities[order],
            masses=state.masses[order],
            species=state.species[order],
        )
        count = third if order[0] == 0 else state.n_atoms - third
        share = reader.at(turned, kinds_of(turned), count)
        energy, stress = energy + share.energy, stress + share.virial_stress
    assert energy == pytest.approx(whole.energy, rel=1e-10)
    size = np.abs(whole.virial_stress).max()
    np.testing.assert_allclose(stress, whole.virial_stress, atol=1e-10 * size)


def test_a_propagator_with_a_head_is_a_potential(state: State) -> None:
    regime = ModelRegime.model_validate(
        {
            "species": list(SPECIES),
            "masses": list(MASSES),
            "temperatures": [300.0],
            "number_density": [0.01, 0.1],
        }
    )
    model = model_with_head()
    propagator = EnergyPropagator(model, regime)
    assert isinstance(propagator, Potential)
    read = EnergyReader(model, None).at(state, kinds_of(state))
    assert propagator.configuration(state).energy == pytest.approx(read.energy, rel=1e-6)
    bare = ModelPropagator(model_with_head(energy_head=False), regime)
    assert not isinstance(bare, Potential)


def test_the_staged_map_has_no_head() -> None:
    with pytest.raises(ValueError, match="energy_head goes with map: kicks"):
        ModelConfig(map="staged", species=(13,), masses=(26.98,), energy_head=True)
