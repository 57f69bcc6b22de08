"""Exponential moving average of a model's weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class WeightAverage:
    """Averaged parameters, beside the model that is trained.

    The decay grows with the number of updates, ``min(decay, (1 + n) / (10 + n))``, so that the
    start is forgotten early on.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._model, self._decay = model, decay
        self.updates = 0
        self.weights: dict[str, Tensor] = {
            name: value.detach().clone() for name, value in model.named_parameters()
        }

    @torch.no_grad()
    def update(self) -> None:
        """Moves the average towards the model's present weights."""
        decay = min(self._decay, (1.0 + self.updates) / (10.0 + self.updates))
        self.updates += 1
        for name, value in self._model.named_parameters():
            self.weights[name].lerp_(value, 1.0 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Inside, the model carries the averaged weights; after, its own again, bit for bit."""
        own = {name: value.detach().clone() for name, value in self._model.named_parameters()}
        self._write(self.weights)
        try:
            yield
        finally:
            self._write(own)

    @torch.no_grad()
    def _write(self, weights: dict[str, Tensor]) -> None:
        for name, value in self._model.named_parameters():
            value.copy_(weights[name])
