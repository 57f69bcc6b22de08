"""Closed-form start of a kick-drift map from one that was trained on other data.

The site scalars Φ_k = ρ_k · z + W_k · g are linear in the whitened invariants z and in the last
hidden layer g. The layers below carry over from the parent; the two read-outs ρ and W are fitted
anew, by the regression of ``kick_ridge`` with g beside z. What is fitted is their change: where the
new data does not tell, the parent's stay. Whitening is measured anew and the layer behind it turned
with it, so that the hidden layers see the new data as they saw the parent's.
"""

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from longstride.graph import Batch
from longstride.model.kick_ridge import regress, scale_of
from longstride.model.scalars import SiteScalars

if TYPE_CHECKING:
    from longstride.model.kicks import KickDriftMap

ROUNDS = 2
"""Regressions: at the reference's kick positions, then at the map's own."""

PENALTY = 1e-6
"""Of a change of the read-outs."""

JUDGES = 3
"""Every which window judges the fit to the others."""


def fit(model: "KickDriftMap", batches: Sequence[Batch]) -> None:
    """Whitening and read-outs for the windows, of a map that has the weights of its parent.

    A third of the windows judges: where the parent as it is moves them better, it stays as it is,
    since it may know more than a few windows tell.
    """
    work = copy.deepcopy(model).to("cpu", torch.float64)
    data = [batch.to("cpu", torch.float64) for batch in batches]
    judging = data[len(data) - len(data) // JUDGES :] or data
    before = _error(work, judging)
    refit(work, data[: len(data) - len(data) // JUDGES])
    if _error(work, judging) < before:
        model.load_state_dict(work.state_dict())


@torch.no_grad()
def _error(model: "KickDriftMap", batches: Sequence[Batch]) -> float:
    """Mean square error of the velocities at the end, over that of windows without forces."""
    ratios = []
    for batch in batches:
        stages = model(batch.graph, batch.velocities)
        moved = (batch.velocity[-1] - batch.velocities).square().sum()
        ratios.append((stages.velocity[-1] - batch.velocity[-1]).square().sum() / moved)
    return float(torch.stack(ratios).mean())


def refit(work: "KickDriftMap", data: Sequence[Batch]) -> None:
    """Whiten anew and fit both read-outs, in place.

    Args:
        work: float64, with the weights of its parent.
        data: windows, float64.
    """
    scalars = work.scalars
    _absorb(scalars)
    with torch.no_grad():
        ends = [(b.graph, b.graph.moved(b.displacement[-1])) for b in data]
        graphs = [graph for pair in ends for graph in pair]
        features = torch.cat([scalars.invariants(graph) for graph in graphs])
    _whiten(scalars, features, torch.cat([graph.species for graph in graphs]))
    n_linear = scalars.ridge[0].numel()
    for number in range(ROUNDS):
        change = regress(
            work, data, from_reference=number == 0, readout=True, change=True, penalty=PENALTY
        )
        with torch.no_grad():
            scalars.ridge += change[:, :n_linear].reshape(scalars.ridge.shape)
            scalars.last_layer.weight += change[:, n_linear:]
    with torch.no_grad():
        scalars.scale.fill_(scale_of(scalars.ridge))
        scalars.last_layer.weight /= scalars.scale
        scalars.last_layer.bias.zero_()


@torch.no_grad()
def _absorb(scalars: SiteScalars) -> None:
    """Learned corrections become part of the ridge; the last layer is in units of the scalars."""
    scalars.ridge += 0.1 * scalars.scale * scalars.correction
    scalars.correction.zero_()
    scalars.last_layer.weight *= scalars.scale
    scalars.scale.fill_(1.0)


@torch.no_grad()
def _whiten(scalars: SiteScalars, features: Tensor, species: Tensor) -> None:
    """Whiten the features (R, F); what reads them is turned with them.

    With z = (x − m) M, the same x gives z_old = z_new T + c for T = M_new⁻¹ M_old. The ridge
    scalars are turned by T, and c moves no atom. The sums of the first layer are turned, too, but
    keep mean and spread that they had on the data of the parent: with c, and where T is large, they
    would be beyond their bound, and nothing behind them would learn. A bound on z itself cannot be
    turned: then all stays.
    """
    whitening = scalars.whitening
    old_mean, old = whitening.mean.clone(), whitening.matrix.clone()
    whitening.fit(features, species)
    turn = torch.linalg.solve(whitening.matrix, old)
    if not scalars.bounds_hidden:
        whitening.mean.copy_(old_mean)
        whitening.matrix.copy_(old)
        return
    scalars.ridge.copy_(scalars.ridge @ turn.T)
    own = scalars.first_layer.weight[:, : len(old)]
    spread = own.norm(dim=1, keepdim=True)
    turned = own @ turn.T
    own.copy_(turned * (spread / turned.norm(dim=1, keepdim=True)))
