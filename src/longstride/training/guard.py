"""What keeps a training from being ruined: outlier steps are left out, divergence stops it.

Products of features have heavy tails: now and then a gradient is orders of magnitude too large, and
Adam's second moment would remember it for long. Limits are relative to the running median of the
gradient norms, which follows the scale of the loss and does not see single outliers.
"""

import math
from collections import deque
from collections.abc import Iterable
from statistics import median

from longstride.errors import TrainingError
from longstride.training.config import OptimisationConfig

WINDOW = 100
"""Recent steps in the running median, and in the share of skipped steps."""

SETTLED = 20
"""Steps before limits are applied: the first gradients are no measure yet."""

MOST_SKIPPED = 0.5
"""Share of skipped recent steps at which training stops."""


class GradientGuard:
    """Judges gradient norms by their recent past.

    Attributes:
        skipped: steps left out so far.
    """

    def __init__(self, config: OptimisationConfig) -> None:
        self._clip, self._skip = config.clip, config.skip
        self._norms: deque[float] = deque(maxlen=WINDOW)
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self.skipped = 0

    def factor(self, norm: float) -> float | None:
        """What to multiply this gradient with; None where the step is to be left out.

        Raises:
            TrainingError: most of the recent steps were left out.
        """
        factor = self._judge(norm)
        if math.isfinite(norm):
            # outliers count too: after a lasting change of scale the median follows
            self._norms.append(norm)
        self._recent.append(factor is None)
        self.skipped += factor is None
        if len(self._recent) == WINDOW and sum(self._recent) > MOST_SKIPPED * WINDOW:
            raise TrainingError(
                f"training diverged: {sum(self._recent)} of the last {WINDOW} steps had outlier "
                "gradients; lower optimisation.learning_rate"
            )
        return factor

    def _judge(self, norm: float) -> float | None:
        if not math.isfinite(norm):
            return None
        if len(self._norms) < SETTLED:
            return 1.0
        middle = median(self._norms)
        if norm > self._skip * middle:
            return None
        return min(1.0, self._clip * middle / norm) if norm > 0.0 else 1.0

    def state(self) -> dict[str, object]:
        """Plain data to continue from."""
        return {"norms": list(self._norms), "recent": list(self._recent), "skipped": self.skipped}

    def restore(self, state: dict[str, Iterable[float]]) -> None:
        """Continues from ``state()``."""
        self._norms.extend(map(float, state["norms"]))
        self._recent.extend(map(bool, state["recent"]))
        self.skipped = int(state["skipped"])  # type: ignore[call-overload]


class DivergenceWatch:
    """Stops a training whose validation loss stays far above its best.

    Attributes:
        best: smallest validation loss so far.
        best_step: the step it was found at.
    """

    def __init__(self, config: OptimisationConfig) -> None:
        self._factor, self._patience = config.diverged_loss, config.diverged_evaluations
        self.best, self.best_step, self._bad = math.inf, 0, 0

    def improved(self, loss: float, step: int) -> bool:
        """Records an evaluation; whether it is the best so far.

        Raises:
            TrainingError: the loss has been too high for too many evaluations, or is not finite.
        """
        if loss < self.best:
            self.best, self.best_step, self._bad = loss, step, 0
            return True
        self._bad = self._bad + 1 if not loss <= self._factor * self.best else 0
        if not math.isfinite(loss) or self._bad >= self._patience:
            raise TrainingError(
                f"training diverged: validation loss {loss:.4g} at step {step}, best "
                f"{self.best:.4g} at step {self.best_step}; lower optimisation.learning_rate "
                "(the best weights are kept)"
            )
        return False

    def state(self) -> dict[str, float]:
        """Plain data to continue from."""
        return {"best": self.best, "best_step": self.best_step, "bad": self._bad}

    def restore(self, state: dict[str, float]) -> None:
        """Continues from ``state()``."""
        self.best, self.best_step = float(state["best"]), int(state["best_step"])
        self._bad = int(state["bad"])
