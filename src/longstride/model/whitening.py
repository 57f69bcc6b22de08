"""Whitening: features of zero mean, unit variance and no correlation over the training data.

In a crystal the moments vary little around large means and their covariance has condition numbers
of 1e10; neither a regression nor a perceptron can work on them as they are.
"""

import torch
from torch import Tensor, nn

SMALLEST_DEVIATION = 1e-12
"""Of a feature that varies, relative to that of the one that varies most."""

EIGENVALUE_FLOOR = 1e-6
"""Directions whose variance is below this fraction of the largest are not amplified further."""


class Whitening(nn.Module):
    """Affine map ``(x - mean[species]) @ matrix`` measured on training data.

    Vectors and tensors are whitened with one matrix over their channels and no mean, which keeps
    equivariance.
    """

    mean: Tensor
    matrix: Tensor

    def __init__(self, n_features: int, n_species: int, *, centered: bool) -> None:
        super().__init__()
        self.centered = centered
        self.register_buffer("mean", torch.zeros(n_species, n_features))
        self.register_buffer("matrix", torch.eye(n_features))

    def forward(self, features: Tensor, species: Tensor) -> Tensor:
        """Whitened scalars (N, F), or vectors with their components in the last axis (N, F, X)."""
        if self.centered:
            return (features - self.mean[species]) @ self.matrix
        return torch.einsum("nfx,fg->ngx", features, self.matrix)

    @torch.no_grad()
    def fit(self, features: Tensor, species: Tensor) -> None:
        """Measure mean and covariance on float64 features (N, F) or (N, F, X)."""
        if self.centered:
            for index in range(len(self.mean)):
                members = species == index
                if members.any():
                    self.mean[index] = features[members].mean(0).to(self.mean.dtype)
            centered = features - self.mean[species].to(features.dtype)
            rows = centered
        else:
            rows = features.movedim(1, -1).reshape(-1, features.shape[1])
        deviation = rows.square().mean(0).sqrt()
        # What never varies, as products of the moments of two species that never meet, stays zero.
        varies = deviation > SMALLEST_DEVIATION * deviation.max()
        inverse = torch.where(varies, 1.0 / deviation, 0.0)
        rows = rows * inverse
        values, vectors = torch.linalg.eigh(rows.T @ rows / len(rows))
        # The largest is at least one, unless no feature varies at all.
        floored = values.clamp(min=EIGENVALUE_FLOOR * max(float(values[-1]), 1.0))
        matrix = vectors / floored.sqrt() * inverse[:, None]
        self.matrix.copy_(matrix.flip(1).to(self.matrix.dtype))


LIMIT = 3.0
"""Bound of whitened features and of attention logits."""


def soft_clip(features: Tensor, limit: float = LIMIT) -> Tensor:
    """Smoothly bound whitened features to ±``limit``: tails must not enter products unbounded."""
    return limit * torch.tanh(features / limit)


def soft_clip_norm(tensors: Tensor, limit: float = LIMIT) -> Tensor:
    """Smoothly bound the norm over the last axis to ``limit``, keeping directions: equivariant."""
    return tensors / torch.sqrt(1.0 + tensors.square().sum(-1, keepdim=True) / limit**2)
