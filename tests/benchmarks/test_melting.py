"""Crystal beside melt: which atoms are crystalline, how fast a front moves, the cell, its page."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measurements import coexistence, crystal_front
from measurements.beyond_melting import CELLS
from measurements.guard_cases import crystal
from measurements.order import averaged_q6, crystalline
from pages import beyond

from longstride.state import State
from longstride.validation.system import reference_settings

CONSTANT = 4.14
INTERVAL = 480.0


def partly(ordered: float, rng: np.random.Generator) -> State:
    """A crystal that vibrates below a height, and disorder above it."""
    state = crystal(CONSTANT, CELLS)
    above = state.positions[:, 2] >= ordered
    width = np.where(above, 1.3, 0.15)[:, None]
    return state.with_(positions=state.positions + width * rng.standard_normal((len(above), 3)))


def test_a_perfect_crystal_has_the_known_order_of_fcc():
    # Steinhardt, Nelson and Ronchetti, Phys. Rev. B 28, 784 (1983): 0.575 with twelve neighbours.
    assert averaged_q6(crystal(4.05, (3, 3, 3))) == pytest.approx(0.57452, abs=1e-4)


def test_a_vibrating_crystal_is_crystalline_and_disorder_is_not():
    rng = np.random.default_rng(8)
    height = CELLS[2] * CONSTANT
    assert crystalline(partly(height, rng)) == 4 * np.prod(CELLS)
    assert crystalline(partly(0.0, rng)) < 0.01 * 4 * np.prod(CELLS)


@pytest.mark.parametrize("layers", [1, -1])
def test_fronts_that_move_a_layer_a_frame_have_that_velocity(layers):
    start = 24 - 12 * (layers - 1)
    frames = [
        partly(0.5 * CONSTANT * (start + layers * k) - 0.1, np.random.default_rng(11))
        for k in range(20)
    ]
    found = crystal_front.front(frames, INTERVAL)
    # Half a lattice constant a frame, shared by two fronts; one Å/ps is 100 m/s.
    expected = layers * 100.0 * 0.25 * CONSTANT / 0.48
    value, error = found["velocity"]
    assert abs(value - expected) < 4.0 * error
    assert error < 0.05 * abs(expected)
    assert found["time"][[0, -1]] == pytest.approx([0.48, 9.6])
    growth = found["crystalline_last"][0] - found["crystalline_first"][0]
    assert np.sign(growth) == layers


def test_the_cell_is_half_melted_and_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In so narrow a cell the crystal grows by a half in ten picoseconds: it is caught before.
    for phase, steps in {
        "warm": 500,
        "melt": 1500,
        "cool": 500,
        "settle": 400,
        "mean": 400,
    }.items():
        monkeypatch.setitem(coexistence.STEPS, phase, steps)
    settings = reference_settings(("Al_mm.eam.fs",), (13,), 1)
    cells, made = (3, 3, 10), []

    def make() -> State:
        made.append(coexistence.built(settings, CONSTANT, cells, 960.0, 3))
        return made[-1]

    path = tmp_path / "start.h5"
    first, again = (coexistence.kept(path, {"seed": 3}, make) for _ in range(2))
    assert len(made) == 1
    np.testing.assert_array_equal(first.positions, again.positions)
    np.testing.assert_array_equal(first.positions, made[0].positions)
    lengths = np.diag(first.cell)
    assert lengths[:2] == pytest.approx([3 * CONSTANT] * 2, abs=1e-12)
    # A melt is about 6 % less dense, and it is half of the cell.
    assert 1.01 < lengths[2] / (10 * CONSTANT) < 1.06
    height = first.positions[:, 2] % lengths[2] / lengths[2]
    ordered = averaged_q6(first) > 0.29
    assert ordered[np.abs(height - 0.25) < 0.1].mean() > 0.9
    assert ordered[np.abs(height - 0.75) < 0.1].mean() < 0.1


def told(velocity: float, last: float) -> dict[str, Any]:
    return {
        "energy": [-3.0, 0.001],
        "energy_drift": [0.0, 0.001],
        "temperature": [926.0, 2.0],
        "time": [0.48, 0.96],
        "crystalline": [1200.0, last],
        "crystalline_first": [1200.0, 10.0],
        "crystalline_last": [last, 10.0],
        "velocity": [velocity, 3.0],
    }


def test_the_page_tells_velocities_beside_those_of_the_reference(tmp_path: Path) -> None:
    about = {"case": "coexistence-880K", "title": "crystal and melt, 880 K", "temperature": 880.0}
    provenance = {
        "date": "2026-01-01 00:00 UTC",
        "software": {"longstride": "0.1.0"},
        "machine": {"processor": "one", "usable_cores": 2},
        "load_average": [0.1, 0.2],
    }
    stride = {"d": 0.02, "d_error": 0.001, "w": 0.02, "w_error": 0.001}
    guard = {"share": 0.5, "looks_outside": 0.0, "atoms_outside": 0.0}
    flown = {"broke": None, "picoseconds": 24.0, "looks_outside": 0.0, **told(40.0, 1700.0)}
    pieces = {
        "a": {"part": "reference", "result": {"runs": [told(50.0, 1800.0), told(46.0, 1780.0)]}},
        "b": {
            "part": "beyond",
            "model": {"name": "al-broad"},
            "result": {"stride": stride | guard, "rollouts": [flown]},
        },
    }
    for name, piece in pieces.items():
        content = {**about, "provenance": provenance, **piece}
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    page, *figures = beyond.write(tmp_path, tmp_path)
    assert [figure.name for figure in figures] == ["beyond-melting.png"]
    row = "| 40.0 ± 3.0 | 48.0 ± 2.1 | 4 | 1200 / 1200 | 1700 / 1790 |"
    assert f"| crystal and melt, 880 K | al-broad {row}" in page.read_text()
