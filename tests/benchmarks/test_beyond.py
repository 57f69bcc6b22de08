"""What is measured beyond the perfect crystal, on motions whose answer is known, and its page."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measurements import beyond_observables, defects, stride_errors
from measurements.guard_cases import crystal, without
from measurements.lattice_constant import constant_at
from pages import beyond

from longstride.dynamics import draw_velocities
from longstride.model import ModelRegime
from longstride.state import State

PROVENANCE = {
    "date": "2026-01-01 00:00 UTC",
    "software": {"longstride": "0.1.0"},
    "machine": {"processor": "one", "usable_cores": 2},
    "load_average": [0.1, 0.2],
}


def moved(state: State, atom: int, vector: np.ndarray) -> State:
    positions = state.positions.copy()
    positions[atom] += vector
    return state.with_(positions=positions)


def test_a_vacancy_that_moves_twice_and_shivers_once_has_jumped_twice():
    full = crystal(4.05, (3, 3, 3))
    start = without(full, 0)
    bonds = start.positions - full.positions[0]
    bonds -= np.round(bonds @ np.linalg.inv(full.cell)) @ full.cell
    near = np.flatnonzero(np.linalg.norm(bonds, axis=1) < 3.0)
    first = moved(start, near[0], -bonds[near[0]])
    second = moved(first, near[0], bonds[near[0]])
    shiver = moved(second, near[1], -0.6 * bonds[near[1]])
    frames = [start] * 3 + [first] * 3 + [second] * 3 + [shiver] + [second] * 3
    found = beyond_observables.jumps(frames, 1000.0)
    assert found["count"] == 2
    assert found["nanoseconds"] == pytest.approx(0.012)
    assert found["jumps"][0] == pytest.approx(2 / 0.012)
    assert found["one_vacancy"] == 1.0


def test_layers_of_a_slab_have_their_spacings_and_temperatures():
    atoms = defects.slab_100(4.05, (4, 4, 8))
    state = State(
        positions=atoms.positions,
        velocities=np.zeros((128, 3)),
        masses=atoms.get_masses(),
        species=atoms.numbers,
        cell=np.array(atoms.cell),
        pbc=np.ones(3, dtype=bool),
    )
    rng = np.random.default_rng(3)
    hot = np.isin(np.argsort(np.argsort(state.positions[:, 2])) // 16, (0, 7))
    frames = []
    for _ in range(400):
        drawn = draw_velocities(state, 300.0, rng)
        frames.append(drawn.with_(velocities=np.where(hot[:, None], 2.0, 1.0) * drawn.velocities))
    found = beyond_observables.layers(frames, 480.0)
    assert found["spacing_1"][0] == pytest.approx(4.05 / 2)
    for name, expected in (("warmth_1", 1200.0), ("warmth_2", 300.0), ("warmth_4", 300.0)):
        value, error = found[name]
        # The total momentum that is taken out costs one part in 128.
        assert abs(value / (1 - 1 / 128) - expected) < 4.0 * error


def test_a_crystal_is_ordered_and_a_walk_diffuses():
    rng = np.random.default_rng(5)
    state = crystal(4.05, (3, 3, 3))
    ordered = beyond_observables.structure([state] * 10, 480.0)
    assert ordered["fcc_first"][0] == ordered["fcc_last"][0] == 1.0
    steps = rng.standard_normal((200, 108, 3)) * np.sqrt(2.0 * 0.5 * 0.48)
    walk = [state.with_(positions=state.positions + s) for s in np.cumsum(steps, axis=0)]
    value, error = beyond_observables.diffusion(walk, 480.0)["diffusion"]
    # The center of mass is followed: one part in 108 is lost.
    assert abs(value / (1 - 1 / 108) - 0.5) < 4.0 * error
    assert error < 0.1


class Straight:
    """A map that knows free flight alone, with none or all of what is missing to a known end."""

    stride, gauge = 60.0, None
    regime = ModelRegime(
        species=(13,), masses=(26.9815385,), temperatures=(300.0,), number_density=(0.05, 0.07)
    )

    def __init__(self, ends: dict[float, State], share: float) -> None:
        self._ends, self._share = ends, share

    def step(self, state: State, rng: np.random.Generator) -> State:
        end = self._ends[state.time]
        flight = state.positions + self.stride * state.velocities
        return state.with_(
            positions=flight + self._share * (end.positions - flight),
            velocities=state.velocities + self._share * (end.velocities - state.velocities),
        )


@pytest.mark.parametrize("share", [0.0, 0.9, 1.0])
def test_free_flight_is_off_by_one_and_the_reference_by_nothing(share):
    rng = np.random.default_rng(4)
    given = []
    for number in range(3):
        start = draw_velocities(crystal(4.05, (2, 2, 2)), 300.0, rng).with_(time=float(number))
        moves = (
            start.positions + 60.0 * start.velocities + 0.1 * rng.standard_normal((32, 3)),
            start.velocities + 0.001 * rng.standard_normal((32, 3)),
        )
        end = start.with_(positions=moves[0], velocities=moves[1])
        given.append(stride_errors.Window(start, end))
    model = Straight({w.start.time: w.end for w in given}, share)
    found = stride_errors.relative_errors(model, given)
    assert found["d"] == pytest.approx(1.0 - share, abs=1e-12)
    assert found["w"] == pytest.approx(1.0 - share, abs=1e-12)
    assert found["windows"] == 3


def test_lattice_constants_are_on_the_line_through_the_nearest_two():
    known = {300.0: 4.0, 400.0: 4.01, 600.0: 4.05}
    for temperature, expected in ((300, 4.0), (350, 4.005), (500, 4.03), (200, 3.99), (700, 4.07)):
        assert constant_at(known, float(temperature)) == pytest.approx(expected)


def stride(w: float) -> dict[str, Any]:
    numbers = {"windows": 8, "d": w, "d_error": 0.001, "w": w, "w_error": 0.001}
    means = {"neighbourhood": 1.0}
    return {**numbers, "share": 0.5, "looks_outside": 0.25, "atoms_outside": 0.1, "means": means}


def numbers(diffusion: float) -> dict[str, Any]:
    return {
        "energy": [-3.0, 0.001],
        "energy_drift": [0.0, 0.001],
        "temperature": [1000.0, 2.0],
        "diffusion": [diffusion, 0.01],
        "r": [1.0, 2.0],
        "g": [1.0, diffusion],
    }


def test_the_page_tells_ratios_noise_and_what_broke(tmp_path: Path) -> None:
    about = {"case": "liquid-1000K", "title": "liquid, 1,000 K", "temperature": 1000.0}
    guard = {"picoseconds": 30.0, "looks_outside": 0.5}
    broken = {"broke": "atoms overlap", "picoseconds": 3.0, "looks_outside": 1.0}
    pieces = {
        "a": {"part": "reference", "result": {"runs": [numbers(0.5), numbers(0.54)]}},
        "b": {
            "part": "beyond",
            "model": {"name": "good"},
            "result": {
                "stride": stride(0.02),
                "rollouts": [{"broke": None, **guard, **numbers(0.572)}] * 2,
            },
        },
        "d": {
            "part": "beyond",
            "model": {"name": "half"},
            "result": {
                "stride": stride(0.02),
                "rollouts": [broken, {"broke": None, **guard, **numbers(0.572)}],
            },
        },
        "c": {
            "part": "beyond",
            "model": {"name": "bad"},
            "result": {"stride": stride(0.5), "rollouts": [broken]},
        },
    }
    for name, piece in pieces.items():
        content = {**about, "provenance": PROVENANCE, **piece}
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    page, *figures = beyond.write(tmp_path, tmp_path)
    text = page.read_text()
    assert [figure.name for figure in figures] == ["beyond-liquid.png"]
    assert "| liquid, 1,000 K | good | 0.5720 ± 0.0071 | 0.5200 ± 0.0071 | +10.0 ± 2.0 |" in text
    assert "| good | 2 × 30 |" in text
    assert "| bad | **broke after 3** |" in text
    assert "| half | **broke after 3**, 1 × 30 whole |" in text
    assert "| liquid, 1,000 K | bad | – | 0.5200 ± 0.0071 | – |" in text
    assert "not measured" in text


def test_the_page_tells_drifts_and_breakdowns_at_constant_energy(tmp_path: Path) -> None:
    total = {"percent": -2.5, "percent_error": 0.2}
    results = {300.0: {"broke": None, "total": total}, 900.0: {"broke": {"time": 12.0}}}
    for kelvin, result in results.items():
        about = {"part": "nve", "model": {"name": "one"}, "temperature": kelvin}
        piece = {**about, "provenance": PROVENANCE, "result": result}
        (tmp_path / f"{kelvin:g}.json").write_text(json.dumps(piece))
    text = beyond.write(tmp_path, tmp_path)[0].read_text()
    assert "| 300 | one | −2.50 ± 0.20 |" in text
    assert "| 900 | one | **broke after 12 ps** |" in text
