"""The comparison passes an equal, and fails a wrong, trajectory by the check that must see it."""

import numpy as np
import pytest

from longstride.errors import LongstrideError
from longstride.validation import compare


def by_stem(checks) -> dict:
    return {check.name.split("[")[0]: check for check in checks}


def failed(result) -> set[str]:
    return {check.name.split("[")[0] for check in result.checks if not check.passed}


def spoiled(crystal, **changes) -> set[str]:
    return failed(compare(crystal(1, **changes), [crystal(2), crystal(3)], temperature=600.0))


def test_an_independent_run_of_the_same_system_passes(crystal) -> None:
    result = compare(crystal(1), [crystal(2), crystal(3)], temperature=600.0, discard=400.0)
    assert failed(result) == set()
    quantities = {c.quantity for c in result.curves}
    assert {"rdf", "adf", "structure_factor", "cna", "msd", "vacf", "vdos"} <= quantities
    assert {"temperature", "equipartition", "dispersion"} <= quantities
    assert {"nvt.heat_capacity.relative_error", "nvt.potential_energy.error"} <= set(
        by_stem(result.checks)
    )
    for curve in result.curves:
        assert curve.condition.startswith("600K")
        assert np.isfinite(curve.surrogate).all()
        assert curve.references.shape == (2, len(curve.x))
    assert result.snapshot is not None
    assert result.snapshot.surrogate.shape == (108, 3)
    assert all(check.noise_floor is not None for check in result.checks)


def test_one_reference_gives_a_floor_from_its_blocks(crystal) -> None:
    result = compare(crystal(1), [crystal(2)], temperature=600.0)
    assert by_stem(result.checks)["nvt.rdf.l1"].noise_floor > 0
    assert failed(result) == set()


def test_a_cold_surrogate_fails_by_temperature_amplitude_and_energy(crystal) -> None:
    result = compare(
        crystal(1, temperature=500.0), [crystal(2), crystal(3)], temperature=600.0
    )  # fmt: skip
    checks = by_stem(result.checks)
    wrong = failed(result)
    assert {
        "nvt.temperature.relative_error",
        "nvt.amplitude.relative_error",
        "nvt.potential_energy.error",
        "nvt.rdf.l1",
    } <= wrong
    assert checks["nvt.temperature.relative_error"].value == pytest.approx(-1 / 6, abs=0.03)
    assert not wrong & {
        "nvt.vdos.mismatch",
        "nvt.velocity_distribution.z",
        "nvt.equipartition.relative_error",
    }


def test_soft_springs_fail_by_spectrum_and_amplitude_alone(crystal) -> None:
    wrong = spoiled(crystal, scale=0.95)
    assert {"nvt.vdos.mean_frequency", "nvt.amplitude.relative_error"} <= wrong
    assert not wrong & {"nvt.temperature.relative_error", "nvt.equipartition.relative_error"}


def test_frozen_atoms_are_seen(crystal) -> None:
    # So many that velocities are no Gaussian by far: their kurtosis is 3 · 108 / 88.
    def freeze(moved, velocities):
        moved[:, :20], velocities[:, :20] = 0.0, 0.0
        return moved, velocities * np.sqrt(108 / 88)

    wrong = spoiled(crystal, fault=freeze)
    assert {"nvt.amplitude.frozen", "nvt.velocity_distribution.z"} <= wrong
    assert "nvt.temperature.relative_error" not in wrong


def test_unshared_energy_is_seen_though_the_mean_temperature_is_right(crystal) -> None:
    def heat_short_waves(moved, velocities):
        # Neighbouring planes against each other, at the expense of everything else.
        rng = np.random.default_rng(0)
        planes = np.tile([1.0, 1.0, -1.0, -1.0], 27)[:, None]
        size = velocities.std()
        own = rng.normal(scale=0.5 * size, size=(len(velocities), 1, 3))
        mixed = velocities + planes * own
        return moved, mixed * np.sqrt(np.mean(velocities**2) / np.mean(mixed**2))

    wrong = spoiled(crystal, fault=heat_short_waves)
    assert "nvt.equipartition.relative_error" in wrong
    assert "nvt.temperature.relative_error" not in wrong


def test_a_hot_axis_is_seen_though_the_mean_temperature_is_right(crystal) -> None:
    def heat_x(moved, velocities):
        return moved, velocities * np.sqrt([1.2, 0.9, 0.9])

    wrong = spoiled(crystal, fault=heat_x)
    assert "nvt.components.relative_error" in wrong
    assert "nvt.temperature.relative_error" not in wrong


def test_a_rescaled_kinetic_energy_has_no_width(crystal) -> None:
    def rescale(moved, velocities):
        square = np.mean(velocities**2, axis=(1, 2), keepdims=True)
        return moved, velocities * np.sqrt(np.mean(square) / square)

    assert spoiled(crystal, fault=rescale) == {"nvt.kinetic_distribution.z"}


def test_atoms_that_change_places_are_seen(crystal) -> None:
    def wander(moved, velocities):
        steps = np.linspace(0.0, 20.0, len(moved))[:, None]
        moved[:, 0] += steps * [1.0, 0.0, 0.0]
        return moved, velocities

    assert "nvt.sites.empty" in spoiled(crystal, fault=wander)


def test_other_lengths_are_cut_to_the_shortest(crystal) -> None:
    result = compare(
        crystal(1, n_frames=120), [crystal(2), crystal(3, n_frames=150)], temperature=600.0
    )
    series = next(c for c in result.curves if c.quantity == "temperature")
    assert 100 * 20.0 < series.x[-1] <= 119 * 20.0


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
