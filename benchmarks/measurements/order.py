"""Which atoms are crystalline, told from their surroundings by bond order."""

import freud
import numpy as np
from numpy.typing import NDArray

from longstride.state import State

Array = NDArray[np.float64]

NEAR = 1.2
"""Reach of bonds, as a share of the nearest distance in fcc at the cell's mean density: between the
first and the second shell."""

CRYSTALLINE = 0.29
"""The averaged q6 above which an atom is crystalline: half way between crystal and melt."""


def averaged_q6(state: State) -> Array:
    """(N,) Steinhardt's q6 of each atom, averaged over itself and its neighbours.

    Source: Lechner and Dellago, J. Chem. Phys. 129, 114707 (2008), eq. 6.

    Args:
        state: in a rectangular, periodic cell.
    """
    lengths = np.diag(state.cell)
    box = freud.box.Box(*lengths)
    nearest = (np.sqrt(2.0) * state.volume / state.n_atoms) ** (1.0 / 3.0)
    order = freud.order.Steinhardt(l=6, average=True)
    points = box.wrap(state.positions - 0.5 * lengths)
    order.compute((box, points), neighbors={"r_max": NEAR * nearest, "exclude_ii": True})
    return np.asarray(order.particle_order, dtype=np.float64)


def crystalline(state: State) -> int:
    """Number of crystalline atoms."""
    return int((averaged_q6(state) > CRYSTALLINE).sum())
