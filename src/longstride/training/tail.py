"""Levels that are exceeded more rarely than the data can show: peaks over a threshold.

Above a high threshold u, excesses y = x − u of almost any distribution follow a generalised Pareto
distribution (Balkema and de Haan, Ann. Probab. 2, 792 (1974); Pickands, Ann. Stat. 3, 119 (1975)),

    P(y > t) = (1 + ξ t/σ)^(−1/ξ),     ξ = 0: exp(−t/σ),

which is fitted by maximum likelihood and read beyond the data (Coles, *An Introduction to
Statistical Modeling of Extreme Values*, Springer 2001, ch. 4). Samples may be correlated: the fit
is of their common distribution, only its error is larger (ibid., ch. 5).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.errors import ConfigError

Array = NDArray[np.float64]

SHARE = 0.01
"""Of the samples that are called excesses."""

FEWEST = 50
"""Excesses a tail is fitted to."""

FEWEST_SAMPLES = 10 * FEWEST
"""Of which they are the largest."""

_GRID = np.concatenate([[0.0], np.geomspace(1e-4, 20.0, 400)])
"""Trial values of ξ/σ in units of one over the mean excess."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The upper tail of a distribution.

    Attributes:
        threshold: u.
        share: probability of exceeding it.
        scale: σ.
        shape: ξ, not negative.
    """

    threshold: float
    share: float
    scale: float
    shape: float

    def level(self, rate: float) -> float:
        """What a sample exceeds with probability ``rate``, at most ``share``."""
        rarer = np.log(self.share / rate)
        if self.shape == 0.0:
            return float(self.threshold + self.scale * rarer)
        return float(self.threshold + self.scale * np.expm1(self.shape * rarer) / self.shape)


def fit_tail(samples: Array) -> Tail:
    """The tail of a sample (n,), by maximum likelihood over ξ ≥ 0.

    A bounded tail, ξ < 0, is never concluded: an end of the distribution that the data happens to
    suggest would be a limit without any margin.

    Raises:
        ConfigError: fewer than ten times ``FEWEST`` samples, or no spread in their tail.
    """
    if len(samples) < FEWEST_SAMPLES:
        raise ConfigError(
            f"guard: {len(samples)} atoms of validation data are too few to tell a false-alarm "
            f"rate; {FEWEST_SAMPLES} of each species and temperature are the least"
        )
    ordered = np.sort(samples)
    count = max(FEWEST, round(SHARE * len(samples)))
    threshold = float(ordered[-count - 1])
    excesses = ordered[-count:] - threshold
    mean = float(excesses.mean())
    if not mean > 0:
        raise ConfigError("guard: the validation data has no spread to tell a false-alarm rate by")
    # With θ = ξ/σ the likelihood has its maximum over ξ at the mean of log(1 + θ y) (Grimshaw,
    # Technometrics 35, 185 (1993)), which leaves one dimension.
    shapes = np.log1p(np.multiply.outer(_GRID / mean, excesses)).mean(1)
    scales = np.full_like(shapes, mean)
    scales[1:] = shapes[1:] * mean / _GRID[1:]
    best = int(np.argmax(-np.log(scales) - shapes))
    return Tail(threshold, count / len(samples), float(scales[best]), float(shapes[best]))
