"""The start of a map from a trained one: what it keeps, and what it fits."""

import copy
from collections.abc import Callable

import pytest
import torch

from longstride.graph import Batch
from longstride.model import KickDriftMap, NetworkConfig, StrideMap, build_model, kick_transfer
from longstride.model.kick_ridge import regress
from longstride.model.ridge import NormalEquations
from longstride.model.stride_map import FITTED_LATER

ALUMINIUM = {"species": (13,), "masses": (26.9815385,), "cutoff": 5.3, "attention": False}
NETWORK = NetworkConfig(radial=3, hidden=8, attention=False, bound="hidden")


@pytest.fixture
def parent(make_config, harmonic_windows) -> KickDriftMap:
    """A map whose perceptron acts, with the whitening of a crystal."""
    model = build_model(make_config("kicks", kicks=1, network=NETWORK, **ALUMINIUM)).double()
    assert isinstance(model, KickDriftMap)
    model.initialise(harmonic_windows(4, seed=0))
    with torch.no_grad():
        model.scalars.last_layer.weight.normal_(std=0.3)
        model.scalars.correction.normal_(std=0.1)
    return model


def own_windows(model: StrideMap, batches: list[Batch]) -> list[Batch]:
    """The windows that a map predicts itself."""
    with torch.no_grad():
        stages = [model(batch.graph, batch.velocities) for batch in batches]
    return [
        batch._replace(displacement=stage.displacement, velocity=stage.velocity)
        for batch, stage in zip(batches, stages, strict=True)
    ]


def test_the_first_layer_is_as_far_from_its_bound_as_in_the_parent(
    parent: KickDriftMap, harmonic_windows: Callable[..., list[Batch]]
) -> None:
    """Its sums over the new data have the mean and, inside the fit, the spread of white inputs."""
    heavier = parent.config.model_copy(update={"masses": (60.0,), "species": (28,)})
    child = build_model(heavier).double()
    child.load_state_dict(parent.state_dict())
    batches = harmonic_windows(6, seed=1)
    kick_transfer.refit(child, batches)
    name = "scalars.whitening.matrix"
    assert not torch.allclose(child.state_dict()[name], parent.state_dict()[name])
    layers = [model.scalars.first_layer.weight[:, :-1] for model in (parent, child)]
    assert torch.allclose(layers[0].norm(dim=1), layers[1].norm(dim=1))
    with torch.no_grad():
        white = torch.cat(
            [
                child.scalars.whitened(graph)
                for b in batches
                for graph in (b.graph, b.graph.moved(b.displacement[-1]))
            ]
        )
    assert float(white.mean(0).abs().max()) < 1e-9


def test_read_outs_are_fitted_around_those_of_the_parent(
    parent: KickDriftMap, harmonic_windows: Callable[..., list[Batch]]
) -> None:
    """Where the perceptron adds nothing, new coordinates are of the same map.

    With one kick a substep the kicks are at the ends, where the windows have frames.
    """
    with torch.no_grad():
        parent.scalars.last_layer.weight.zero_()
    child = copy.deepcopy(parent)
    kick_transfer.refit(child, own_windows(parent, harmonic_windows(4, seed=1)))
    batch = harmonic_windows(1, seed=2)[0]
    with torch.no_grad():
        moved = parent(batch.graph, batch.velocities).velocity - batch.velocities
        error = child(batch.graph, batch.velocities).velocity - batch.velocities - moved
    assert float(error.square().mean().sqrt()) < 1e-4 * float(moved.square().mean().sqrt())


def test_a_parent_that_is_right_stays_as_it_is(
    parent: KickDriftMap, harmonic_windows: Callable[..., list[Batch]]
) -> None:
    child = build_model(parent.config).double()
    child.start_from(parent, own_windows(parent, harmonic_windows(3, seed=1)))
    for name, value in child.scalars.state_dict().items():
        assert torch.equal(value, parent.scalars.state_dict()[name]), name


def error(model: StrideMap, batches: list[Batch]) -> float:
    """Root mean square error in Å/fs of the velocities at the end."""
    with torch.no_grad():
        moved = [model(b.graph, b.velocities).velocity[-1] - b.velocity[-1] for b in batches]
    return float(torch.cat(moved).square().mean().sqrt())


