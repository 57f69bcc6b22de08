"""What is kept of a run: the verdict in a bath, the drift without one."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from measurements.commands import validate_rollout
from measurements.nve import FEWEST, drifts

from longstride.trajectory import TrajectoryFile
from longstride.units import PS

SHOWN: Final = (
    "nvt.temperature.relative_error",
    "nvt.potential_energy.error",
    "nvt.equipartition.relative_error",
    "nvt.rdf.l1",
    "nvt.amplitude.relative_error",
    "nvt.vacf.l1",
    "nvt.vdos.mismatch",
    "nvt.msd.l1",
)
"""Checks whose numbers are kept."""

SHORTEST: Final = 5.0 * PS
"""Length in fs below which a run says nothing of a bath."""


def length_of(path: Path) -> float:
    """Of the run in a file, fs."""
    with TrajectoryFile(path) as file:
        (segment,) = file
        return float(segment.times[-1] - segment.times[0])


def in_bath(path: Path, reference: Path, report: Path) -> dict[str, Any]:
    """The verdict of ``longstride validate --rollout``; of a run too short for it, its length.

    Returns:
        ``length_ps``; ``checks`` and ``passed``, numbers of checks; ``failed``, their names; and
        ``values``, of the checks shown with noise floor and threshold.
    """
    length = length_of(path)
    found: dict[str, Any] = {"length_ps": length / PS}
    if length < SHORTEST:
        return found
    checks = validate_rollout(path, reference, report)["checks"]
    named = {check["name"].partition("[")[0]: check for check in checks}
    return {
        **found,
        "checks": len(checks),
        "passed": sum(check["passed"] for check in checks),
        "failed": [check["name"] for check in checks if not check["passed"]],
        "values": {
            name: {key: named[name][key] for key in ("value", "noise_floor", "threshold", "passed")}
            for name in SHOWN
            if name in named
        },
    }


def at_constant_energy(path: Path) -> dict[str, Any]:
    """Drifts of kinetic and total energy, where the run is long enough for one."""
    with TrajectoryFile(path) as file:
        (segment,) = file
        found: dict[str, Any] = {"length_ps": float(segment.times[-1] - segment.times[0]) / PS}
        if segment.n_frames < FEWEST:
            return found
        energies = np.asarray(segment.potential_energy())
        told = drifts(segment, np.arange(segment.n_frames), energies)
        return found | {key: told[key] for key in ("temperature", "kinetic", "total")}
