"""When the guard fires, when the rollout goes wrong, and what the reference's own noise is."""

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longstride.analysis import radial_distribution
from longstride.errors import EngineError
from longstride.reference.engine import Engine
from longstride.state import State
from longstride.units import PS
from measurements.guard_runs import Flown

Array = NDArray[np.float64]

WINDOW = 5
"""Frames that an energy and a g(r) are averaged over."""

NEAR = 5
"""Windows on either side of one that its noise floor is taken from, too."""

FLOORS = 3.0
"""A number is wrong where it is off by so many noise floors."""


def energies(engine: Engine, frames: list[State]) -> Array:
    """(F,) potential energy of the reference, eV per atom; NaN where it cannot tell."""
    values = []
    for first in range(0, len(frames), 50):
        block = frames[first : first + 50]
        try:
            values.append(engine.evaluate(block).potential_energy / block[0].n_atoms)
        except EngineError:
            values.append(np.full(len(block), np.nan))
    return np.concatenate(values)


def windows(values: Array) -> Array:
    """(W,) means of whole windows; the first frame, which all runs share, is left out."""
    kept = len(values[1:]) // WINDOW * WINDOW
    return values[1 : kept + 1].reshape(-1, WINDOW).mean(axis=1)


def structures(frames: list[State]) -> list[Array]:
    """g(r) of each window, in the cell of its middle."""
    found = []
    for first in range(1, len(frames) - WINDOW + 1, WINDOW):
        block = frames[first : first + WINDOW]
        scaled = np.array([f.positions @ np.linalg.inv(f.cell) for f in block])
        cell = block[WINDOW // 2].cell
        found.append(radial_distribution(scaled @ cell, cell, r_max=7.0, bin_width=0.1).g)
    return found


def first_wrong(off: Array, noise: Array) -> tuple[int | None, Array]:
    """The first window (W,) that is off by more than the limit, and the limit of each.

    The floor is the root mean square of what pairs of reference runs differ by, noise (P, W), in a
    window and its ``NEAR`` neighbours on either side. Where runs melt at different times it is that
    of crystal and melt, and either is right.
    """
    square = np.mean(noise**2, axis=0)
    around = [square[max(0, k - NEAR) : k + NEAR + 1] for k in range(len(off))]
    limit = FLOORS * np.sqrt([values.mean() for values in around])
    wrong = np.flatnonzero(~(off <= limit))
    return (int(wrong[0]) if len(wrong) else None), limit


def judge(
    engine: Engine, model: Flown, references: list[list[State]], window_time: float
) -> dict[str, Any]:
    """The verdict on one case as plain data; times in ps."""
    e_model = windows(energies(engine, model.frames))
    e_runs = np.array([windows(energies(engine, frames)) for frames in references])
    count = len(e_model)
    mean = e_runs[:, :count].mean(axis=0)
    pairs = list(combinations(range(len(references)), 2))
    apart = np.array([np.abs(e_runs[i] - e_runs[j]) for i, j in pairs])
    bad_energy, limit_energy = first_wrong(np.abs(e_model - mean), apart)
    g_model = structures(model.frames)
    g_runs = [structures(frames) for frames in references]

    def gaps(one: list[Array], other: list[Array]) -> Array:
        # A rollout that broke down has fewer windows.
        return np.array([np.abs(a - b).mean() / b.mean() for a, b in zip(one, other, strict=False)])

    off = np.array([gaps(g_model, run) for run in g_runs]).min(axis=0)
    bad_g, limit_g = first_wrong(off, np.array([gaps(g_runs[i], g_runs[j]) for i, j in pairs]))
    fires = np.flatnonzero(model.looks[:, 1] > 1.0)
    ends = (np.arange(count) + 1) * window_time / PS
    broke = model.looks[-1, 0] / PS if model.broke else None

    def at(window: int | None) -> float | None:
        return None if window is None else float(ends[window])

    wrong = [t for t in (at(bad_energy), at(bad_g), broke) if t is not None]
    return {
        "references": len(references),
        "fires_at": float(model.looks[fires[0], 0] / PS) if len(fires) else None,
        "by": model.names[model.which[fires[0]]] if len(fires) else None,
        "looks": len(model.looks),
        "looks_outside": len(fires),
        "atoms_outside": int(model.looks[:, 2].sum()),
        "largest_share": float(model.looks[:, 1].max()),
        "energy_wrong_at": at(bad_energy),
        "rdf_wrong_at": at(bad_g),
        "broke_at": broke,
        "broke": model.broke,
        "wrong_at": min(wrong) if wrong else None,
        "series": {
            "look_time": model.looks[:, 0] / PS,
            "share": model.looks[:, 1],
            "window_time": ends,
            "energy": e_model,
            "reference_energy": mean,
            "reference_energies": e_runs,
            "energy_limit": limit_energy,
            "rdf": off,
            "rdf_limit": limit_g,
        },
    }
