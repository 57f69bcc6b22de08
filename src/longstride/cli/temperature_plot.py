"""The picture a rollout leaves: its temperature over time."""

from pathlib import Path

import numpy as np

from longstride.cli.quantities import ends_of, format_course
from longstride.dynamics import Thermo
from longstride.files import replacing
from longstride.units import NS, PS


def plot_temperature(
    thermo: Thermo, target: float | tuple[float, float] | None, path: Path
) -> None:
    """Write a PNG of the kinetic temperature, its running mean and the thermostat's temperature.

    Args:
        thermo: the run's record.
        target: temperature of the thermostat in K, or the ends of its ramp; None in NVE.
        path: the file to make; replaced when the new one is whole.
    """
    # A third of a second to import, and a figure of its own needs no display.
    from matplotlib.figure import Figure

    unit, length = ("ns", NS) if thermo.time[-1] >= 2 * NS else ("ps", PS)
    time = thermo.time / length
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.add_subplot(xlabel=f"time ({unit})", ylabel="kinetic temperature (K)")
    thinned = slice(None, None, max(1, len(time) // 5000))
    axes.plot(time[thinned], thermo.temperature[thinned], color="0.7", lw=0.6, label="every stride")
    width = max(1, len(time) // 50)
    if width > 1:
        total = np.cumsum(np.concatenate([[0.0], thermo.temperature]))
        running = (total[width:] - total[:-width]) / width
        middle = time[width // 2 : width // 2 + len(running)]
        label = f"mean of {width * (time[1] - time[0]):.3g} {unit}"
        axes.plot(middle, running, color="C0", lw=1.5, label=label)
    if target is not None:
        label = f"thermostat, {format_course(target, 'K')}"
        axes.plot(time[[0, -1]], ends_of(target), color="C3", lw=1.0, ls="--", label=label)
    axes.set_xlim(time[0], time[-1])
    axes.legend(frameon=False, fontsize="small", ncols=3)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)
