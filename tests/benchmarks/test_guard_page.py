"""The verdict on the guard, and the page made from it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measurements.guard_cases import crystal, pushed_together, without
from measurements.guard_verdict import first_wrong, windows
from pages import guard

PROVENANCE = {
    "date": "2026-01-01 00:00 UTC",
    "software": {"longstride": "0.1.0"},
    "machine": {"processor": "one", "usable_cores": 2},
    "load_average": [0.1, 0.2],
}


def piece(folder: Path, name: str, **content: Any) -> None:
    whole = {"model": {"name": "al", "role": "shipped"}, "provenance": PROVENANCE, **content}
    (folder / f"{name}.json").write_text(json.dumps(whole))


def left(fires: float | None, wrong: float | None) -> dict[str, Any]:
    times = {"energy_wrong_at": wrong, "rdf_wrong_at": None, "broke_at": None, "wrong_at": wrong}
    series = {
        "look_time": [0.0, 1.0],
        "share": [0.5, 2.0],
        "window_time": [1.0],
        "energy": [-3.3],
        "reference_energy": [-3.2],
        "energy_limit": [0.01],
    }
    by = None if fires is None else "neighbourhood"
    return {"fires_at": fires, "by": by, "looks": 2, "looks_outside": 1, "series": series, **times}


def test_a_late_guard_is_said_to_be_late(tmp_path: Path) -> None:
    common = {"part": "guard", "leaves": True}
    for name, fires, wrong in (("early", 1.0, 2.0), ("late", 3.0, 2.0), ("blind", None, 2.0)):
        result = left(fires, wrong)
        piece(tmp_path, name, case=name, title=f"case {name}", result=result, **common)
    calm = left(None, None)
    piece(tmp_path, "calm", case="calm", title="case calm", result=calm, **common)
    inside = {
        "looks": 10,
        "n_atoms": 200,
        "atoms_outside": 0,
        "largest_share": 0.5,
    }
    stay = {"case": "stay", "title": "stays at 300 K", "duration": 1000.0, "leaves": False}
    piece(tmp_path, "stay", part="guard", result=inside, **stay)
    docs = tmp_path / "docs"
    docs.mkdir()
    written = guard.write(tmp_path, docs)
    text = (docs / "guard.md").read_text()
    assert "late or silent in: case blind (`al`) and case late (`al`).**" in text
    assert "Neither did the guard fire nor the rollout go wrong in: case calm (`al`)." in text
    assert "| stays at 300 K | al | 1 | 2,000 | 0 | 0.50 |" in text
    assert [path.suffix for path in written] == [".md", ".png"]


def test_wrong_is_relative_to_the_noise_of_the_neighbouring_windows() -> None:
    noise = np.full((3, 20), 1.0)
    noise[:, 3] = 0.0
    deviation = np.ones(20)
    assert first_wrong(deviation, noise)[0] is None
    deviation[12] = 3.5
    assert first_wrong(deviation, noise)[0] == 12
    # A rollout that ended early has fewer windows; what is not a number is wrong.
    assert first_wrong(np.array([1.0, np.nan]), noise)[0] == 1
    # A pair that is far apart, one of it molten, is a floor for all.
    noise[0, 8:] = 10.0
    assert first_wrong(deviation, noise)[0] is None
    np.testing.assert_allclose(windows(np.arange(13.0)), [3.0, 8.0])


def test_the_cases_are_what_they_say() -> None:
    state = crystal(4.05)
    assert state.n_atoms == 256
    assert without(state, 7).n_atoms == 255
    moved = pushed_together(state, 1.9)
    changed = np.flatnonzero((moved.positions != state.positions).any(axis=1))
    (neighbour,) = changed
    distance = np.linalg.norm(moved.positions[neighbour] - moved.positions[0])
    assert distance == pytest.approx(1.9)
