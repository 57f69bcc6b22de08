"""The learning rate over a training."""

import math

from longstride.training.config import OptimisationConfig


def learning_rate(config: OptimisationConfig, step: int, progress: float) -> float:
    """Linear warm-up over steps, times a cosine from 1 to ``final_fraction`` over the budget.

    Args:
        config: the recipe's section.
        step: steps done so far.
        progress: share of the budget used, 0 … 1.
    """
    warm = min((step + 1) / (config.warmup_steps + 1), 1.0)
    cosine = 0.5 * (1.0 + math.cos(math.pi * progress))
    return (
        config.learning_rate
        * warm
        * (config.final_fraction + (1.0 - config.final_fraction) * cosine)
    )
