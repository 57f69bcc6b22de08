"""The pieces of the long runs, and how they are judged."""

import json
from math import hypot
from pathlib import Path
from typing import Any

import numpy as np

Piece = dict[str, Any]

VARIANTS = {
    "plain": "the map alone",
    "calibrated": "calibrated noise",
    "calibrated-large": "calibrated noise, 8,788 atoms",
    "corrected": "energy correction, 1 ps, every 5 strides",
    "corrected-at-once": "energy correction at once, every stride",
    "calibrated-corrected": "calibrated noise and energy correction, 1 ps",
}
TEMPERATURES = (300.0, 600.0, 900.0)

TEMPERATURE_LIMIT, ENERGY_LIMIT, DRIFT_LIMIT, RDF_LIMIT = 0.5, 1.0, 0.5, 1.1
"""% of the bath's temperature, meV per atom, % of the kinetic energy, and times the noise floor."""


WALK_BLOCKS = 20


def read(folder: Path) -> list[Piece]:
    """Every piece of a folder."""
    paths = sorted(folder.glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def of_part(pieces: list[Piece], part: str) -> list[Piece]:
    """All pieces of a part."""
    return [piece for piece in pieces if piece["part"] == part]


def in_bath(pieces: list[Piece], temperature: float) -> Piece | None:
    """The run in a bath of this temperature, where it was measured."""
    return next((p for p in of_part(pieces, "soak-nvt") if p["temperature"] == temperature), None)


def walk_error(result: Piece) -> float:
    """Standard error in % of the kinetic energy of the energy's change over a run that walks.

    The error of a fitted line takes the residuals for noise that forgets. The energy of a map
    without a thermostat rather walks: its change is a sum of independent increments, those of the
    means of ``WALK_BLOCKS`` blocks of the run, whose scatter tells that of the sum.
    """
    series = np.array(result["series"]["reference"])
    increments = np.diff(series.reshape(WALK_BLOCKS, -1).mean(axis=1))
    change = float(increments.std(ddof=1)) * WALK_BLOCKS**0.5
    return 100.0 * change / float(result["kinetic_energy"])


def judged(result: Piece, temperature: float) -> dict[str, tuple[float, float | None, bool]]:
    """Value, error and verdict of the checks of a run in a bath."""
    own, other = result["potential_energy"], result["reference_potential_energy"]
    energy = own["value"] - other["value"]
    excess = 100.0 * (result["temperature"]["value"] / temperature - 1.0)
    rdf = result["rdf"]
    ratio = rdf["to_references"]["value"] / rdf["between_references"]["value"]
    return {
        "temperature": (
            excess,
            100.0 * result["temperature"]["error"] / temperature,
            abs(excess) < TEMPERATURE_LIMIT,
        ),
        "energy": (energy, hypot(own["error"], other["error"]), abs(energy) < ENERGY_LIMIT),
        "rdf": (ratio, None, ratio < RDF_LIMIT),
    }
