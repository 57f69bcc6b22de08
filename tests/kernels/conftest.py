"""Small models of both kinds as propagators, and states to run them on."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from longstride.kernels import ModelPropagator, available_instructions
from longstride.kernels.native import VARIABLE
from longstride.model import (
    KickDriftMap,
    ModelConfig,
    ModelRegime,
    NetworkConfig,
    StrideMap,
    build_model,
)
from longstride.state import State

SPECIES, MASSES = (13, 29), (26.98, 63.55)
REGIME = {
    "species": list(SPECIES),
    "masses": list(MASSES),
    "temperatures": [300.0, 600.0, 900.0],
    "number_density": [0.02, 0.07],
}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(params=available_instructions())
def instruction_set(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each one that this processor runs, in turn; the compiled kernel is that one."""
    monkeypatch.setenv(VARIABLE, request.param)
    return str(request.param)


@pytest.fixture(params=["kicks", "staged"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which map."""
    return request.param


@pytest.fixture
def make_model(kind: str) -> Callable[[], StrideMap]:
    """A float32 model with random parameters: every part of it acts, weakly enough to be stable."""

    def make() -> StrideMap:
        torch.manual_seed(5)
        generator = torch.Generator().manual_seed(7)
        config = ModelConfig(
            map=kind,
            species=SPECIES,
            masses=MASSES,
            stage_times=(10.0, 20.0, 30.0),
            substeps=1,
            cutoff=4.5,
            network=NetworkConfig(
                radial=3,
                hidden=8,
                heads=2,
                key=2,
                value=3,
                attention=kind == "staged",
                bound="hidden" if kind == "kicks" else "inputs",
            ),
        )
        model = build_model(config)
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                noise = torch.randn(tensor.shape, generator=generator)
                if name.endswith("scale"):
                    tensor.fill_(5e-3 if kind == "kicks" else 1e-4)
                elif name.endswith("ridge"):
                    tensor.copy_((5e-4 if kind == "kicks" else 1e-6) * noise)
                elif not name.endswith(("mean", "matrix")):
                    tensor.add_(0.3 * noise)
        return model

    return make


@pytest.fixture
def make_propagator(make_model) -> Callable[..., ModelPropagator]:
    """The same model in the arithmetic asked for."""

    def make(dtype: torch.dtype = torch.float32, *, compiled: bool = True) -> ModelPropagator:
        regime = ModelRegime.model_validate(REGIME)
        return ModelPropagator(make_model(), regime, dtype=dtype, compiled=compiled)

    return make


@pytest.fixture
def state() -> State:
    """24 atoms of two species in a triclinic cell, none too close, with thermal velocities."""
    rng = np.random.default_rng(3)
    cell = np.array([[9.5, 0.0, 0.0], [1.5, 9.0, 0.0], [-0.8, 1.1, 9.8]])
    grid = np.stack(np.meshgrid(range(2), range(3), range(4), indexing="ij"), -1).reshape(-1, 3)
    fractions = (grid + 0.5) / [2, 3, 4] + 0.02 * rng.standard_normal((24, 3))
    kinds = rng.integers(0, 2, 24)
    masses = np.array(MASSES)[kinds]
    velocities = 0.003 * rng.standard_normal((24, 3))
    return State(
        positions=fractions @ cell,
        velocities=velocities - np.average(velocities, axis=0, weights=masses),
        masses=masses,
        species=np.array(SPECIES)[kinds],
        cell=cell,
        pbc=np.ones(3, dtype=bool),
        time=50.0,
    )


@pytest.fixture
def watchful_model() -> Callable[..., KickDriftMap]:
    """Models with a guard in which every part acts."""

    def make(*, energy_head: bool = True, attention: bool = False) -> KickDriftMap:
        config = ModelConfig(
            species=SPECIES,
            masses=MASSES,
            stage_times=(20.0,),
            substeps=1,
            kicks=3,
            cutoff=4.5,
            network=NetworkConfig(
                radial=5, hidden=12, attention=attention, bound="inputs" if attention else "hidden"
            ),
            energy_head=energy_head,
            guard=True,
        )
        torch.manual_seed(12)
        model = build_model(config)
        assert isinstance(model, KickDriftMap)
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                if not name.endswith(("mean", "scale")):
                    tensor.add_(0.3 * torch.randn(tensor.shape))
        return model

    return make


@pytest.fixture
def rng() -> np.random.Generator:
    """For maps that would need one: these do not."""
    return np.random.default_rng(0)
