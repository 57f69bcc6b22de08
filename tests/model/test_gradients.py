"""Every trainable parameter is used: the loss has a gradient with respect to all of them."""

import pytest
import torch

from longstride.model import StrideMap

CONSTANT_OF_A_SCALAR = "scalars.decode.2.bias"
"""Adds a constant to Φ: the one parameter that cannot change any kick."""


def gradients(model: StrideMap, make_graph) -> dict[str, torch.Tensor | None]:
    graph, velocities = make_graph()
    stages = model(graph, velocities)
    times = torch.tensor(model.config.stage_times, dtype=torch.float64)[:, None, None]
    supervised = list(model.supervised_stages)
    d = (stages.displacement - times * velocities)[supervised]
    w = (stages.velocity - velocities)[supervised]
    (1e2 * d.square().sum() + 1e6 * w.square().sum()).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("attention", [True, False])
@pytest.mark.parametrize("kind", ["kicks", "staged"])
def test_no_parameter_is_dead(make_model, make_graph, kind: str, attention: bool) -> None:
    # With fewer than three kicks the drifts are fixed by the palindrome.
    got = gradients(make_model(kind, attention=attention, kicks=3), make_graph)
    dead = {name for name, gradient in got.items() if gradient is None or not gradient.any()}
    assert dead == ({CONSTANT_OF_A_SCALAR} if kind == "kicks" else set())
    assert all(gradient.isfinite().all() for gradient in got.values() if gradient is not None)


@pytest.mark.parametrize("kind", ["kicks", "staged"])
def test_gradient_is_that_of_finite_differences(make_model, make_graph, kind: str) -> None:
    """Through all stages, kicks and moved graphs, along a random direction of all parameters."""
    model = make_model(kind, kicks=3)
    graph, velocities = make_graph()
    generator = torch.Generator().manual_seed(11)

    def loss() -> torch.Tensor:
        stages = model(graph, velocities)
        return 1e2 * stages.displacement[-1].square().sum() + 1e4 * stages.velocity[-1].pow(3).sum()

    parameters = list(model.parameters())
    directions = [
        torch.randn(p.shape, generator=generator, dtype=torch.float64) for p in parameters
    ]
    along = torch.autograd.grad(loss(), parameters, allow_unused=True)
    expected = sum(
        float((g * u).sum()) for g, u in zip(along, directions, strict=True) if g is not None
    )
    values = []
    with torch.no_grad():
        for step in (1e-5, -2e-5):
            for parameter, direction in zip(parameters, directions, strict=True):
                parameter.add_(step * direction)
            values.append(float(loss()))
    assert (values[0] - values[1]) / 2e-5 == pytest.approx(expected, rel=1e-4)
