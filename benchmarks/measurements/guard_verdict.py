"""When the guard fires, when the rollout goes wrong, and what the reference's own noise is."""

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


def first_wrong(deviation: Array, noise: Array) -> tuple[int | None, Array]:
    """The first window that is off by more than the limit, and the limit of each (W,).

    The noise of one window may be small by chance: the floor is the root mean square of it and its
    ``NEAR`` neighbours on either side.
    """
    floor = [
        np.sqrt(np.mean(noise[max(0, k - NEAR) : k + NEAR + 1] ** 2)) for k in range(len(deviation))
    ]
    limit = FLOORS * np.array(floor)
    wrong = np.flatnonzero(~(deviation <= limit))
    return (int(wrong[0]) if len(wrong) else None), limit


def judge(
    engine: Engine, model: Flown, one: list[State], other: list[State], window_time: float
) -> dict[str, Any]:
    """The verdict on one case as plain data; times in ps."""
    e_model, e_one, e_other = (windows(energies(engine, f)) for f in (model.frames, one, other))
    count = len(e_model)
    mean = 0.5 * (e_one + e_other)[:count]
    bad_energy, limit_energy = first_wrong(np.abs(e_model - mean), np.abs(e_one - e_other))
    g_model, g_one, g_other = (structures(f) for f in (model.frames, one, other))

    def gap(a: Array, b: Array) -> float:
        return float(np.abs(a - b).mean() / b.mean())

    noise = np.array([gap(a, b) for a, b in zip(g_one, g_other, strict=True)])
    # A rollout that broke down has fewer windows.
    both = zip(g_model, g_one, g_other, strict=False)
    off = np.array([min(gap(m, a), gap(m, b)) for m, a, b in both])
    bad_g, limit_g = first_wrong(off, noise)
    fires = np.flatnonzero(model.looks[:, 1] > 1.0)
    ends = (np.arange(count) + 1) * window_time / PS
    broke = model.looks[-1, 0] / PS if model.broke else None

    def at(window: int | None) -> float | None:
        return None if window is None else float(ends[window])

    wrong = [t for t in (at(bad_energy), at(bad_g), broke) if t is not None]
    return {
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
            "energy_limit": limit_energy,
            "rdf": off,
            "rdf_limit": limit_g,
        },
    }
