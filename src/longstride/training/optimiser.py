"""One step: gradient of the global batch, guarded → Adam → averaged weights."""

import torch

from longstride.graph import Batch
from longstride.model import StrideMap
from longstride.model.layers import products_in
from longstride.training.average import WeightAverage
from longstride.training.config import TrainConfig
from longstride.training.guard import GradientGuard
from longstride.training.loss import RelativeLoss
from longstride.training.ranks import Ranks

BETAS = (0.9, 0.99)
"""Adam's; a short memory of squared gradients recovers quickly from an outlier."""


class Optimiser:
    """What moves the weights of a model.

    Args:
        model: on its device.
        config: the recipe.
        ranks: that step together, each on its share of the global batch.

    Attributes:
        adam: the optimiser proper.
        average: moving average of the weights.
        guard: judges gradient norms.
    """

    def __init__(self, model: StrideMap, config: TrainConfig, ranks: Ranks) -> None:
        self._model, self._ranks = model, ranks
        self._decay, self._precision = config.optimisation.ema_decay, config.precision
        self.adam = torch.optim.Adam(model.parameters(), betas=BETAS)
        self.guard = GradientGuard(config.optimisation)
        self.forget()

    def forget(self) -> None:
        """Begins the average at the model's present weights."""
        self.average = WeightAverage(self._model, self._decay)

    @property
    def rate(self) -> float:
        """Learning rate of the last step."""
        return float(self.adam.param_groups[0]["lr"])

    def step(self, batch: Batch, loss_of: RelativeLoss, rate: float) -> float:
        """One step at a learning rate; returns the loss of the global batch before it.

        Args:
            batch: this rank's share of the global batch.
            loss_of: its loss, a mean over atoms.
            rate: learning rate.
        """
        self.adam.param_groups[0]["lr"] = rate
        self._model.train()
        self.adam.zero_grad()
        with products_in(self._model, self._precision):
            own = loss_of(self._model(batch.graph, batch.velocities), batch)
            own.backward()
        gradients = [p.grad for p in self._model.parameters() if p.grad is not None]
        loss = self._ranks.average(gradients, own.detach(), len(batch.velocities))
        factor = self.guard.factor(float(torch.nn.utils.get_total_norm(gradients)))
        if factor is not None:
            if factor < 1.0:
                torch._foreach_mul_(gradients, factor)
            self.adam.step()
            self.average.update()
        return float(loss)