def test_other_read_outs_of_the_parents_layers_are_found(
    make_config, harmonic_windows: Callable[..., list[Batch]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows by a map that differs from the parent in its read-outs alone are fitted exactly.

    Bounds on the inputs keep the layers as they are. What is left is the penalty's doing: at most
    its root, 1e-5, of the change, in windows of the fit and in others.
    """
    monkeypatch.setattr(kick_transfer, "PENALTY", 1e-10)
    network = NETWORK.model_copy(update={"bound": "inputs"})
    parent = build_model(make_config("kicks", kicks=1, network=network, **ALUMINIUM)).double()
    parent.initialise(harmonic_windows(4, seed=0))
    teacher = copy.deepcopy(parent)
    with torch.no_grad():
        for model in (parent, teacher):
            model.scalars.last_layer.weight.normal_(std=0.3)
            model.scalars.correction.normal_(std=0.1)
    child = build_model(parent.config).double()
    child.start_from(parent, own_windows(teacher, harmonic_windows(6, seed=1)))
    fresh = own_windows(teacher, harmonic_windows(2, seed=2))
    assert error(child, fresh) < 1e-4 * error(parent, fresh)


def test_a_read_out_of_hidden_values_only_adds(
    parent: KickDriftMap,
    harmonic_windows: Callable[..., list[Batch]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With more columns the minimum of residual and penalty is no higher, of another element, too.

    It is lower than the sum of squares by xᵀXᵀy. Rounding takes at most (columns ÷ penalty) times
    that of a float64, 1e-8, of the sum.
    """
    explained: list[float] = []
    solve = NormalEquations.solve

    def keeping(equations: NormalEquations, penalty: float | None = None) -> torch.Tensor:
        solution = solve(equations, penalty)
        explained.append(float(equations.right @ solution))
        return solution

    monkeypatch.setattr(NormalEquations, "solve", keeping)
    other = build_model(parent.config.model_copy(update={"masses": (60.0,), "species": (28,)}))
    other.double().load_state_dict(parent.state_dict())
    batches = harmonic_windows(3, seed=1)
    for readout in (False, True):
        regress(
            other,
            batches,
            from_reference=True,
            readout=readout,
            change=True,
            penalty=kick_transfer.PENALTY,
        )
    without, with_it = explained
    assert with_it > (1.0 - 1e-7) * without > 0.0


def test_the_start_is_no_worse_than_the_parent_on_the_window_that_judges(
    parent: KickDriftMap, harmonic_windows: Callable[..., list[Batch]]
) -> None:
    other = parent.config.model_copy(update={"masses": (60.0,), "species": (28,)})
    untouched, child = build_model(other).double(), build_model(other).double()
    untouched.load_state_dict(parent.state_dict())
    batches = harmonic_windows(3, seed=1)
    child.start_from(parent, batches)
    assert error(child, batches[2:]) <= (1.0 + 1e-12) * error(untouched, batches[2:])


def test_what_is_fitted_later_is_not_taken_over(make_config, harmonic_windows) -> None:
    config = make_config("kicks", network=NETWORK, energy_head=True, guard=True, **ALUMINIUM)
    parent, child = build_model(config).double(), build_model(config).double()
    parent.initialise(harmonic_windows(2, seed=0))
    with torch.no_grad():
        for name, value in parent.state_dict().items():
            if name.startswith(FITTED_LATER):
                value.add_(1.0)
    fresh = copy.deepcopy(child.state_dict())
    child.start_from(parent, harmonic_windows(2, seed=1))
    for name, value in child.state_dict().items():
        if name.startswith(FITTED_LATER):
            assert torch.equal(value, fresh[name]), name


def test_a_staged_map_is_taken_over_as_it_is(make_model, harmonic_windows) -> None:
    parent = make_model("staged", **ALUMINIUM)
    child = build_model(parent.config).double()
    child.start_from(parent, harmonic_windows(1, seed=1))
    for name, value in child.state_dict().items():
        assert torch.equal(value, parent.state_dict()[name]), name
