"""Regularised least squares from accumulated normal equations.

Hoerl and Kennard, Technometrics 12, 55 (1970).
"""

import math

import torch
from torch import Tensor

from longstride.errors import TrainingError

SMALLEST_SIZE = 1e-9
"""Of a feature that says something, relative to the largest."""

PENALTY = 1e-8
"""Ridge penalty relative to the mean square of each feature."""


class NormalEquations:
    """Sums ``XᵀX`` and ``Xᵀy`` in float64, so that rows never have to be held together."""

    def __init__(self, n_features: int) -> None:
        self.gram = torch.zeros(n_features, n_features, dtype=torch.float64)
        self.right = torch.zeros(n_features, dtype=torch.float64)

    def add(self, rows: Tensor, target: Tensor, scale: float) -> None:
        """Add equations ``rows (R, F) @ x = target (R,)``, both divided by ``scale``.

        Raises:
            TrainingError: the scale is zero, or not a number.
        """
        if not 0 < scale < math.inf:
            raise TrainingError(
                f"the regression's target has the size {scale:g}: where free flight explains the "
                "training windows, or they are not finite, there is nothing to learn from"
            )
        rows = rows / scale
        self.gram += rows.T @ rows
        self.right += rows.T @ (target / scale)

    def solve(self, penalty: float | None = None) -> Tensor:
        """The ridge solution (F,), by default with ``PENALTY``; features of rounding get zero."""
        size = self.gram.diagonal().sqrt()
        size = torch.where(size > SMALLEST_SIZE * size.max(), size, torch.inf)
        gram = self.gram / size / size[:, None]
        strength = PENALTY if penalty is None else penalty
        damped = gram + strength * torch.eye(len(size), dtype=torch.float64)
        return torch.linalg.solve(damped, self.right / size) / size
