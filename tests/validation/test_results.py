"""results.json and arrays.npz: written whole, read back equal, refused when damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from longstride.errors import FileFormatError
from longstride.validation import (
    Check,
    Curve,
    Provenance,
    Results,
    judge,
    read_curves,
    read_results,
    write_curves,
    write_results,
)


def example() -> Results:
    return Results(
        provenance=Provenance(title="t", description="d", created="2025-01-01T00:00:00+00:00"),
        checks=(judge("nvt.rdf.l1[600K]", 0.01, "1", 0.008, 3.0, "detail"),),
    )


def test_results_read_back_and_keep_the_documented_layout(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_results(path, example())
    assert read_results(path) == example()
    content = json.loads(path.read_text())
    assert set(content) == {"schema", "provenance", "checks"}
    assert content["schema"] == 1
    names = {"name", "value", "unit", "noise_floor", "threshold", "passed", "detail"}
    assert set(content["checks"][0]) == names
    assert list(tmp_path.iterdir()) == [path]


def test_a_check_is_judged_by_its_magnitude() -> None:
    assert judge("a", -0.02, "1", 0.01, 3.0).passed
    assert not judge("a", -0.04, "1", 0.01, 3.0).passed
    assert not judge("a", 0.1, "1", 0.0, 3.0).passed


def test_a_verdict_against_its_own_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="say otherwise"):
        Check(name="a", value=1.0, unit="1", noise_floor=None, threshold=0.5, passed=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read as JSON"),
        ("[]", "schema is None"),
        ('{"schema": 2}', "reads schema 1"),
        ('{"schema": 1, "checks": []}', "provenance: Field required"),
        (
            '{"schema": 1, "checks": [], "provenance": {"title": "", "description": "",'
            ' "created": "", "colour": 1}}',
            "provenance.colour",
        ),
    ],
)
def test_damaged_results_are_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(FileFormatError, match=words) as caught:
        read_results(path)
    assert str(path) in str(caught.value)


def test_missing_results_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="no such file"):
        read_results(tmp_path / "results.json")


def test_curves_read_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    curves = [
        Curve(n, *rng.random((3, 7)), *rng.random((2, 2, 7))) for n in ("rdf[600K]", "msd[600K]")
    ]
    path = tmp_path / "arrays.npz"
    write_curves(path, curves)
    back = read_curves(path)
    assert [c.name for c in back] == ["rdf[600K]", "msd[600K]"]
    for a, b in zip(curves, back, strict=True):
        for part in ("x", "surrogate", "surrogate_error", "references", "references_error"):
            np.testing.assert_array_equal(getattr(a, part), getattr(b, part))


def test_damaged_curves_are_named(tmp_path: Path) -> None:
    path = tmp_path / "arrays.npz"
    path.write_bytes(b"PK nothing")
    with pytest.raises(FileFormatError, match="not an array file"):
        read_curves(path)
    np.savez(path, **{"rdf/x": np.zeros(3)})
    with pytest.raises(FileFormatError, match="has no surrogate"):
        read_curves(path)
