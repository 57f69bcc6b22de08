"""docs/transfer.md and docs/active.md: numbers of the tables from those of the results."""

import json
from pathlib import Path
from typing import Any

import pytest
from pages import active, transfer

PROVENANCE = {
    "date": "2026-11-25 20:00 UTC",
    "software": {"longstride": "0.1.0"},
    "machine": {"processor": "any", "usable_cores": 2},
    "load_average": [1.0, 1.0],
}


def errors(d: float, w: float) -> dict[str, dict[str, float]]:
    return {"300": {"d": d, "w": w}, "600": {"d": d, "w": w}}


def write(folder: Path, name: str, piece: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps({**piece, "provenance": PROVENANCE}))


@pytest.mark.parametrize("complete", [True, False])
def test_the_learning_curve_compares_at_the_same_number(tmp_path: Path, complete: bool) -> None:
    common = {
        "part": "transfer",
        "target": "cu",
        "title": "Al → Cu",
        "parent": "al",
        "minutes": 0.3,
        "windows": 4,
        "segments": 8,
    }
    ridge = {"ridge": errors(0.04, 0.05), "start": errors(0.03, 0.035)}
    scratch = {**ridge, "model": errors(0.02, 0.02)}
    write(tmp_path / "r", "a.json", {**common, "kind": "scratch", "result": scratch})
    if complete:
        tuned = {**ridge, "model": errors(0.01, 0.015)}
        write(tmp_path / "r", "b.json", {**common, "kind": "parent", "result": tuned})
    page, picture = transfer.write(tmp_path / "r", tmp_path / "docs")
    row = (
        "| 8 | 4.00 / 5.00 | 2.00 / 2.00 | 3.00 / 3.50 | 1.00 / 1.50 | 0.75 |"
        if complete
        else "| 8 | 4.00 / 5.00 | 2.00 / 2.00 | – | – | – |"
    )
    assert row in page.read_text()
    assert picture.stat().st_size > 0


def test_the_guards_choice_stands_beside_the_random_one(tmp_path: Path) -> None:
    def judged(error: float, outside: int) -> dict[str, Any]:
        return {
            "errors": {"900 K": {"d": error, "w": 2 * error}},
            "alarms": {"looks": 100, "outside": outside, "broke": 0},
            "frames": 24,
            "outside": 20,
            "temperatures": {"600": 4, "900": 20},
        }

    result = {
        "looks": 400,
        "flagged": 90,
        "seen": 100,
        "before": judged(0.03, 80),
        "random": judged(0.02, 9),
        "guard": judged(0.01, 3),
    }
    settings = {"minutes": [1.0, 0.5], "temperatures": [600.0, 900.0]}
    piece = {"part": "active", "settings": settings, "result": result}
    write(tmp_path / "r", "active.json", piece)
    (tmp_path / "docs").mkdir()
    text = active.write(tmp_path / "r", tmp_path / "docs").read_text()
    assert "| before | – | 3.00 / 6.00 | 80 of 100 | 0 |" in text
    assert "| frames of the guard | 20 of 24 | 1.00 / 2.00 | 3 of 100 | 0 |" in text
    assert "4 at 600 K, 20 at 900 K" in text
