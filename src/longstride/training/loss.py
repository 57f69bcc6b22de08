"""Relative-error loss.

    L = Σ_k a_k [ b_d ⟨|Δd_k|²⟩ / RMS(d_k)² + b_w ⟨|Δw_k|²⟩ / RMS(w_k)² ] / Σ_k a_k (b_d + b_w)

over the supervised stages k. ⟨⟩ is the mean over atoms and components, RMS that of the atom's
temperature group, so a step weighs cold and hot alike; batches hold the temperatures in equal
shares. Free flight cancels in Δd and Δw, which are the errors of the displacement and the velocity
themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from longstride.dataset import Scales
from longstride.graph import Batch
from longstride.model import Stages
from longstride.training.config import LossConfig
from longstride.training.evaluate import StrideErrors


@dataclass(frozen=True)
class StageWeights:
    """The recipe's weights, normalised to a sum of one over supervised stages and both targets.

    Attributes:
        stages: indices of the supervised stages.
        displacement: weight of each of them for d.
        velocity: the same for w.
    """

    stages: tuple[int, ...]
    displacement: tuple[float, ...]
    velocity: tuple[float, ...]

    @classmethod
    def of(cls, config: LossConfig, supervised: tuple[int, ...]) -> "StageWeights":
        """Weights for a model that is supervised at these stages."""
        raw = [config.stages[k] if config.stages else 1.0 for k in supervised]
        total = sum(raw) * (config.displacement + config.velocity)
        return cls(
            stages=supervised,
            displacement=tuple(config.displacement * a / total for a in raw),
            velocity=tuple(config.velocity * a / total for a in raw),
        )

    def validation_loss(self, errors: Sequence[StrideErrors]) -> float:
        """The loss of measured errors: its mean over temperatures."""
        return sum(
            a * entry.displacement[k] ** 2 + b * entry.velocity[k] ** 2
            for entry in errors
            for k, a, b in zip(self.stages, self.displacement, self.velocity, strict=True)
        ) / len(errors)


class RelativeLoss:
    """The loss of a batch, for the target scales of one source of windows."""

    def __init__(self, scales: Scales, weights: StageWeights, device: torch.device) -> None:
        def per_stage(rms: object, weight: tuple[float, ...]) -> Tensor:
            """(S', G) weight / RMS² of the supervised stages."""
            columns = torch.as_tensor(rms, dtype=torch.float64)[:, list(weights.stages)].T
            factor = torch.tensor(weight, dtype=torch.float64)[:, None] / columns**2
            return factor.to(device=device, dtype=torch.float32)

        self._stages = torch.tensor(weights.stages, device=device)
        self._displacement = per_stage(scales.displacement, weights.displacement)
        self._velocity = per_stage(scales.velocity, weights.velocity)

    def __call__(self, stages: Stages, batch: Batch) -> Tensor:
        """Scalar loss; dimensionless, 1 where the prediction is free flight, 0 at the targets."""
        pick = self._stages
        d = (stages.displacement - batch.displacement)[pick].square().mean(-1)
        w = (stages.velocity - batch.velocity)[pick].square().mean(-1)
        of_atom = batch.group
        weighted = self._displacement[:, of_atom] * d + self._velocity[:, of_atom] * w
        return weighted.mean(-1).sum()
