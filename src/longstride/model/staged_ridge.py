"""Closed-form start of the free staged map: a ridge regression for each stage.

Each is solved at the geometry that the stages before it predict.
"""

import copy
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from longstride.graph import Batch
from longstride.model.ridge import NormalEquations
from longstride.model.vector_features import Moments

if TYPE_CHECKING:
    from longstride.model.staged import StagedMap, StageNetwork

GATE_SCALE = 0.1
"""Reach of the gated bases relative to the RMS of the stage's target."""


@torch.no_grad()
def fit(model: "StagedMap", batches: Sequence[Batch]) -> None:
    """Set whitening, ridge and scales of all stages from training windows."""
    work = copy.deepcopy(model).to("cpu", torch.float64)
    data = [batch.to("cpu", torch.float64) for batch in batches]
    moves = [torch.zeros_like(batch.velocities) for batch in data]
    speeds = [batch.velocities for batch in data]
    networks = cast("Iterable[StageNetwork]", work.networks)
    for index, (network, span) in enumerate(zip(networks, work.spans, strict=True)):
        graphs = [b.graph.moved(move) for b, move in zip(data, moves, strict=True)]
        targets = [
            torch.stack([b.displacement[index] - move - span * speed, b.velocity[index] - speed])
            for b, move, speed in zip(data, moves, speeds, strict=True)
        ]
        _fit_stage(network, list(zip(graphs, speeds, targets, strict=True)))
        for number, graph in enumerate(graphs):
            d, w = work.without_drift(network(graph, speeds[number]), graph)
            moves[number] = moves[number] + span * speeds[number] + d
            speeds[number] = speeds[number] + w
    model.load_state_dict(work.state_dict())


def _fit_stage(network: "StageNetwork", samples: list[tuple]) -> None:
    features = network.features
    raw = []
    for graph, speed, _ in samples:
        raw.append(features.moments(graph, features.edges(graph), speed))
    species = torch.cat([graph.species for graph, _, _ in samples])
    joined = Moments(*(torch.cat(field) for field in zip(*raw, strict=True)))
    for whitening, values in zip(
        (features.scalars, features.vectors, features.tensors), joined, strict=True
    ):
        whitening.fit(values, species)
    n_species = len(network.ridge)
    equations = [[NormalEquations(features.n_ridge) for _ in range(2)] for _ in range(n_species)]
    squares: list[Tensor] = []
    for graph, speed, target in samples:
        rows = features.ridge_rows(graph, *features(graph, speed)).transpose(1, 2)
        sizes = target.square().mean((1, 2)).sqrt()
        squares.append(sizes.square())
        for kind in range(n_species):
            members = graph.species == kind
            flat = rows[members].flatten(0, 1)
            for output in range(2):
                equations[kind][output].add(
                    flat, target[output, members].flatten(), float(sizes[output])
                )
    for kind in range(n_species):
        for output in range(2):
            network.ridge[kind, :, output] = equations[kind][output].solve()
    network.scale.copy_(GATE_SCALE * torch.stack(squares).mean(0).sqrt())
