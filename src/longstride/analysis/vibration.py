"""Vibration of the atoms about their lattice positions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longstride.analysis.checks import frames, mass_vector
from longstride.analysis.statistics import mean_with_error

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Amplitude:
    """Mean square amplitude of vibration.

    Attributes:
        value: ``<|u|²>`` in Å², all three directions, mean over atoms and frames.
        error: its standard error in Å², from the statistical inefficiency of the series.
        series: (F,) mean over the atoms at each frame in Å².
        per_atom: (N,) mean over the frames for each atom in Å².
        sites: (N, 3) mean positions in Å, in the frame of the first frame's center of mass.
    """

    value: float
    error: float
    series: Array
    per_atom: Array
    sites: Array

    @property
    def debye_waller(self) -> float:
        """The isotropic displacement parameter ``B = (8π²/3) <|u|²>`` in Å² (Willis and Pryor,
        1975).
        """
        return 8.0 * np.pi**2 / 3.0 * self.value


def mean_square_amplitude(positions: ArrayLike, masses: ArrayLike) -> Amplitude:
    """``<|u|²> = 1/(N F) Σ |q_i(t) - Q(t) - <q_i - Q>|²``, with the drift Q of the center of mass
    removed.

    The mean position is that of the trajectory itself, so vibrations slower than its length are
    missed: compare trajectories of equal length only. An atom that hops to another site adds the
    square of its hop.

    Source: Willis and Pryor, Thermal Vibrations in Crystallography (1975).

    Args:
        positions: (F, N, 3) unwrapped positions in Å; F >= 2.
        masses: (N,) masses in amu.
    """
    q = frames("positions", positions, at_least=2)
    weights = mass_vector(masses, q.shape[1])
    moved = q - q[0]
    moved -= np.einsum("i,fia->fa", weights / weights.sum(), moved)[:, None]
    centre = moved.mean(axis=0)
    square = np.sum((moved - centre) ** 2, axis=2)
    estimate = mean_with_error(square.mean(axis=1))
    return Amplitude(
        estimate.value, estimate.error, square.mean(axis=1), square.mean(axis=0), q[0] + centre
    )
