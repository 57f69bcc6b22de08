"""The resident size of a long rollout, and its slope over the second half of the strides."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from measurements.record import rounded

CELLS, CONSTANT = 3, 4.06
PERIOD = 0.5
"""Seconds between two looks."""

BLOCKS = 10
"""Of the second half; the slope's error is that of the mean of their slopes."""


def measure(model: str, strides: int, every: int, seed: int, folder: Path) -> dict[str, Any]:
    """Run ``longstride run`` in a Langevin bath and look at its size as it goes.

    Args:
        model: a shipped one for aluminium.
        strides: of the run.
        every: strides between frames.
        seed: of its random numbers.
        folder: an empty folder.
    """
    import ase.io
    from ase.build import bulk

    from longstride.zoo import resolve
    from longstride.zoo.summary import summarise

    atoms = bulk("Al", a=CONSTANT, cubic=True).repeat(CELLS)
    ase.io.write(folder / "al.cif", atoms)
    stride = summarise(resolve(model)).stride
    words = ["-m", model, "-s", "al.cif", "-T", "600", "--time", f"{strides * stride:g}fs"]
    words += ["--every", str(every), "--seed", str(seed), "-o", "out.h5"]
    command = [sys.executable, "-m", "longstride.cli.main", "run", *words]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    record = folder / "out.thermo.csv.partial"
    begin, times, done, sizes = time.monotonic(), [], [], []
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        time.sleep(PERIOD)
        size, lines = _resident(process.pid), _size(record)
        if size and lines:
            times.append(time.monotonic() - begin)
            done.append(lines)
            sizes.append(size / 2**20)
    if process.returncode != 0:
        raise RuntimeError(f"the run ended with {process.returncode}")
    # Lines of the record have about the same length: its size tells the strides done.
    total = (folder / "out.thermo.csv").stat().st_size
    at = strides * np.array(done) / total
    slope, error = _slope(at, np.array(sizes))
    thin = slice(None, None, max(1, len(at) // 100))
    return rounded(
        {
            "atoms": len(atoms),
            "strides": strides,
            "frames_every": every,
            "seconds": time.monotonic() - begin,
            "samples": len(at),
            "stride": at[thin],
            "resident_mib": np.array(sizes)[thin],
            "slope_kib_per_1000_strides": slope,
            "slope_error": error,
            "growth_mib_second_half": float(sizes[-1] - sizes[len(sizes) // 2]),
        },
        5,
    )


def _resident(pid: int) -> int:
    """Bytes; none where the process is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _slope(at: np.ndarray, sizes: np.ndarray) -> tuple[float, float]:
    """KiB per 1000 strides over the second half: through the means of blocks, with its error."""
    late = at > 0.5 * at[-1]
    blocks = [
        (x.mean(), y.mean())
        for x, y in zip(
            np.array_split(at[late], BLOCKS), np.array_split(sizes[late], BLOCKS), strict=True
        )
    ]
    x, y = (np.array(column) for column in zip(*blocks, strict=True))
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    rest = y - y.mean() - slope * centred
    error = float(np.sqrt(rest @ rest / (len(x) - 2) / (centred @ centred)))
    return 1024 * 1000 * slope, 1024 * 1000 * error
