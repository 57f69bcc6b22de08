"""docs/metals.md and docs/alloys.md say what the results say."""

import json
from pathlib import Path

import pytest
from measurements.metals import HALF_MELTING, System
from pages import alloys, metals

from longstride.errors import ConfigError

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"


def test_the_pages_are_those_of_the_results(tmp_path: Path):
    made = metals.write_page(RESULTS / "metals", tmp_path)
    assert made.read_text() == (ROOT / "docs" / "metals.md").read_text()
    made = alloys.write_page(RESULTS / "alloys", RESULTS / "metals", tmp_path)
    assert made.read_text() == (ROOT / "docs" / "alloys.md").read_text()


def test_a_failed_check_is_counted_and_named(tmp_path: Path):
    piece = json.loads((RESULTS / "metals" / "cu.json").read_text())
    check = next(c for c in piece["verdict"]["checks"] if c["name"].startswith("nvt.rdf.l1"))
    check.update(value=0.5, passed=False)
    (tmp_path / "cu.json").write_text(json.dumps(piece))
    text = metals.write_page(tmp_path, tmp_path).read_text()
    count = len(piece["verdict"]["checks"])
    assert "0 of 1 systems pass every check" in text
    assert f"| {count - 1} of {count} |" in text
    assert "`nvt.rdf.l1[680K]` 0.5 (threshold" in text


@pytest.mark.parametrize("name", HALF_MELTING)
def test_every_system_has_a_recipe(name: str):
    system = System(name)
    assert system.recipe(ROOT / "recipes" / "metals").is_file()
    assert system.temperature > 0.0


def test_an_unknown_metal_is_one_line():
    with pytest.raises(ConfigError, match="no metal 'xx'; there are al, cu"):
        _ = System("xx").temperature
