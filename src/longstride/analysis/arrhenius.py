"""The Arrhenius law of a rate or a diffusion coefficient."""

from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from longstride.analysis.checks import series as checked
from longstride.analysis.statistics import Estimate
from longstride.analysis.weighted_line import WeightedLine, weighted_line
from longstride.errors import LongstrideError
from longstride.units import BOLTZMANN

LEAST_SIGNIFICANCE: Final = 3.0
"""Errors that a value must be above zero; below, its logarithm means little."""


@dataclass(frozen=True, slots=True)
class Arrhenius:
    """``D(T) = D0 exp(-E / kT)``.

    Attributes:
        energy: activation energy E in eV.
        log_prefactor: ln D0, D0 in the unit of D.
        line: ln D against 1 / kT in 1/eV.
    """

    energy: Estimate
    log_prefactor: Estimate
    line: WeightedLine

    def at(self, temperature: float) -> Estimate:
        """D at a temperature in K."""
        log = self.line.at(1.0 / (BOLTZMANN * temperature))
        value = exp(log.value)
        return Estimate(value, value * log.error)


def arrhenius(temperatures: ArrayLike, values: ArrayLike, errors: ArrayLike) -> Arrhenius:
    """Fit of ``ln D`` against ``1 / kT``, each point weighted by its relative error.

    Args:
        temperatures: (n,) K, n >= 3.
        values: (n,) diffusion coefficients or rates, of one unit.
        errors: (n,) their standard errors.

    Raises:
        LongstrideError: too few points, or one that is not above zero by three of its errors.
    """
    kelvin = checked("temperatures", temperatures, 3)
    d, sigma = checked("values", values, 3), checked("errors", errors, 3)
    if not len(kelvin) == len(d) == len(sigma):
        raise LongstrideError("temperatures, values and errors must be equally many")
    if not (kelvin > 0.0).all():
        raise LongstrideError("temperatures must be positive, in K")
    weak = d < LEAST_SIGNIFICANCE * sigma
    if weak.any() or (d <= 0.0).any():
        where = ", ".join(f"{t:g} K" for t in kelvin[weak | (d <= 0.0)])
        raise LongstrideError(
            f"at {where} the value is not above zero by {LEAST_SIGNIFICANCE:g} errors"
        )
    line = weighted_line(1.0 / (BOLTZMANN * kelvin), np.log(d), sigma / d)
    return Arrhenius(Estimate(-line.slope.value, line.slope.error), line.at(0.0), line)
