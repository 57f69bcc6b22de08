"""docs/parallel.md: numbers of the tables from those of the results."""

import json
from pathlib import Path
from typing import Any

from pages import parallel

PROVENANCE = {
    "date": "2000-01-01 00:00 UTC",
    "software": {"longstride": "0"},
    "machine": {"processor": "made-up", "usable_cores": 2},
    "load_average": [1.0, 1.0],
}


def page(folder: Path, pieces: list[dict[str, Any]]) -> str:
    """The page of some results."""
    (folder / "results").mkdir()
    for number, piece in enumerate(pieces):
        content = json.dumps({**piece, "provenance": PROVENANCE})
        (folder / "results" / f"{number}.json").write_text(content)
    return parallel.write(folder / "results", folder).read_text()


def test_ratios_and_errors_are_those_of_the_results(tmp_path):
    times = {"wall_ms": {"one": 300.0, "two": 200.0}, "processor_ms": {"one": 240.0, "two": 150.0}}
    steps = {"steps": 20, "largest_difference": 2.4e-6, **times}
    errors = {"d": 0.01, "w": 0.02}
    after = {"before": errors, "after": {"d": 0.005, "w": 0.0125}, "skipped": 3}
    text = page(
        tmp_path,
        [
            {"part": "steps", "windows": 8, "result": steps},
            {"part": "model", "precision": "bf16", "result": errors},
            {"part": "trained", "precision": "bf16", "seed": 1, "steps": 200, "result": after},
        ],
    )
    assert "| 8 | 300 | 200 | 1.50 | 240 | 150 | 1.60 | 2e-06 |" in text
    assert "| bf16 | 1 / 2 |" in text
    assert "| 1 | bf16 | 1 / 2 | 0.5 / 1.25 | 3 |" in text
    assert "a factor of 1.60 at least" in text


def test_what_was_not_measured_is_said(tmp_path):
    assert page(tmp_path, []).count("not measured") == 3
