"""Drift of an energy over a run without a thermostat."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import linear_drift, mean_with_error
from longstride.units import PS

Array = NDArray[np.float64]

SPAN = 100.0 * PS
"""Time in fs that a drift is stated for."""

EV_TO_MEV = 1e3


@dataclass(frozen=True, slots=True)
class Drift:
    """How an energy changes, one sigma errors beside.

    Attributes:
        percent: slope of the fitted line over 100 ps, in % of the kinetic energy.
        percent_error: its standard error.
        rate: slope in meV per atom and ps.
        rate_error: its standard error.
        ends_percent: mean of the last tenth of the run minus that of the first, in % of the
            kinetic energy, not scaled to 100 ps.
        ends_percent_error: its standard error.
        length: of the run in ps.
    """

    percent: float
    percent_error: float
    rate: float
    rate_error: float
    ends_percent: float
    ends_percent_error: float
    length: float

    def as_dict(self) -> dict[str, float]:
        """Plain data for JSON, six digits."""
        return {name: float(f"{value:.6g}") for name, value in asdict(self).items()}


def measure_drift(times: Array, energies: Array, kinetic: float, n_atoms: int) -> Drift:
    """Least-squares slope with an error that knows of correlated residuals, and the two ends.

    Args:
        times: (F,) fs.
        energies: (F,) eV, of the whole cell.
        kinetic: kinetic energy in eV that percentages refer to.
        n_atoms: number of atoms.
    """
    slope = linear_drift(times, energies)
    tenth = max(2, len(energies) // 10)
    first, last = mean_with_error(energies[:tenth]), mean_with_error(energies[-tenth:])
    percent = 100.0 / kinetic
    rate = EV_TO_MEV * PS / n_atoms
    return Drift(
        percent=slope.value * SPAN * percent,
        percent_error=slope.error * SPAN * percent,
        rate=slope.value * rate,
        rate_error=slope.error * rate,
        ends_percent=(last.value - first.value) * percent,
        ends_percent_error=float(np.hypot(first.error, last.error)) * percent,
        length=float(times[-1] - times[0]) / PS,
    )
