"""Kicks of single invariants, against one backward pass for each."""

import pytest
import torch

from longstride.model import unit_kicks as unit_kicks_module
from longstride.model.unit_kicks import unit_kicks


@pytest.mark.parametrize("species", [(13,), (13, 29)])
@pytest.mark.parametrize("block", [5, 64])
def test_columns_are_gradients(make_model, make_graph, monkeypatch, species, block) -> None:
    monkeypatch.setattr(unit_kicks_module, "BLOCK", block)
    model = make_model("kicks", species=species)
    graph, _ = make_graph(n_species=len(species))
    whitening = model.scalars.whitening
    whitening.matrix.add_(0.1 * torch.randn_like(whitening.matrix))
    shift = torch.zeros_like(graph.vectors[:, :, 0]).requires_grad_()
    features = model.scalars.whitened(graph.moved(shift))
    masses = model.masses.to(shift.dtype)[graph.species][:, None]
    columns = []
    for kind in range(len(species)):
        for total in features[graph.species == kind].sum(0):
            (gradient,) = torch.autograd.grad(total, shift, retain_graph=True)
            columns.append((-gradient / masses).flatten())
    with torch.no_grad():
        found = unit_kicks(model, graph)
    torch.testing.assert_close(found, torch.stack(columns, 1), rtol=1e-9, atol=1e-12)
