"""The whole experiment on a harmonic crystal, where surrogate and reference can both be exact."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.errors import ConfigError, RegimeError
from longstride.state import State
from longstride.testsystems import HarmonicCrystal
from longstride.trajectory import TrajectoryFile
from longstride.validation import read_curves, read_results
from longstride.validation.experiment import SideBySideSettings, Subject
from longstride.validation.side_by_side import SideBySide
from longstride.validation.snapshots import read_snapshots


class Cooling:
    """An exact propagator that loses a little kinetic energy every stride."""

    def __init__(self, crystal: HarmonicCrystal, kept: float) -> None:
        self._exact = crystal.propagator(60.0, 3)
        self._kept = kept
        self.stride, self.stage_times = self._exact.stride, self._exact.stage_times

    def step(self, state: State, rng: np.random.Generator) -> State:
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        inside = self._exact.stages(state, rng)
        return *inside[:-1], inside[-1].with_(velocities=self._kept * inside[-1].velocities)


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


@pytest.fixture
def experiment(crystal: HarmonicCrystal, tmp_path: Path, make_engine, make_notes, al_regime):
    """The experiment in a folder, with the listener that hears of it."""

    def make(kept: float = 1.0, **changes: Any) -> tuple[SideBySide, Any]:
        settings = SideBySideSettings(
            **{"temperature": 600.0, "time": 6000.0, "seed": 4, "speed_rounds": 1, **changes}
        )
        subject = Subject("exact", Cooling(crystal, kept), al_regime, f"{kept}", {"kept": kept})
        notes = make_notes()
        engine = make_engine(crystal)
        return SideBySide(subject, engine, crystal.lattice, settings, tmp_path, notes), notes

    return make


def test_an_exact_surrogate_passes_and_everything_is_written(experiment, tmp_path: Path) -> None:
    run, notes = experiment()
    results = run.run("longstride demo")
    assert [c.name for c in results.checks if not c.passed] == []
    assert {c.name.split(".")[0] for c in results.checks} == {"nvt"}
    assert read_results(tmp_path / "results.json") == results
    assert {"rdf", "msd", "vdos"} <= {c.quantity for c in read_curves(tmp_path / "arrays.npz")}
    assert read_snapshots(tmp_path / "snapshots.npz")[0].condition == "600K"
    assert "resolves temperature to ±" in results.provenance.notes[0]
    assert {s.role for s in results.provenance.speed} == {"surrogate", "reference"}
    assert notes.progress[-1] == pytest.approx(6000.0)
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {
        *("start.h5", "surrogate.h5", "reference-1.h5", "reference-2.h5"),
        *("speed.json", "results.json", "arrays.npz", "snapshots.npz"),
    }
    with TrajectoryFile(tmp_path / "surrogate.h5") as file:
        assert file["run"].interval == pytest.approx(20.0)
        assert file["run"].n_frames == 301


def test_all_runs_start_from_one_phase_point(experiment, tmp_path: Path) -> None:
    run, _ = experiment()
    run.run("")
    starts = []
    for name in ("start", "surrogate", "reference-1", "reference-2"):
        with TrajectoryFile(tmp_path / f"{name}.h5") as file:
            starts.append(file["run"].state(0))
    for other in starts[1:]:
        np.testing.assert_array_equal(other.positions, starts[0].positions)
        np.testing.assert_array_equal(other.velocities, starts[0].velocities)


def test_parts_are_used_again_exactly_when_nothing_of_theirs_changed(
    experiment, tmp_path: Path
) -> None:
    first = experiment()[0].run("")
    again, notes = experiment()
    assert again.run("").checks == first.checks
    assert notes.made[0] == "comparison"
    assert len(notes.kept) == 5
    other, notes = experiment(kept=0.999)
    other.run("")
    assert notes.kept == ["common start", "reference, run 1 of 2", "reference, run 2 of 2"]
    (tmp_path / "reference-2.h5").write_bytes(b"damaged")
    mended, notes = experiment(kept=0.999)
    mended.run("")
    assert notes.made[:2] == ["reference, run 2 of 2", "comparison"]
    longer, notes = experiment(kept=0.999, seed=5)
    longer.run("")
    assert notes.kept == []


def test_a_cooling_surrogate_fails_by_temperature(experiment, tmp_path: Path) -> None:
    """By three quarters of its temperature, where 12 ps tell it to a third."""
    run, _ = experiment(kept=0.5, time=12000.0)
    failed = {c.name.split("[")[0] for c in run.run("").checks if not c.passed}
    assert "nvt.temperature.relative_error" in failed


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"time": 300.0}, ConfigError, "too short to compare, give 0.82 ps"),
        ({"temperature": 1200.0}, RegimeError, "1200 K"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_runs(
    experiment, tmp_path: Path, changes: dict, error: type, words: str
) -> None:
    with pytest.raises(error, match=words):
        experiment(**changes)
    assert list(tmp_path.iterdir()) == []
