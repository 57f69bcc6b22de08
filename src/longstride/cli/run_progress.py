"""The live line of a rollout, and the summary at its end."""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from longstride.cli.quantities import format_time
from longstride.dynamics import CORRECTION_COLUMN, ENERGY_COLUMNS, RunFiles, Stride, Thermo
from longstride.units import NS

_REFRESH = 0.2
"""Seconds between two updates of the live line."""

_DAY = 86400.0


class RunProgress:
    """Shows time, temperature, speed and remaining time of a rollout; a monitor for its strides.

    Args:
        console: where to.
        n_strides: strides of the whole run.
        done: strides done before.
        stride: length of a stride in fs.
    """

    def __init__(self, console: Console, n_strides: int, done: int, stride: float) -> None:
        self._columns = Progress(
            TextColumn("{task.fields[reached]}"),
            BarColumn(),
            TextColumn("{task.fields[temperature]}"),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            # Nothing to redraw on paper: a log file gets the summary alone.
            disable=not console.is_terminal,
        )
        self._task = self._columns.add_task(
            "", total=n_strides, completed=done, reached="", temperature="", speed=""
        )
        self._n_strides = n_strides
        self._stride = stride
        self._first = self._last = done
        self._begin = self._shown = time.monotonic()
        self._temperature: float | None = None

    @property
    def ns_per_day(self) -> float:
        """Simulated ns a day, of the strides seen."""
        elapsed = max(time.monotonic() - self._begin, 1e-9)
        return (self._last - self._first) * self._stride / NS * _DAY / elapsed

    def __call__(self, stride: Stride) -> None:
        """Take notice of a stride."""
        self._last = stride.index
        now = time.monotonic()
        if now - self._shown >= _REFRESH or stride.index >= self._n_strides:
            self.show(stride.index, stride.end.time, stride.end.temperature)

    def show(self, index: int, reached: float, latest: float) -> None:
        """Show where the run is.

        Args:
            index: strides done.
            reached: time in fs.
            latest: temperature in K.
        """
        self._last, self._shown = index, time.monotonic()
        # Smoothed over a few updates: a small cell's temperature jumps too much to be read.
        before = latest if self._temperature is None else self._temperature
        self._temperature = 0.8 * before + 0.2 * latest
        self._columns.update(
            self._task,
            completed=index,
            reached=format_time(reached),
            temperature=f"{self._temperature:.0f} K",
            speed=f"{self.ns_per_day:.3g} ns/day",
        )

    def __enter__(self) -> Self:
        self._columns.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._columns.stop()


def print_summary(
    console: Console,
    files: RunFiles,
    extra: list[Path],
    thermo: Thermo,
    n_frames: int,
    n_atoms: int,
    ns_per_day: float | None,
    told: list[tuple[str, str]],
) -> None:
    """The table at the end of a run."""
    late = thermo.temperature[len(thermo.temperature) // 2 :]
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("frames", f"{n_frames} of {n_atoms} atoms, to {format_time(thermo.time[-1])}")
    table.add_row("temperature", f"{np.mean(late):.1f} K, mean of the second half")
    if thermo.volume is not None:
        volume = np.mean(thermo.volume[len(thermo.volume) // 2 :])
        table.add_row("volume", f"{volume:.2f} Å³, mean of the second half")
    for name, text in (*_energies(thermo), *told):
        table.add_row(name, text)
    if ns_per_day is not None:
        table.add_row("speed", f"{ns_per_day:.3g} ns/day")
    written = [files.out, files.thermo, *extra]
    table.add_row("files", "\n".join(str(path) for path in written))
    console.print(table, highlight=False, markup=False)


def _energies(thermo: Thermo) -> list[tuple[str, str]]:
    """Rows on what the energy head told, where the run has it."""
    rows = []
    observed = thermo.observed
    if set(ENERGY_COLUMNS) <= set(observed):
        potential, total, pressure = (observed[name] for name in ENERGY_COLUMNS)
        known = np.flatnonzero(np.isfinite(total))
        half = known[len(known) // 2 :]
        change = 1e3 * (total[known[-1]] - total[known[0]])
        rows += [
            (
                "energy",
                f"potential {np.mean(potential[half]):.5f} eV/atom, mean of the second half; "
                f"total {change:+.3f} meV/atom from start to end",
            ),
            ("pressure", f"{np.mean(pressure[half]):.3f} GPa, mean of the second half"),
        ]
    if CORRECTION_COLUMN in observed:
        given = 1e3 * observed[CORRECTION_COLUMN][-1]
        rows.append(("correction", f"{given:+.4f} meV/atom given to the velocities in all"))
    return rows
