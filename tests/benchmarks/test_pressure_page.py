"""docs/constant-pressure.md: differences, deviations and verdicts from the results."""

import json
from pathlib import Path
from typing import Any

import pytest
from pages.pressure import text

QUANTILES = [16.0 + 0.02 * k for k in range(50)]


def observed(constant: float, compressibility: float) -> dict[str, Any]:
    return {
        "broke": None,
        "lattice_constant": [constant, 3e-4],
        "compressibility": [compressibility, 4e-4],
        "edges_over_mean": [[1e-4, 2e-4]] * 3,
        "volumes": QUANTILES,
    }


@pytest.fixture
def page(tmp_path: Path):
    """The page of one temperature."""

    def made(iso: dict[str, Any]) -> str:
        piece = {
            "model": {"name": "al"},
            "temperature": 300.0,
            "settings": {
                "pressure": 0.0,
                "time": 5e5,
                "references": 2,
                "reference_time": 2.5e5,
            },
            "result": {
                "n_atoms": 500,
                "iso": iso,
                "aniso": observed(4.0, 0.012),
                "references": [observed(3.99, 0.0115), observed(4.01, 0.0125)],
            },
        }
        (tmp_path / "npt-al-300K.json").write_text(json.dumps(piece))
        return text(tmp_path, tmp_path / "figures")

    return made


def test_differences_and_deviations(page, tmp_path: Path) -> None:
    told = page(observed(4.002, 0.014))
    assert "| al | isotropic | 300 K | 4.00200 ± 0.00030 | 4.00000 ± 0.00021 | +0.050 ±" in told
    # 2e-3 over the root of 4e-4² and 4e-4² / 2
    assert "+4.1 σ" in told
    assert "**no**" not in told
    assert (tmp_path / "figures" / "volumes.png").stat().st_size > 1000
    for line, before in zip(told.splitlines()[1:], told.splitlines(), strict=False):
        assert not (line.startswith("| model") and before), "a table begins a paragraph"


def test_misses_and_breakdowns_are_told(page) -> None:
    assert "+0.150 ± 0.009 | **no** |" in page(observed(4.006, 0.012))
    assert "| broke down |" in page({"broke": "atoms overlap"})
