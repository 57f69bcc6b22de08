"""The stride that engines of metatomic run is that of the model's definition."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from kicked import arguments, attentive_model, propagator_of, two_metals

from longstride.engines.metatomic.stride import ScriptedStride
from longstride.model import KickDriftMap, load_checkpoint
from longstride.state import State
from longstride.testsystems import HarmonicCrystal
from longstride.zoo import resolve

# metatomic's format is TorchScript, which torch calls deprecated at every use.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")

SKIN = 3.0


def scripted(model: KickDriftMap, dtype: torch.dtype, skin: float = SKIN) -> torch.nn.Module:
    """The stride as TorchScript."""
    return torch.jit.script(ScriptedStride(model.to(dtype), skin).eval())


def both(
    model: KickDriftMap, state: State, dtype: torch.dtype
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Displacement and change of velocity by the script, and by the definition."""
    moved, changed = scripted(model, dtype)(*arguments(model, state, SKIN, dtype))
    end = propagator_of(model, dtype).step(state, np.random.default_rng())
    own = (end.positions - state.positions, end.velocities - state.velocities)
    drift = np.average(changed.numpy(), axis=0, weights=state.masses)
    return (moved.numpy(), changed.numpy() - drift), own


@pytest.fixture
def aluminium() -> State:
    """108 atoms near 900 K."""
    crystal = HarmonicCrystal.fcc(repeat=3)
    return crystal.sample(900.0, np.random.default_rng(5))


@pytest.mark.parametrize("pbc", [(True, True, True), (True, False, True), (False, False, False)])
def test_with_attention_and_two_species_in_a_small_triclinic_cell(pbc):
    script, own = both(attentive_model(), two_metals(pbc), torch.float64)
    for theirs, ours in zip(script, own, strict=True):
        assert np.abs(ours).max() > 1e-5
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 3e-6)])
def test_a_shipped_model_in_hot_aluminium(aluminium: State, dtype, tolerance):
    script, own = both(load_checkpoint(resolve("al-fast")), aluminium, dtype)
    for theirs, ours in zip(script, own, strict=True):
        assert np.abs(theirs - ours).max() < tolerance * np.abs(ours).max()


def test_a_motion_in_common_needs_no_skin(aluminium: State):
    model = load_checkpoint(resolve("al-fast"))
    moving = replace(aluminium, velocities=aluminium.velocities + [0.2, 0.0, 0.0])
    stride = scripted(model, torch.float64)
    still, _ = stride(*arguments(model, aluminium, SKIN, torch.float64))
    moved, _ = stride(*arguments(model, moving, SKIN, torch.float64))
    shift = model.config.stride * np.array([0.2, 0.0, 0.0])
    np.testing.assert_allclose((moved - still).numpy(), np.tile(shift, (108, 1)), atol=1e-10)


def test_atoms_that_may_have_met_unseen_are_an_error(aluminium: State):
    model = load_checkpoint(resolve("al-fast"))
    velocities = aluminium.velocities.copy()
    velocities[7] = [0.0, 0.3, 0.0]
    fast = replace(aluminium, velocities=velocities)
    stride = scripted(model, torch.float32)
    with pytest.raises(torch.jit.Error, match=r"approached by .* neighbour list holds for 3\. Å"):
        stride(*arguments(model, fast, SKIN, torch.float32))
    velocities[7] = np.nan
    with pytest.raises(torch.jit.Error, match="approached by nan"):
        stride(*arguments(model, replace(fast, velocities=velocities), SKIN, torch.float32))


def test_pairs_that_come_inside_during_the_stride_are_seen():
    # Two atoms start outside of each other's neighbourhood, and meet inside of it.
    model = attentive_model()
    apart = model.config.cutoff + 1.0
    state = State(
        positions=np.array([[0.0, 0.0, 0.0], [apart, 0.0, 0.0]]),
        velocities=np.array([[0.06, 0.0, 0.0], [-0.06, 0.0, 0.0]]),
        masses=np.array([26.98, 26.98]),
        species=np.array([13, 13]),
        cell=30.0 * np.eye(3),
        pbc=np.zeros(3, dtype=bool),
    )
    script, own = both(model, state, torch.float64)
    assert np.abs(own[1]).max() > 1e-6
    for theirs, ours in zip(script, own, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12)


def test_an_engine_may_forbid_gradients(aluminium: State):
    model = load_checkpoint(resolve("al-fast"))
    stride = scripted(model, torch.float64)
    given = arguments(model, aluminium, SKIN, torch.float64)
    free = stride(*given)
    with torch.no_grad():
        forbidden = stride(*given)
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    for one, other in zip(free, forbidden, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-13)
        assert not one.requires_grad


def test_the_script_is_bound_to_no_device():
    stride = scripted(attentive_model(), torch.float32)
    # The graph must outlive its nodes.
    graph = stride.scalar.inlined_graph
    constants = [str(node) for node in graph.nodes() if node.kind() == "prim::Constant"]
    assert constants
    assert not [text for text in constants if "Device" in text]
