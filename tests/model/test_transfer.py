"""The start of a map from a trained one: what it keeps, and what it fits."""

import copy
from collections.abc import Callable

import pytest
import torch

from longstride.graph import Batch
from longstride.model import KickDriftMap, NetworkConfig, StrideMap, build_model, kick_transfer
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


def test_the_start_is_no_worse_than_the_ridge_solution(
    parent: KickDriftMap, harmonic_windows: Callable[..., list[Batch]]
) -> None:
    """On the windows of the fit, of another element: the read-out of hidden values only adds."""
    other = parent.config.model_copy(update={"masses": (60.0,), "species": (28,)})
    batches = harmonic_windows(4, seed=1)
    ridge, child = build_model(other).double(), build_model(other).double()
    ridge.initialise(batches)
    child.start_from(parent, batches)

    def error(model: StrideMap) -> float:
        with torch.no_grad():
            moved = [model(b.graph, b.velocities).velocity[-1] - b.velocity[-1] for b in batches]
        return float(torch.cat(moved).square().mean().sqrt())

    assert error(child) < 1.01 * error(ridge) < 0.5 * error(parent)


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
