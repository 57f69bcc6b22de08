"""A straight line through points with known errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from longstride.analysis.checks import series as checked
from longstride.analysis.statistics import Estimate
from longstride.errors import LongstrideError


@dataclass(frozen=True, slots=True)
class WeightedLine:
    """``y = value + slope (x - centre)``; errors of value and slope are independent.

    Attributes:
        centre: weighted mean of x.
        value: y at the centre.
        slope: in units of y over x.
        chi_squared: weighted sum of squared residuals.
        degrees_of_freedom: points less two.
    """

    centre: float
    value: Estimate
    slope: Estimate
    chi_squared: float
    degrees_of_freedom: int

    def at(self, x: float) -> Estimate:
        """The line at x."""
        away = x - self.centre
        error = float(np.hypot(self.value.error, away * self.slope.error))
        return Estimate(self.value.value + away * self.slope.value, error)


def weighted_line(x: ArrayLike, y: ArrayLike, errors: ArrayLike) -> WeightedLine:
    """The line of least ``Σ ((y - line) / error)²``.

    Errors are taken as they are: they are not scaled to make chi squared what it should be, which
    is how it can tell that a line, or an error, is wrong.
    Source: Bevington and Robinson, Data Reduction and Error Analysis (2003), sec. 6.3.

    Args:
        x: (n,) places, n >= 3, not all the same.
        y: (n,) values.
        errors: (n,) standard errors, positive.

    Raises:
        LongstrideError: too few points, or an error that is not positive.
    """
    places, values = checked("x", x, 3), checked("y", y, 3)
    sigma = checked("errors", errors, 3)
    if not len(places) == len(values) == len(sigma):
        raise LongstrideError("x, y and errors must be equally many")
    if not (sigma > 0.0).all():
        raise LongstrideError("an error is zero: nothing tells how much the point counts")
    weight = 1.0 / sigma**2
    centre = float(weight @ places / weight.sum())
    away = places - centre
    spread = float(weight @ away**2)
    if spread <= 0.0:
        raise LongstrideError("all points are at the same place: no line goes through them")
    middle = float(weight @ values / weight.sum())
    slope = float(weight @ (away * values) / spread)
    residual = values - middle - slope * away
    return WeightedLine(
        centre,
        Estimate(middle, float(weight.sum() ** -0.5)),
        Estimate(slope, spread**-0.5),
        float(weight @ residual**2),
        len(places) - 2,
    )
