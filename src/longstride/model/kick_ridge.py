"""Closed-form start of the kick-drift map.

With scalars linear in the whitened invariants, Φ_k = ρ_k · Σ_i z_i, the end of the stride is linear
in ρ at given kick positions q_k:

    w = Σ_k f_k(q_k),     d = Σ_k (τ - t_k) f_k(q_k),     f_k = -ρ_k · ∂(Σ z)/∂q / m.

The kick positions are first taken from the reference (cubic Hermite between its frames), then from
the map itself, and the regression repeated: a fixed-point iteration that ends at the map's own
geometry.
"""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from longstride.graph import Batch
from longstride.model.ridge import NormalEquations
from longstride.model.unit_kicks import hidden_kicks, unit_kicks

if TYPE_CHECKING:
    from longstride.model.kicks import KickDriftMap

ROUNDS = 3
"""Regressions: one at the reference's kick positions, the others at the map's own."""


def fit(model: "KickDriftMap", batches: Sequence[Batch]) -> None:
    """Set whitening, ridge scalars and the scale of the perceptron from training windows."""
    work = copy.deepcopy(model).to("cpu", torch.float64)
    data = [batch.to("cpu", torch.float64) for batch in batches]
    scalars = work.scalars
    with torch.no_grad():
        ends = [(b.graph, b.graph.moved(b.displacement[-1])) for b in data]
        graphs = [graph for pair in ends for graph in pair]
        features = torch.cat([scalars.invariants(graph) for graph in graphs])
        scalars.whitening.fit(features, torch.cat([graph.species for graph in graphs]))
    for number in range(ROUNDS):
        solution = regress(work, data, from_reference=number == 0)
        scalars.ridge.copy_(solution.view_as(scalars.ridge))
    scalars.scale.fill_(scale_of(scalars.ridge))
    model.scalars.load_state_dict(scalars.state_dict())


def regress(
    model: "KickDriftMap",
    batches: Sequence[Batch],
    *,
    from_reference: bool,
    readout: bool = False,
    change: bool = False,
    penalty: float | None = None,
) -> Tensor:
    """Weights of the site scalars that move the windows best over the first substep.

    Args:
        model: float64.
        batches: windows, float64.
        from_reference: kick at the reference's positions, not at the map's own.
        readout: fit the last layer too.
        change: fit the change of the present weights, not the weights.
        penalty: of the ridge regression; None for that of every start.

    Returns:
        (K, P) for each scalar the weights of the whitened invariants, species after species, then
        those of the last hidden layer, if asked for.
    """
    drifts = model.drifts.detach()
    end = model.supervised_stages[0]
    span = model.config.stage_times[end]
    remaining = (span - torch.cat([drifts.new_zeros(1), drifts.cumsum(0)])).tolist()
    n_scalars, size = len(model.scalars.ridge), model.scalars.ridge[0].numel()
    if readout:
        size += model.scalars.last_layer.in_features
    equations = NormalEquations(n_scalars * size)
    for batch in batches:
        graph, start = batch.graph, batch.velocities
        if from_reference:
            moves = [_hermite(batch, model, span - left) for left in remaining]
        else:
            with torch.no_grad():
                first = model.kick(graph, 0)
                walked, _ = model.walk(model.kick_along(graph.moved), start, first, substeps=1)
            moves = [torch.zeros_like(start), *walked]
        velocity_rows = start.new_zeros(start.numel(), equations.gram.shape[0])
        position_rows = torch.zeros_like(velocity_rows)
        w = batch.velocity[end] - start
        d = batch.displacement[end] - span * start
        sizes = [float(target.square().mean().sqrt()) for target in (w, d)]
        for index, (move, left) in enumerate(zip(moves, remaining, strict=True)):
            moved = graph.moved(move)
            rows = unit_kicks(model, moved)
            if readout:
                rows = torch.cat([rows, hidden_kicks(model, moved)], 1)
            columns = slice(model.sequence[index] * size, (model.sequence[index] + 1) * size)
            velocity_rows[:, columns] += rows
            position_rows[:, columns] += left * rows
            if change:
                with torch.no_grad():
                    kick = model.kick(moved, index)
                w, d = w - kick, d - left * kick
        equations.add(velocity_rows, w.flatten(), sizes[0])
        equations.add(position_rows, d.flatten(), sizes[1])
    return equations.solve(penalty).view(n_scalars, size)


def scale_of(ridge: Tensor) -> float:
    """The scale of the perceptron beside ridge scalars."""
    return 10.0 * float(ridge.square().mean().sqrt())


def _hermite(batch: Batch, model: "KickDriftMap", time: float) -> Tensor:
    """Displacement (N, 3) of the reference at ``time`` in fs, cubic Hermite between frames."""
    times = (0.0, *model.config.stage_times)
    last = max(k for k, t in enumerate(times[:-1]) if t <= time + 1e-9)
    span = times[last + 1] - times[last]
    x = (time - times[last]) / span
    moves = torch.cat([torch.zeros_like(batch.displacement[:1]), batch.displacement])
    speeds = torch.cat([batch.velocities[None], batch.velocity])
    return (
        (1 + 2 * x) * (1 - x) ** 2 * moves[last]
        + x * (1 - x) ** 2 * span * speeds[last]
        + x * x * (3 - 2 * x) * moves[last + 1]
        + x * x * (x - 1) * span * speeds[last + 1]
    )
