"""Sizes of the targets, by temperature and stage: what relative errors are relative to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longstride.dataset.windows import WindowData
from longstride.errors import LongstrideError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scales:
    """Root mean square (over atoms and Cartesian components) of the targets.

    Attributes:
        displacement: (G, S) RMS of d = q(t+s) − q(t) − s v(t), Å.
        velocity: (G, S) RMS of w = v(t+s) − v(t), Å/fs.
    """

    displacement: Array
    velocity: Array


def measure_scales(
    groups: Sequence[Iterable[WindowData]], stage_times: Sequence[float], labels: Sequence[str]
) -> Scales:
    """Scales of each group of windows; windows are read one after the other.

    Raises:
        LongstrideError: the atoms of a group do not move.
    """
    mean_square = np.array([_mean_squares(windows, stage_times) for windows in groups])
    for label, row in zip(labels, mean_square, strict=True):
        if not (row > 0.0).all():
            raise LongstrideError(
                f"the velocities of the windows at {label} never change: are the atoms frozen?"
            )
    rms = np.sqrt(mean_square)
    return Scales(displacement=rms[:, 0], velocity=rms[:, 1])


def _mean_squares(windows: Iterable[WindowData], stage_times: Sequence[float]) -> Array:
    """(2, S) mean squares of d and w."""
    total = np.zeros((2, len(stage_times)))
    count = 0
    for window in windows:
        residuals = np.stack(window.residuals(stage_times))
        total += np.mean(residuals**2, axis=(2, 3))
        count += 1
    return total / count
