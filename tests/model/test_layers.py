"""Layers in lower precision: rounded operands, exact elsewhere, differentiable twice."""

import pytest
import torch
from torch import nn

from longstride.model import build_model
from longstride.model.layers import Layer, products_in

BITS = {"tf32": 11, "bf16": 8}
"""Of the significand, the leading one included."""


@pytest.fixture
def layer() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(Layer(48, 32))


def features(requires_grad: bool = False) -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randn(50, 48, generator=generator).requires_grad_(requires_grad)


def test_in_full_precision_it_is_a_linear_layer(layer):
    assert torch.equal(layer(features()), nn.functional.linear(features(), *layer.parameters()))


@pytest.mark.parametrize("precision", BITS)
def test_a_product_is_off_by_the_rounding_of_its_operands(layer, precision):
    with products_in(layer, precision):
        found = layer(features()).double()
    weight, bias = (p.double() for p in layer.parameters())
    exact = features().double() @ weight.T + bias
    # Operands are off by half a unit in the last place each, and so may be the sum.
    resolution = 2.0 ** -BITS[precision]
    bound = 3.0 * resolution * (features().double().abs() @ weight.T.abs() + bias.abs())
    error = (found - exact).abs()
    assert (error <= bound).all()
    assert error.max() > 0.05 * resolution
    assert torch.equal(layer(features()), nn.functional.linear(features(), *layer.parameters()))


@pytest.mark.parametrize("precision", BITS)
def test_numbers_that_need_no_rounding_give_the_same_product(precision):
    exact = nn.Sequential(Layer(16, 8))
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in exact.parameters():
            parameter.copy_(torch.randint(-4, 5, parameter.shape, generator=generator))
    numbers = torch.randint(-3, 4, (20, 16), generator=generator).float()
    wanted = exact(numbers)
    with products_in(exact, precision):
        found = exact(numbers)
    assert torch.equal(found, wanted)


@pytest.mark.parametrize("precision", BITS)
def test_second_derivatives_are_those_of_the_layer(layer, precision):
    def bent() -> list[torch.Tensor]:
        """Gradients by the parameters of the squared gradient by the features."""
        x = features(requires_grad=True)
        (slope,) = torch.autograd.grad(torch.tanh(layer(x)).sum(), x, create_graph=True)
        return list(torch.autograd.grad(slope.square().sum(), list(layer.parameters())))

    wanted = bent()
    with products_in(layer, precision):
        found = bent()
    for one, other in zip(found, wanted, strict=True):
        scale = other.square().mean().sqrt()
        assert not torch.equal(one, other)
        assert ((one - other).abs() <= 8.0 * 2.0 ** -BITS[precision] * scale).all()


@pytest.mark.parametrize("kind", ["kicks", "staged"])
@pytest.mark.parametrize("precision", BITS)
def test_of_a_map_the_learned_part_alone_is_rounded(make_config, make_graph, kind, precision):
    """Before training, read-outs of the layers are zero, and the map is that in closed form."""
    model = build_model(make_config(kind))
    generator = torch.Generator().manual_seed(4)
    for name, tensor in model.state_dict().items():
        if name.endswith("ridge"):
            tensor.copy_(1e-4 * torch.randn(tensor.shape, generator=generator))
    graph, velocities = make_graph()
    graph = graph._replace(vectors=graph.vectors.float())

    def ends() -> torch.Tensor:
        return model(graph, velocities.float()).velocity[-1]

    exact = ends()
    with products_in(model, precision):
        assert torch.equal(ends(), exact)
    for name, tensor in model.state_dict().items():
        if name.endswith(("decode.2.weight", "gates.2.weight")):
            tensor.fill_(1e-3)
    exact = ends()
    with products_in(model, precision):
        assert not torch.equal(ends(), exact)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("precision", BITS)
def test_a_gpu_rounds_as_the_processor_does(layer, precision):
    with products_in(layer, precision):
        wanted = layer(features())
        found = layer.cuda()(features().cuda()).cpu()
    bound = 2.0 ** -BITS[precision] * (wanted.abs().max() + 1.0)
    assert ((found - wanted).abs() <= bound).all()
