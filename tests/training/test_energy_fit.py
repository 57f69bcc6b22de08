"""The energy head is fitted to data whose answer is known: energies and stresses of a head."""

from pathlib import Path

import numpy as np
import pytest
import torch

from longstride.dataset import Block, TrajectorySet
from longstride.errors import ConfigError
from longstride.graph import frame_graph
from longstride.kernels.potential import EnergyReader
from longstride.model import KickDriftMap, ModelConfig, NetworkConfig, build_model
from longstride.state import State
from longstride.testsystems.lattice import fcc_lattice
from longstride.training.energy_fit import fit_energy_head
from longstride.trajectory import TrajectoryWriter, segment_of
from longstride.units import MASS_VELOCITY_SQUARED

MASSES = (39.948, 20.18)
FRAMES = 120


def with_head() -> KickDriftMap:
    torch.manual_seed(4)
    config = ModelConfig(
        species=(18, 10),
        masses=MASSES,
        stage_times=(20.0,),
        substeps=1,
        cutoff=5.5,
        inner=3.0,
        network=NetworkConfig(radial=2, hidden=4, attention=False, bound="hidden"),
        energy_head=True,
    )
    model = build_model(config)
    assert isinstance(model, KickDriftMap)
    return model


def whiten(model: KickDriftMap, states: list[State]) -> None:
    """As at the start of a training."""
    features, kinds = [], []
    for state in states[:20]:
        species = (state.species == 10).astype(np.int64)
        where = (state.positions, state.cell, state.pbc, species)
        graph = frame_graph(*where, model.config.cutoff)
        features.append(model.scalars.invariants(graph))
        kinds.append(graph.species)
    model.scalars.whitening.fit(torch.cat(features), torch.cat(kinds))


def teacher_of(model: KickDriftMap) -> KickDriftMap:
    """The same features, and a head of known energies."""
    teacher = with_head()
    teacher.load_state_dict(model.state_dict())
    head = teacher.energy_head
    assert head is not None
    for parameters in (head.linear, head.readout, head.offset):
        parameters.copy_(0.1 * torch.randn(parameters.shape, dtype=torch.float64))
    return teacher


def frames(rng: np.random.Generator) -> list[State]:
    """Disordered crystals of two species in one cell, moving."""
    crystal = fcc_lattice(5.3, 2, species=18, mass=MASSES[0])
    species = np.where(rng.random(crystal.n_atoms) < 0.5, 18, 10)
    masses = np.where(species == 18, *MASSES)
    return [
        crystal.with_(
            species=species,
            masses=masses,
            positions=crystal.positions + 0.2 * rng.standard_normal(crystal.positions.shape),
            velocities=0.003 * rng.standard_normal(crystal.positions.shape),
        )
        for _ in range(FRAMES)
    ]


def write(path: Path, states: list[State], teacher: KickDriftMap | None) -> Path:
    reader = None if teacher is None else EnergyReader.of(teacher)
    with TrajectoryWriter(path, provenance={"made": "by a head"}) as out:
        first = states[0]
        segment = segment_of(out, "run", first, interval=10.0)
        for number, state in enumerate(states):
            answers = {}
            if reader is not None:
                known = reader.at(state, (state.species == 10).astype(np.int64))
                v = state.velocities
                kinetic = MASS_VELOCITY_SQUARED * np.einsum("n,na,nb->ab", state.masses, v, v)
                volume = abs(np.linalg.det(state.cell))
                answers = {
                    "potential_energy": known.energy,
                    "stress": known.virial_stress - kinetic / volume,
                }
            segment.append(
                time=10.0 * number,
                positions=state.positions,
                velocities=state.velocities,
                **answers,
            )
    return path


def test_energies_and_stresses_of_a_head_are_recovered(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    model, states = with_head(), frames(rng)
    whiten(model, states)
    path = write(tmp_path / "taught.h5", states, teacher_of(model))
    with TrajectorySet([path]) as data:
        (segment,) = data.segments
        energies = segment.potential_energy()
        assert energies is not None
        spread = float(np.std(energies)) / segment.n_atoms
        errors = fit_energy_head(
            model, [Block(segment, 0, 100)], [Block(segment, 100, segment.n_frames)]
        )
    assert errors.energy < 1e-3 * spread
    assert errors.stress is not None
    assert errors.stress < 1e-6
    assert "meV per atom" in errors.in_words


def test_data_without_energies_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "bare.h5", frames(np.random.default_rng(2)), None)
    with TrajectorySet([path]) as data:
        blocks = [Block(data.segments[0], 0, FRAMES)]
        with pytest.raises(ConfigError, match="no frame of the training data has a potential"):
            fit_energy_head(with_head(), blocks, blocks)
