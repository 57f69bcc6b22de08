"""An exported model, called by metatomic's own machinery."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from kicked import MASSES, SPECIES, attentive_model, propagator_of, two_metals

from longstride.errors import ConfigError, EngineError, FileFormatError
from longstride.model import ModelConfig, build_model, save_checkpoint
from longstride.state import State
from longstride.units import ASE_TIME

# metatomic's format is TorchScript, which torch calls deprecated at every use.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")

REASON = "the extra 'metatomic' is not installed"
hosted = pytest.mark.skipif(find_spec("metatomic") is None, reason=REASON)
REGIME = {
    "species": list(SPECIES),
    "masses": list(MASSES),
    "temperatures": [300.0, 600.0],
    "number_density": [0.02, 0.07],
    "potentials": ["made up"],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small model as a checkpoint."""
    save_checkpoint(tmp_path / "model", attentive_model(), {"regime": REGIME})
    return tmp_path / "model"


def evaluate(path: Path, states: list[State], *, atoms: list[list[int]] | None = None, **units):
    """Positions and momenta by the exported file, as an engine would ask for them."""
    import vesin.metatomic
    from metatensor.torch import Labels, TensorBlock, TensorMap
    from metatomic.torch import (
        ModelEvaluationOptions,
        ModelOutput,
        System,
        load_atomistic_model,
    )

    model = load_atomistic_model(path)
    dtype = getattr(torch, model.capabilities().dtype)

    def of_atoms(name: str, values: np.ndarray, index: int) -> TensorMap:
        components = [Labels(["xyz"], torch.arange(3)[:, None])] if values.shape[1] == 3 else []
        block = TensorBlock(
            torch.from_numpy(values.reshape(len(values), *[3] * len(components), 1)).to(dtype),
            Labels(["system", "atom"], torch.tensor([[index, i] for i in range(len(values))])),
            components,
            Labels([name], torch.tensor([[0]])),
        )
        return TensorMap(Labels(["_"], torch.tensor([[0]])), [block])

    systems = []
    for state in states:
        system = System(
            types=torch.from_numpy(state.species).to(torch.int32),
            positions=torch.from_numpy(state.positions).to(dtype),
            cell=torch.from_numpy(state.cell * state.pbc[:, None]).to(dtype),
            pbc=torch.from_numpy(state.pbc),
        )
        momenta = state.masses[:, None] * state.velocities * ASE_TIME
        system.add_data("momentum", of_atoms("momentum", momenta, 0))
        system.add_data("mass", of_atoms("mass", state.masses[:, None], 0))
        for lists in vesin.metatomic.neighbor_lists_for_model("angstrom", model):
            lists.add_neighbor_list(system)
        systems.append(system)
    options = ModelEvaluationOptions(
        length_unit="angstrom",
        outputs={
            "position": ModelOutput(unit=units.get("length", ""), sample_kind="atom"),
            "momentum": ModelOutput(unit=units.get("momentum", ""), sample_kind="atom"),
        },
        selected_atoms=None if atoms is None else Labels(["system", "atom"], torch.tensor(atoms)),
    )
    found = model(systems, options, check_consistency=True)
    return tuple(found[name].block().values[..., 0].numpy() for name in ("position", "momentum"))


def momenta_of(state: State) -> np.ndarray:
    """In ASE's unit."""
    return state.masses[:, None] * state.velocities * ASE_TIME


@hosted
@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-12), ("float32", 2e-6)])
def test_systems_advance_as_they_do_here(folder: Path, tmp_path: Path, precision, tolerance):
    from longstride.engines.metatomic import export_model

    export_model(folder, tmp_path / "m.pt", precision=precision, skin=3.0)
    states = [two_metals(), two_metals((True, False, False))]
    positions, momenta = evaluate(tmp_path / "m.pt", states)
    own = propagator_of(attentive_model(), getattr(torch, precision))
    ends = [own.step(state, np.random.default_rng()) for state in states]
    np.testing.assert_allclose(
        positions, np.concatenate([end.positions for end in ends]), rtol=0, atol=tolerance
    )
    np.testing.assert_allclose(
        momenta, np.concatenate([momenta_of(end) for end in ends]), rtol=0, atol=tolerance
    )


