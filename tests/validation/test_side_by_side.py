"""The whole experiment on a harmonic crystal, where surrogate and reference can both be exact."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.dynamics import langevin, nve, rollout
from longstride.errors import ConfigError, RegimeError
from longstride.reference import Evaluation, Frames, Outcome, Phase
from longstride.state import State
from longstride.testsystems import HarmonicCrystal
from longstride.trajectory import TrajectoryFile
from longstride.validation import read_curves, read_results
from longstride.validation.experiment import SideBySideSettings, Subject
from longstride.validation.side_by_side import SideBySide


class HarmonicEngine:
    """A reference engine that solves the harmonic crystal exactly between frames."""

    def __init__(self, crystal: HarmonicCrystal) -> None:
        self.crystal = crystal
        self.calls = 0

    def describe(self) -> dict[str, Any]:
        return {"engine": "harmonic", "potential": "springs"}

    def simulate(self, state: State, phases: Sequence[Phase], record: Any = None) -> Outcome:
        self.calls += 1
        for index, phase in enumerate(phases):
            block = phase.every or 10
            propagator = self.crystal.propagator(block * phase.time_step)
            bath = phase.langevin
            ensemble = (
                nve(propagator)
                if bath is None
                else langevin(propagator, bath.temperature, bath.damping)
            )
            rng = np.random.default_rng(bath.seed if bath else 0)
            strides = rollout(ensemble, state.with_(time=0.0), rng, phase.steps // block)
            states = [state.with_(time=0.0), *(stride.end for stride in strides)]
            if phase.every and record is not None:
                record(index, self._frames(states))
            state = states[-1]
        return Outcome(state, tuple(0.5 for _ in phases))

    def evaluate(self, states: Sequence[State]) -> Evaluation:
        energies = np.array([self.crystal.potential_energy(s) for s in states])
        return Evaluation(energies, np.zeros((len(states), 1, 3)), np.zeros((len(states), 3, 3)))

    def _frames(self, states: list[State]) -> Frames:
        return Frames(
            times=np.array([s.time for s in states]),
            positions=np.array([s.positions for s in states]),
            velocities=np.array([s.velocities for s in states]),
            potential_energy=self.evaluate(states).potential_energy,
            stress=np.zeros((len(states), 3, 3)),
            cells=np.array([s.cell for s in states]),
        )


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


class AlRegime:
    species, masses = (13,), (26.9815385,)
    temperature, density, shortest_distance = (300.0, 900.0), (0.05, 0.07), 1.0


class Notes:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.kept: list[str] = []
        self.progress: list[float] = []

    @contextmanager
    def part(self, title: str, total: float | None) -> Iterator[Callable[[float], None]]:
        self.made.append(title)
        yield self.progress.append

    def reused(self, title: str) -> None:
        self.kept.append(title)


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


def experiment(
    crystal: HarmonicCrystal, folder: Path, kept: float = 1.0, **changes: Any
) -> tuple[SideBySide, Notes]:
    settings = SideBySideSettings(
        **{"temperature": 600.0, "time": 6000.0, "seed": 4, "speed_rounds": 1, **changes}
    )
    subject = Subject("exact", Cooling(crystal, kept), AlRegime(), f"{kept}", {"kept": kept})
    notes = Notes()
    engine = HarmonicEngine(crystal)
    return SideBySide(subject, engine, crystal.lattice, settings, folder, notes), notes


def test_an_exact_surrogate_passes_and_everything_is_written(
    crystal: HarmonicCrystal, tmp_path: Path
) -> None:
    run, notes = experiment(crystal, tmp_path)
    results = run.run("longstride demo")
    assert [c.name for c in results.checks if not c.passed] == []
    assert len(results.checks) == 7
    assert read_results(tmp_path / "results.json") == results
    assert len(read_curves(tmp_path / "arrays.npz")) == 5
    assert "resolves temperature to ±" in results.provenance.notes[0]
    assert {s.role for s in results.provenance.speed} == {"surrogate", "reference"}
    assert notes.progress[-1] == pytest.approx(6000.0)
    names = {p.name for p in tmp_path.iterdir()}
    assert names == {
        *("start.h5", "surrogate.h5", "reference-1.h5", "reference-2.h5"),
        *("speed.json", "results.json", "arrays.npz"),
    }
    with TrajectoryFile(tmp_path / "surrogate.h5") as file:
        assert file["run"].interval == pytest.approx(20.0)
        assert file["run"].n_frames == 301


def test_all_runs_start_from_one_phase_point(crystal: HarmonicCrystal, tmp_path: Path) -> None:
    run, _ = experiment(crystal, tmp_path)
    run.run("")
    starts = []
    for name in ("start", "surrogate", "reference-1", "reference-2"):
        with TrajectoryFile(tmp_path / f"{name}.h5") as file:
            starts.append(file["run"].state(0))
    for other in starts[1:]:
        np.testing.assert_array_equal(other.positions, starts[0].positions)
        np.testing.assert_array_equal(other.velocities, starts[0].velocities)


def test_parts_are_used_again_exactly_when_nothing_of_theirs_changed(
    crystal: HarmonicCrystal, tmp_path: Path
) -> None:
    first = experiment(crystal, tmp_path)[0].run("")
    again, notes = experiment(crystal, tmp_path)
    assert again.run("").checks == first.checks
    assert notes.made == ["comparison"]
    assert len(notes.kept) == 5
    other, notes = experiment(crystal, tmp_path, kept=0.999)
    other.run("")
    assert notes.kept == ["common start", "reference, run 1 of 2", "reference, run 2 of 2"]
    (tmp_path / "reference-2.h5").write_bytes(b"damaged")
    mended, notes = experiment(crystal, tmp_path, kept=0.999)
    mended.run("")
    assert notes.made == ["reference, run 2 of 2", "comparison"]
    longer, notes = experiment(crystal, tmp_path, kept=0.999, seed=5)
    longer.run("")
    assert notes.kept == []


def test_a_cooling_surrogate_fails_by_temperature(crystal: HarmonicCrystal, tmp_path: Path) -> None:
    run, _ = experiment(crystal, tmp_path, kept=0.97)
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
    crystal: HarmonicCrystal, tmp_path: Path, changes: dict, error: type, words: str
) -> None:
    with pytest.raises(error, match=words):
        experiment(crystal, tmp_path, **changes)
    assert list(tmp_path.iterdir()) == []
