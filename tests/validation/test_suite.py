"""The suite on a harmonic crystal: the exact map passes, and every fault fails its own check."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.errors import LongstrideError
from longstride.state import State
from longstride.testsystems import HarmonicCrystal
from longstride.validation import Results, read_curves, read_results
from longstride.validation.experiment import Subject
from longstride.validation.snapshots import read_snapshots
from longstride.validation.suite import Request, SuiteSettings, validate_model
from longstride.validation.thresholds import packaged_thresholds

# The crystal is bound to its place in space, so that only the law of reversibility holds for it.
FAMILIES = ("onestep", "horizon", "nve", "nvt", "structure", "dynamics")
SETTINGS = {
    "friction_time": 400.0,
    "damping": 100.0,
    "equilibration": 1500.0,
    "decorrelation": 500.0,
    "flights": 3,
    "flight_time": 1200.0,
    "free_time": 9000.0,
    "runs": 1,
    "references": 2,
    "run_time": 15000.0,
    "discard": 600.0,
    "windows": 6,
    "energies": 250,
    "speed_rounds": 0,
}

Stages = tuple[State, ...]


class Faulty:
    """A propagator whose strides are spoiled."""

    def __init__(
        self, crystal: HarmonicCrystal, fault: Callable[[State, Stages], Stages] | None
    ) -> None:
        self._exact = crystal.propagator(60.0, 3)
        self._fault = fault
        self.stride, self.stage_times = self._exact.stride, self._exact.stage_times

    def step(self, state: State, rng: np.random.Generator) -> State:
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> Stages:
        stages = self._exact.stages(state, rng)
        return stages if self._fault is None else self._fault(state, stages)


def scaled(factor: float) -> Callable[[State, Stages], Stages]:
    """The stride's last velocities by a factor."""

    def fault(start: State, stages: Stages) -> Stages:
        return *stages[:-1], stages[-1].with_(velocities=factor * stages[-1].velocities)

    return fault


def frozen(start: State, stages: Stages) -> Stages:
    """The first eight atoms do not move; the others share their momentum."""

    def hold(state: State) -> State:
        q, v = state.positions.copy(), state.velocities.copy()
        q[:8], v[:8] = start.positions[:8], 0.0
        return state.with_(positions=q, velocities=v)

    return tuple(hold(state) for state in stages)


