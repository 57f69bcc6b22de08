"""The free staged map: a network for each stage, its features computed at the predicted geometry.

Stage k starts from the predicted state at t_k, free flight over h = t_{k+1} - t_k, and adds what
free flight misses:

    q_{k+1} = q_k + h v_k + d_k,    v_{k+1} = v_k + w_k,
    (d_k, w_k) = ridge · rows + Σ_b tanh(gate_b) B_b,

with the vectors B the one-hop moments, their products with tensors, and the attention messages.
With a single stage it is the plain message-passing surrogate of a static graph. Nothing ties its
Jacobian to that of mechanics.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from longstride.graph import Batch, Graph
from longstride.model import staged_ridge
from longstride.model.attention import Attention
from longstride.model.config import ModelConfig
from longstride.model.edges import apply_tensor
from longstride.model.layers import Layer
from longstride.model.stride_map import Geometry, Stages, StrideMap
from longstride.model.vector_features import VectorFeatures
from longstride.model.whitening import soft_clip, soft_clip_norm

MIXED = 8
"""Channels that vectors and tensors are mixed to before they are multiplied or sent."""


class StageNetwork(nn.Module):
    """Predicts (d, w) of one stage from the state at its start."""

    ridge: Tensor
    scale: Tensor
    pairs: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        network, n_species = config.network, len(config.species)
        self.features = VectorFeatures(config)
        channels = self.features.channels
        n_vectors = 3 * channels
        self.register_buffer("ridge", torch.zeros(n_species, self.features.n_ridge, 2))
        self.register_buffer("scale", torch.ones(2))
        self.register_buffer("pairs", torch.triu_indices(n_vectors, n_vectors), persistent=False)
        self.mix_vectors = nn.Linear(n_vectors, 2 * MIXED, bias=False)
        self.mix_tensors = nn.Linear(2 * channels, MIXED, bias=False)
        invariants = 2 * channels + self.pairs.shape[1] + MIXED + n_species
        hidden = network.hidden
        self.encode = nn.Sequential(
            Layer(invariants, hidden), nn.SiLU(), Layer(hidden, hidden), nn.SiLU()
        )
        self.attention = Attention(network, channels) if network.attention else None
        n_bases, messages = n_vectors + MIXED, 0
        if self.attention is not None:
            n_received = self.attention.n_messages + network.heads * MIXED
            n_bases += n_received
            messages = self.attention.n_messages + n_received
        self.gates = nn.Sequential(
            Layer(hidden + messages, hidden), nn.SiLU(), Layer(hidden, 2 * n_bases)
        )
        for parameter in self.gates[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, graph: Graph, velocities: Tensor) -> Tensor:
        """(2, N, 3): d in Å and w in Å/fs."""
        edges, moments = self.features(graph, velocities)
        rows = self.features.ridge_rows(graph, edges, moments)
        linear = torch.einsum("nfx,nfo->onx", rows, self.ridge[graph.species])
        mixed = torch.einsum("nfx,fm->nmx", moments.vectors, self.mix_vectors.weight.T)
        tensors = torch.einsum("nfx,fm->nmx", moments.tensors, self.mix_tensors.weight.T)
        turned = apply_tensor(soft_clip_norm(tensors), mixed[:, :MIXED])
        products = moments.vectors @ moments.vectors.transpose(1, 2)
        products = products[:, self.pairs[0], self.pairs[1]]
        onehot = nn.functional.one_hot(graph.species, len(self.ridge)).to(rows.dtype)
        invariants = [moments.scalars, products, tensors.square().sum(-1)]
        hidden = self.encode(torch.cat([soft_clip(torch.cat(invariants, 1)), onehot], 1))
        bases = [moments.vectors, turned]
        if self.attention is not None:
            scalars, received = self.attention(hidden, graph, edges, mixed[:, MIXED:])
            hidden = torch.cat([hidden, scalars, soft_clip(received.square().sum(-1))], 1)
            bases.append(received)
        gates = torch.tanh(self.gates(hidden)).unflatten(-1, (2, -1))
        gated = torch.einsum("nob,nbx->onx", gates, torch.cat(bases, 1))
        return linear + self.scale[:, None, None] * gated


class StagedMap(StrideMap):
    """Stages without structure, each with its own network."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.networks = nn.ModuleList(StageNetwork(config) for _ in config.stage_times)

    @property
    def supervised_stages(self) -> tuple[int, ...]:
        """Every stage is trained."""
        return tuple(range(len(self.networks)))

    @property
    def spans(self) -> list[float]:
        """Length of each stage in fs."""
        return [b - a for a, b in pairwise((0.0, *self.config.stage_times))]

    def propagate(self, geometry: Geometry, start: Graph, velocities: Tensor) -> Stages:
        """One network after the other; removing each correction's mean keeps the total momentum."""
        graph, velocity, displacement = start, velocities, torch.zeros_like(velocities)
        displacements, speeds = [], []
        for index, (network, span) in enumerate(zip(self.networks, self.spans, strict=True)):
            if index > 0:
                graph = geometry(displacement)
            d, w = self.without_drift(network(graph, velocity), graph)
            displacement = displacement + span * velocity + d
            velocity = velocity + w
            displacements.append(displacement)
            speeds.append(velocity)
        return Stages(torch.stack(displacements), torch.stack(speeds))

    def without_drift(self, corrections: Tensor, graph: Graph) -> Tensor:
        """Corrections (2, N, 3) whose mass-weighted mean over each system is removed."""
        masses = self.masses.to(corrections.dtype)[graph.species][:, None]
        if graph.system is None:
            return corrections - (masses * corrections).sum(1, keepdim=True) / masses.sum()
        n_systems = int(graph.system[-1]) + 1
        totals = corrections.new_zeros(2, n_systems, 3)
        totals = totals.index_add(1, graph.system, masses * corrections)
        weights = masses.new_zeros(n_systems, 1).index_add(0, graph.system, masses)
        return corrections - (totals / weights)[:, graph.system]

    def initialise(self, batches: Sequence[Batch]) -> None:
        """Whiten and solve the ridge regressions, each at the geometry predicted so far."""
        staged_ridge.fit(self, batches)

    def refit(self, batches: Sequence[Batch]) -> None:
        """Nothing to do: gates and regressions were trained together, and stay together."""

    def calibrate(self, batches: Sequence[Batch]) -> None:
        """Nothing to do: the stages are the output inside the stride."""
