"""Learned scalars of the positions alone, whose gradients are the kicks.

Site i contributes to scalar k

    phi_k(i) = ridge_k · z_i + s · MLP_k(h_i, messages_i),

with z the whitened invariants of the neighbourhood (moments, and products of moments contracted to
scalars), h = MLP(clip(z)) the hidden scalars that the attention sends around. Where the sums of the
first layer are bounded in place of z, whitening and first layer are one matrix, and an evaluation
costs less than half.
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from longstride.graph import Graph
from longstride.model.attention import Attention
from longstride.model.config import ModelConfig
from longstride.model.edges import ORDERS, RadialBasis, moments
from longstride.model.layers import Layer
from longstride.model.whitening import Whitening, soft_clip


class CompiledFeatures(Protocol):
    """Moments and invariants by compiled code; both twice differentiable."""

    def moments(self, vectors: Tensor, neighbor_species: Tensor | None) -> Tensor:
        """Moments (N, C, 9) of vectors (N, 3, K) in Å; species (N, K) if there are several."""
        ...

    def invariants(self, moments: Tensor) -> Tensor:
        """Invariants (N, F) of moments (N, C, 9)."""
        ...


class SiteScalars(nn.Module):
    """Sum over the atoms of ``n_scalars`` learned site functions, in amu·Å²/fs."""

    ridge: Tensor
    scale: Tensor
    pairs: Tensor
    kinds: Tensor

    def __init__(self, config: ModelConfig, n_scalars: int) -> None:
        super().__init__()
        network, n_species = config.network, len(config.species)
        self.basis = RadialBasis(network.radial, n_species, config.inner, config.cutoff)
        channels = self.basis.channels
        first, second = torch.triu_indices(channels, channels)
        self.register_buffer("pairs", first * channels + second, persistent=False)
        self.register_buffer("kinds", torch.arange(n_species), persistent=False)
        self.n_invariants = channels + len(ORDERS) * len(self.pairs)
        self.whitening = Whitening(self.n_invariants, n_species, centered=True)
        self.register_buffer("ridge", torch.zeros(n_scalars, n_species, self.n_invariants))
        self.register_buffer("scale", torch.ones(()))
        self.correction = nn.Parameter(torch.zeros_like(self.ridge))
        hidden = network.hidden
        self.bounds_hidden = network.bound == "hidden"
        self.encode = nn.Sequential(
            Layer(self.n_invariants + n_species, hidden),
            nn.SiLU(),
            Layer(hidden, hidden),
            nn.SiLU(),
        )
        self.attention = Attention(network, channels) if network.attention else None
        messages = 2 * self.attention.n_messages if self.attention is not None else 0
        self.decode = nn.Sequential(
            Layer(hidden + messages, hidden), nn.SiLU(), Layer(hidden, n_scalars)
        )
        for parameter in self.decode[-1].parameters():
            nn.init.zeros_(parameter)
        self.compiled: CompiledFeatures | None = None
        """Computes the invariants on the processor in place of torch, if set."""

    @property
    def first_layer(self) -> nn.Linear:
        """Reads the whitened invariants and the species."""
        layer = self.encode[0]
        assert isinstance(layer, nn.Linear)
        return layer

    @property
    def last_layer(self) -> nn.Linear:
        """Reads the last hidden layer."""
        layer = self.decode[-1]
        assert isinstance(layer, nn.Linear)
        return layer

    def invariants(self, graph: Graph) -> Tensor:
        """(N, F) radial sums, and contracted products of scalar, vector and tensor moments."""
        if self.compiled is not None and graph.vectors.device.type == "cpu":
            several = self.basis.n_species > 1
            species = graph.species[graph.neighbors] if several else None
            return self.compiled.invariants(self.compiled.moments(graph.vectors, species))
        sums = moments(self.basis.of(graph))
        products = [sums[:, :, 0]]
        for moment in sums.split(ORDERS, -1):
            product = (moment @ moment.transpose(1, 2)).flatten(1)
            products.append(product.index_select(1, self.pairs))
        return torch.cat(products, 1)

    def whitened(self, graph: Graph) -> Tensor:
        """(N, F) whitened invariants."""
        return self.whitening(self.invariants(graph), graph.species)

    def site_features(self, graph: Graph) -> tuple[Tensor, Tensor]:
        """Whitened invariants (N, F) and the last hidden layer (N, H)."""
        features = self.whitened(graph)
        onehot = (graph.species[:, None] == self.kinds).to(features.dtype)
        if self.bounds_hidden:
            hidden = soft_clip(self.encode[0](torch.cat([features, onehot], 1)))
            hidden = self.encode[1:](hidden)
        else:
            hidden = self.encode(torch.cat([soft_clip(features), onehot], 1))
        if self.attention is not None:
            scalars, vectors = self.attention(hidden, graph, self.basis.of(graph))
            hidden = torch.cat([hidden, scalars, vectors.square().sum(-1)], 1)
        return features, self.decode[:-1](hidden)

    def forward(self, graph: Graph, mixture: Tensor) -> Tensor:
        """Sum over atoms of the scalars, mixed with weights (n_scalars,): a scalar in amu·Å²/fs."""
        features, decoded = self.site_features(graph)
        learned = self.ridge + 0.1 * self.scale * self.correction
        weights = torch.einsum("k,ksf->sf", mixture, learned)
        linear = (features * weights[graph.species]).sum()
        return linear + self.scale * (self.decode[-1](decoded) @ mixture).sum()
