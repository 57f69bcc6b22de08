"""How fast crystal and melt move into each other."""

import numpy as np

from longstride.analysis import linear_drift, mean_with_error
from longstride.state import State
from longstride.units import PS
from measurements.beyond_melting import CELLS
from measurements.order import crystalline

GROWS = 9.6 * PS
"""From the start, in which the velocity of the fronts is read: at constant volume they slow down
with the pressure that they make."""

ENDS = 5
"""Frames at either end of a run that numbers of atoms are averaged over."""

SPEED = 100.0
"""m/s in one Å/ps."""


def front(frames: list[State], interval: float) -> dict[str, object]:
    """Crystalline atoms against time, and how fast a front moves into the melt.

    Both fronts of the periodic cell count; an atom that freezes makes the crystal longer by its
    share of the volume of a crystal over the cross-section.

    Args:
        frames: states in one cell.
        interval: between them, fs.

    Returns:
        ``time`` in ps and ``crystalline`` of each frame, the first an interval after the start,
        ``crystalline_first`` and ``crystalline_last``, and
        ``velocity`` of one front in m/s, positive where the crystal grows.
    """
    counts = np.array([crystalline(frame) for frame in frames], dtype=np.float64)
    times = interval / PS * np.arange(1, len(counts) + 1)
    grows = counts[: max(3, round(GROWS / interval))]
    rate = linear_drift(times[: len(grows)], grows)
    constant = frames[0].cell[0, 0] / CELLS[0]
    thickness = constant**3 / 4.0 / (frames[0].cell[0, 0] * frames[0].cell[1, 1])
    found: dict[str, object] = {"time": times, "crystalline": counts}
    for name, part in (("first", counts[:ENDS]), ("last", counts[-ENDS:])):
        estimate = mean_with_error(part)
        found[f"crystalline_{name}"] = [estimate.value, estimate.error]
    to_speed = 0.5 * thickness * SPEED
    found["velocity"] = [rate.value * to_speed, rate.error * to_speed]
    return found
