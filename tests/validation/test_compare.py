"""The comparison passes an equal, and fails a wrong, trajectory by the check that must see it."""

import numpy as np
import pytest

from longstride.errors import LongstrideError
from longstride.validation import compare


def by_stem(checks) -> dict:
    return {check.name.split("[")[0]: check for check in checks}


def test_an_independent_run_of_the_same_system_passes(crystal) -> None:
    result = compare(crystal(1), [crystal(2), crystal(3)], temperature=600.0, discard=400.0)
    assert [c.name for c in result.checks if not c.passed] == []
    assert {c.quantity for c in result.curves} == {
        "rdf",
        "msd",
        "temperature",
        "vdos",
        "equipartition",
    }
    for curve in result.curves:
        assert curve.condition == "600K"
        assert np.isfinite(curve.surrogate).all()
        assert curve.references.shape == (2, len(curve.x))


def test_one_reference_gives_a_floor_from_its_halves(crystal) -> None:
    result = compare(crystal(1), [crystal(2)], temperature=600.0)
    assert all(c.noise_floor and c.noise_floor > 0 for c in result.checks)
    assert [c.name for c in result.checks if not c.passed] == []


def test_a_cold_surrogate_fails_by_temperature_and_amplitude(crystal) -> None:
    checks = by_stem(
        compare(crystal(1, temperature=500.0), [crystal(2), crystal(3)], temperature=600.0).checks
    )
    assert not checks["nvt.temperature.relative_error"].passed
    assert checks["nvt.temperature.relative_error"].value == pytest.approx(-1 / 6, abs=0.03)
    assert not checks["nvt.amplitude.relative_error"].passed
    assert not checks["nvt.rdf.l1"].passed
    assert checks["nvt.vdos.mismatch"].passed


def test_a_stiff_surrogate_fails_by_spectrum(crystal) -> None:
    checks = by_stem(
        compare(crystal(1, scale=1.1), [crystal(2), crystal(3)], temperature=600.0).checks
    )
    assert checks["nvt.temperature.relative_error"].passed
    assert not checks["nvt.vdos.mismatch"].passed
    assert not checks["nvt.amplitude.relative_error"].passed


def test_other_lengths_are_cut_to_the_shortest(crystal) -> None:
    result = compare(
        crystal(1, n_frames=120), [crystal(2), crystal(3, n_frames=150)], temperature=600.0
    )
    series = next(c for c in result.curves if c.quantity == "temperature")
    assert series.x[-1] == pytest.approx(119 * 20.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [({"cell_scale": 1.01}, "different cells"), ({"n_frames": 20}, "run longer")],
)
def test_what_cannot_be_compared_is_named(crystal, change: dict, words: str) -> None:
    with pytest.raises(LongstrideError, match=words):
        compare(crystal(1, **change), [crystal(2)], temperature=600.0)


def test_no_reference_is_named(crystal) -> None:
    with pytest.raises(LongstrideError, match="at least one reference"):
        compare(crystal(1), [], temperature=600.0)
