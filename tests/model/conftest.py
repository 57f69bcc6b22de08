"""Small models whose every part acts: random ridge, drifts and read-outs."""

from collections.abc import Callable

import pytest
import torch

from longstride.model import ModelConfig, NetworkConfig, StrideMap, build_model

Make = Callable[..., StrideMap]


@pytest.fixture
def make_model() -> Make:
    """Build a float64 model with random parameters and buffers."""

    def make(
        kind: str, *, species: tuple[int, ...] = (13, 29), attention: bool = True
    ) -> StrideMap:
        generator = torch.Generator().manual_seed(7)
        config = ModelConfig(
            map=kind,
            species=species,
            masses=tuple(2.0 * number for number in species),
            cutoff=4.5,
            network=NetworkConfig(radial=3, hidden=8, heads=2, value=3, attention=attention),
        )
        model = build_model(config).double()
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                noise = torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype)
                if name.endswith("scale"):
                    tensor.fill_(0.2 if kind == "kicks" else 2e-3)
                elif name.endswith("ridge"):
                    tensor.copy_((0.02 if kind == "kicks" else 1e-5) * noise)
                elif not name.endswith(("mean", "matrix")):
                    tensor.add_(0.3 * noise)
        return model

    return make