@hosted
def test_engines_get_the_units_and_the_atoms_that_they_ask_for(folder: Path, tmp_path: Path):
    from longstride.engines.metatomic import export_model

    export_model(folder, tmp_path / "m.pt", precision="float64", skin=3.0)
    state = two_metals()
    positions, momenta = evaluate(tmp_path / "m.pt", [state])
    chosen = [[0, 3], [0, 17]]
    others = evaluate(
        tmp_path / "m.pt", [state], atoms=chosen, length="nanometer", momentum="u*A/fs"
    )
    np.testing.assert_allclose(10.0 * others[0], positions[[3, 17]], rtol=1e-12)
    # metatomic's own constants, of another year than ours.
    np.testing.assert_allclose(others[1] * ASE_TIME, momenta[[3, 17]], rtol=1e-7)


@hosted
def test_what_the_model_does_not_know_is_refused(folder: Path, tmp_path: Path):
    from longstride.engines.metatomic import export_model

    export_model(folder, tmp_path / "m.pt", precision="float64", skin=3.0)
    state = two_metals()
    iron = state.species.copy()
    iron[5] = 26
    with pytest.raises((ValueError, torch.jit.Error), match="not support the atomic type '26'"):
        evaluate(tmp_path / "m.pt", [state.with_(species=iron)])
    heavy = state.masses.copy()
    heavy[5] *= 1.01
    with pytest.raises(torch.jit.Error, match=r"atom 5 has a mass of .* amu"):
        evaluate(tmp_path / "m.pt", [state.with_(masses=heavy)])


@hosted
def test_the_file_says_what_it_is(folder: Path, tmp_path: Path):
    from metatomic.torch import load_atomistic_model

    from longstride.engines.metatomic import export_model
    from longstride.zoo import model_checksum

    export_model(folder, tmp_path / "m.pt", precision="float32", skin=2.5)
    model = load_atomistic_model(tmp_path / "m.pt")
    assert float(model.module.timestep) == 20.0
    capabilities = model.capabilities()
    assert sorted(capabilities.atomic_types) == sorted(SPECIES)
    # 2 substeps of 2 kicks and a last one, each over four hops with attention.
    assert capabilities.interaction_range == pytest.approx(5 * 4 * 4.5)
    (wanted,) = model.requested_neighbor_lists()
    assert (wanted.cutoff, wanted.full_list) == (4.5 + 2.5, True)
    facts = model.metadata().extra
    assert facts["sha256"] == model_checksum(folder)
    assert facts["temperature_K"] == "[300.0, 600.0]"
    assert [path.name for path in tmp_path.glob("*.partial")] == []


@hosted
def test_a_file_that_cannot_be_written_is_said(folder: Path, tmp_path: Path):
    from longstride.engines.metatomic import export_model

    with pytest.raises(FileFormatError, match=r"none/m\.pt: cannot be written"):
        export_model(folder, tmp_path / "none" / "m.pt", precision="float32", skin=3.0)


def test_what_cannot_be_exported_is_said_in_a_line(folder: Path, tmp_path: Path, monkeypatch):
    from longstride.engines.metatomic import export, export_model

    out = tmp_path / "m.pt"
    for skin in (0.0, -1.0, 50.0, float("nan")):
        with pytest.raises(ConfigError, match="--skin"):
            export_model(folder, out, precision="float32", skin=skin)
    staged = build_model(
        ModelConfig(map="staged", species=(13,), masses=(26.98,), stage_times=(10.0,))
    )
    save_checkpoint(tmp_path / "staged", staged, {"regime": REGIME})
    with pytest.raises(ConfigError, match="staged map"):
        export_model(tmp_path / "staged", out, precision="float32", skin=3.0)
    monkeypatch.setattr(export, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"longstride\[metatomic\]"):
        export_model(folder, out, precision="float32", skin=3.0)
    assert not out.exists()