def unshared(start: State, stages: Stages) -> Stages:
    """Noise on short waves, and all velocities rescaled to the kinetic energy there was."""
    end = stages[-1]
    rng = np.random.default_rng(zlib.crc32(end.velocities.tobytes()))
    # Neighbouring planes against each other, along x, y and z: the zone's boundary.
    planes = np.array([[1.0, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])
    kicks = rng.normal(scale=0.3 * end.velocities.std(), size=(3, 3))
    mixed = end.velocities + np.tile(planes.T @ kicks, (end.n_atoms // 4, 1))
    factor = np.sqrt(np.sum(end.velocities**2) / np.sum(mixed**2))
    return *stages[:-1], end.with_(velocities=factor * mixed)


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=3)


@pytest.fixture(scope="module")
def soft() -> HarmonicCrystal:
    """Frequencies are 16 % lower: several noise floors of each quantity of the spectrum."""
    return HarmonicCrystal.fcc(repeat=3, spring=0.7 * 1.3)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference's trajectories, made once for all tests."""
    return tmp_path_factory.mktemp("parts")


@pytest.fixture
def validate(crystal, cache: Path, tmp_path: Path, make_engine, make_notes, al_regime):
    """Validate a map of the harmonic crystal."""

    def run(
        propagator: Any, name: str, families: tuple[str, ...], **changes: Any
    ) -> tuple[Results, Any]:
        subject = Subject(name, propagator, al_regime, name, {})
        settings = SuiteSettings(**{"temperatures": (600.0,), **SETTINGS, **changes})
        notes = make_notes()
        request = Request(families, True, settings, packaged_thresholds(), tmp_path, cache, "test")
        engine = make_engine(crystal)
        results = validate_model(
            subject, engine, lambda temperature: crystal.lattice, None, request, notes
        )
        return results, notes

    return run


def failed(results: Results) -> set[str]:
    return {check.name.split("[")[0] for check in results.checks if not check.passed}


def test_the_exact_map_passes_and_everything_is_written(
    validate, crystal, cache: Path, tmp_path: Path
) -> None:
    results, notes = validate(Faulty(crystal, None), "exact", FAMILIES)
    assert failed(results) == set()
    families = {check.name.split(".")[0] for check in results.checks}
    assert families == {"onestep", "horizon", "nve", "nvt"}
    assert read_results(tmp_path / "results.json") == results
    quantities = {curve.quantity for curve in read_curves(tmp_path / "arrays.npz")}
    assert {"parity_d", "stage_error_w", "horizon", "nve_total", "rdf", "dispersion"} <= quantities
    assert len(read_snapshots(tmp_path / "snapshots.npz")) == 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "results.json",
        "arrays.npz",
        "snapshots.npz",
    }
    # Everything is there now, so nothing is simulated again; a lost part is made again, alone.
    again, notes = validate(Faulty(crystal, None), "exact", FAMILIES)
    assert again.checks == results.checks
    assert not [title for title in notes.made if "reference" in title or "surrogate" in title]
    (lost,) = cache.glob("surrogate-energy-*.h5")
    lost.write_bytes(lost.read_bytes()[:500])
    mended, notes = validate(Faulty(crystal, None), "exact", FAMILIES)
    assert mended.checks == results.checks
    assert [title for title in notes.made if "surrogate" in title] == [
        "600K: surrogate at constant energy"
    ]


def test_another_seed_of_the_exact_map_passes(validate, crystal) -> None:
    results, _ = validate(Faulty(crystal, None), "exact", ("nvt", "structure", "dynamics"), seed=7)
    assert failed(results) == set()


def test_a_leak_fails_by_drift_temperature_and_reversibility(validate, crystal) -> None:
    results, _ = validate(Faulty(crystal, scaled(0.95)), "leak", ("onestep", "nve", "nvt", "laws"))
    assert {
        "nve.energy_drift",
        "nvt.temperature.relative_error",
        "laws.reversibility",
    } <= failed(results)


def test_a_heated_map_fails_by_temperature(validate, crystal) -> None:
    results, _ = validate(Faulty(crystal, scaled(1.03)), "hot", ("nvt",))
    assert "nvt.temperature.relative_error" in failed(results)
    checks = {check.name: check for check in results.checks}
    assert checks["nvt.temperature.relative_error[600K]"].value > 0.05


def test_soft_springs_fail_by_spectrum_not_by_temperature(validate, soft) -> None:
    results, _ = validate(soft.propagator(60.0, 3), "soft", ("nvt", "structure", "dynamics"))
    wrong = failed(results)
    assert {"nvt.vdos.mean_frequency", "nvt.dispersion.relative_error"} <= wrong
    assert "nvt.amplitude.relative_error" in wrong
    assert "nvt.temperature.relative_error" not in wrong


def test_frozen_atoms_fail_by_their_amplitude(validate, crystal) -> None:
    results, _ = validate(Faulty(crystal, frozen), "frozen", ("nvt", "structure"))
    assert {"nvt.amplitude.frozen", "nvt.velocity_distribution.z"} <= failed(results)


def test_unshared_energy_fails_by_equipartition(validate, crystal) -> None:
    results, _ = validate(Faulty(crystal, unshared), "unshared", ("nvt",))
    wrong = failed(results)
    assert "nvt.equipartition.relative_error" in wrong


def test_a_map_that_breaks_down_fails_and_is_still_reported(
    validate, crystal, tmp_path: Path
) -> None:
    def explode(start: State, stages: Stages) -> Stages:
        if start.time > 500.0:
            return *stages[:-1], stages[-1].with_(positions=np.nan * stages[-1].positions)
        return stages

    families = ("horizon", "nve", "nvt", "laws")
    results, _ = validate(Faulty(crystal, explode), "explodes", families)
    assert {"horizon.survival", "nve.survival", "nvt.survival"} <= failed(results)
    assert any("broke down" in note for note in results.provenance.notes)
    assert read_results(tmp_path / "results.json") == results


def test_what_cannot_be_judged_leaves_no_results(validate, crystal, tmp_path: Path) -> None:
    with pytest.raises(LongstrideError, match="frames"):
        validate(Faulty(crystal, None), "exact", ("nvt",), run_time=300.0, discard=0.0)
    with pytest.raises(LongstrideError, match="outside the model's"):
        validate(Faulty(crystal, None), "exact", ("nvt",), temperatures=(2000.0,))
    assert list(tmp_path.iterdir()) == []
