"""The picture a rollout leaves: its temperature over time, and energies where they are known."""

from pathlib import Path
from typing import Any

import numpy as np

from longstride.cli.quantities import ends_of, format_course
from longstride.dynamics import ENERGY_COLUMNS, Thermo
from longstride.files import replacing
from longstride.state import Array
from longstride.units import NS, PS

_POINTS = 5000
"""Of a thin line, at most."""


def plot_temperature(
    thermo: Thermo, target: float | tuple[float, float] | None, path: Path
) -> None:
    """Write a PNG of the kinetic temperature, its running mean and the thermostat's temperature.

    Below it stand potential and total energy, where the record has them.

    Args:
        thermo: the run's record.
        target: temperature of the thermostat in K, or the ends of its ramp; None in NVE.
        path: the file to make; replaced when the new one is whole.
    """
    # A third of a second to import, and a figure of its own needs no display.
    from matplotlib.figure import Figure

    unit, length = ("ns", NS) if thermo.time[-1] >= 2 * NS else ("ps", PS)
    time = thermo.time / length
    panels = 2 if set(ENERGY_COLUMNS) <= set(thermo.observed) else 1
    figure = Figure(figsize=(6.4, 3.2 * panels), layout="constrained")
    axes = figure.subplots(panels, sharex=True, squeeze=False)[:, 0]
    axes[0].set_ylabel("kinetic temperature (K)")
    _line(axes[0], time, thermo.temperature, "0.7", "every stride")
    width = max(1, len(time) // 50)
    if width > 1:
        label = f"mean of {width * (time[1] - time[0]):.3g} {unit}"
        _running_mean(axes[0], time, thermo.temperature, "C0", label)
    if target is not None:
        label = f"thermostat, {format_course(target, 'K')}"
        axes[0].plot(time[[0, -1]], ends_of(target), color="C3", lw=1.0, ls="--", label=label)
    if panels == 2:
        _energies(axes[1], time, thermo)
    axes[-1].set_xlabel(f"time ({unit})")
    axes[0].set_xlim(time[0], time[-1])
    for one in axes:
        one.legend(frameon=False, fontsize="small", ncols=3)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)


def _energies(axes: Any, time: Array, thermo: Thermo) -> None:
    """Changes since the start."""
    axes.set_ylabel("energy change (meV/atom)")
    potential, total = (thermo.observed[name] for name in ENERGY_COLUMNS[:2])
    known = np.isfinite(total)
    for series, shade, color, label in (
        (potential, "0.8", "C1", "potential"),
        (total, "0.6", "C2", "total"),
    ):
        change = 1e3 * (series[known] - series[known][0])
        _line(axes, time[known], change, shade, None)
        _running_mean(axes, time[known], change, color, label)


def _line(axes: Any, time: Array, series: Array, color: str, label: str | None) -> None:
    thinned = slice(None, None, max(1, len(time) // _POINTS))
    axes.plot(time[thinned], series[thinned], color=color, lw=0.6, label=label)


def _running_mean(axes: Any, time: Array, series: Array, color: str, label: str) -> None:
    """Over a fiftieth of the run."""
    width = max(1, len(time) // 50)
    total = np.cumsum(np.concatenate([[0.0], series]))
    running = (total[width:] - total[:-width]) / width
    middle = time[width // 2 : width // 2 + len(running)]
    axes.plot(middle, running, color=color, lw=1.5, label=label)
