"""The reference in steps of its own, judged as a surrogate is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.dynamics import closest_pair
from longstride.errors import ConfigError, EngineError, RolloutError
from longstride.reference import Outcome, Phase
from longstride.state import State
from longstride.testsystems import HarmonicCrystal
from longstride.validation.bench_record import Matched
from longstride.validation.experiment import Subject
from longstride.validation.matched_fidelity import candidate_steps, find_matched
from longstride.validation.suite import Request, SuiteSettings
from longstride.validation.suite.coarse_engine import CoarseEngine
from longstride.validation.suite.movers import Flight
from longstride.validation.suite.timeline import Timeline
from longstride.validation.thresholds import packaged_thresholds

TIMES = Timeline((20.0, 40.0, 60.0))
SETTINGS = SuiteSettings(
    temperatures=(600.0,),
    friction_time=400.0,
    damping=100.0,
    equilibration=1500.0,
    decorrelation=500.0,
    flights=2,
    flight_time=1200.0,
    free_time=6000.0,
    runs=1,
    references=2,
    run_time=9000.0,
    discard=600.0,
    windows=6,
    energies=100,
    speed_rounds=0,
)


@pytest.fixture(scope="module")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


@pytest.fixture
def coarse(crystal: HarmonicCrystal, make_engine):
    """The crystal by velocity Verlet at a time step."""

    def make(step: float) -> CoarseEngine:
        return CoarseEngine(make_engine(crystal, exact=False), step, TIMES, SETTINGS, 1.0)

    return make


def test_candidates_divide_the_interval_and_grow_up_to_it() -> None:
    steps = candidate_steps(20.0, 2.0)
    assert steps == (2.0, 20 / 9, 2.5, 20 / 7, 20 / 6, 4.0, 5.0, 20 / 3, 10.0, 20.0)
    assert candidate_steps(15.0, 2.0)[0] == pytest.approx(1.875)
    assert candidate_steps(1.0, 2.0) == (1.0,)


@pytest.mark.parametrize("step", [3.0, 40.0, 6.66])
def test_a_step_that_divides_nothing_is_refused(coarse, step: float) -> None:
    with pytest.raises(ConfigError, match=f"{step:g} fs does not divide the 20 fs"):
        coarse(step)


def test_a_stride_is_so_many_steps_of_velocity_verlet(crystal, coarse) -> None:
    rng = np.random.default_rng(3)
    start = crystal.sample(600.0, rng).with_(time=120.0)
    stages = coarse(5.0).stages(start, rng)
    expected = crystal.verlet(5.0, 12, 3).stages(start, rng)
    assert [state.time for state in stages] == [140.0, 160.0, 180.0]
    for found, known in zip(stages, expected, strict=True):
        np.testing.assert_allclose(found.positions, known.positions, atol=1e-12)
        np.testing.assert_allclose(found.velocities, known.velocities, atol=1e-14)


def test_the_error_of_a_stride_is_of_second_order(crystal, coarse) -> None:
    rng = np.random.default_rng(3)
    start = crystal.sample(600.0, rng)
    exact = crystal.evolve(start, 60.0)
    errors = [
        np.linalg.norm(coarse(h).step(start, rng).positions - exact.positions) for h in (2.0, 1.0)
    ]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.05)


def test_flights_keep_the_times_of_the_timeline(crystal, coarse) -> None:
    start = crystal.sample(600.0, np.random.default_rng(3))
    for flight, times in (
        (Flight(start, 2), [60.0, 120.0]),
        (Flight(start, 1, 600.0, substride=True), [20.0, 40.0, 60.0]),
    ):
        states: list[Any] = []
        coarse(20 / 3).fly(flight, 0, states.append)
        assert [state.time for state in states] == times


def test_baths_of_several_flights_differ(crystal, coarse) -> None:
    start = crystal.sample(600.0, np.random.default_rng(3))
    ends = []
    for index in (0, 1, 0):
        states: list[Any] = []
        coarse(5.0).fly(Flight(start, 1, 600.0), index, states.append)
        ends.append(states[-1].velocities)
    np.testing.assert_array_equal(ends[0], ends[2])
    assert np.abs(ends[0] - ends[1]).max() > 1e-4


def test_beyond_its_limit_of_stability_it_breaks_down(crystal, make_engine) -> None:
    """Velocity Verlet of a vibration ω diverges from h = 2/ω on, here 32 fs."""
    times = Timeline((40.0,))
    engine = make_engine(crystal, exact=False)
    unstable = CoarseEngine(engine, 40.0, times, SETTINGS, 1.0)
    start = crystal.sample(600.0, np.random.default_rng(3))
    with pytest.raises(RolloutError, match="in steps of 40 fs: lost atoms"):
        unstable.fly(Flight(start, 100), 0, lambda state: None)


def test_overlapping_atoms_end_a_flight_as_they_end_a_rollout(crystal, make_engine) -> None:
    start = crystal.sample(600.0, np.random.default_rng(3))
    engine = make_engine(crystal, exact=False)
    # Not reached at the start, but soon.
    wary = CoarseEngine(engine, 5.0, TIMES, SETTINGS, 2.4)
    states: list[Any] = []
    with pytest.raises(RolloutError, match="overlap"):
        wary.fly(Flight(start, 200), 0, states.append)
    assert 0 < len(states) < 200
    for state in states:
        assert closest_pair(state, 2.4) is None


class Fragile:
    """An engine that gives up after some steps, what it recorded before being told."""

    def __init__(self, engine: Any, after: int) -> None:
        self._engine, self._after = engine, after
        self.describe, self.evaluate = engine.describe, engine.evaluate

    def simulate(self, state: State, phases: Sequence[Phase], record: Any = None) -> Outcome:
        (phase,) = phases
        if phase.steps <= self._after:
            return self._engine.simulate(state, phases, record)
        if self._after:
            self._engine.simulate(state, [replace(phase, steps=self._after)], record)
        raise EngineError("lost atoms")


@pytest.fixture
def search(crystal, make_engine, make_notes, al_regime, tmp_path: Path):
    """Judges a harmonic crystal's exact map, and the steps of the reference."""

    def find(
        model: HarmonicCrystal,
        families: Sequence[str],
        coarse: Any = None,
        settings: SuiteSettings = SETTINGS,
    ):
        subject = Subject("model", model.propagator(60.0, 3), al_regime, f"{id(model)}", {})
        engine = make_engine(crystal, exact=False)
        notes = make_notes()
        request = Request(families, True, settings, packaged_thresholds(), tmp_path, tmp_path)
        found = find_matched(
            subject, engine, coarse or engine, lambda temperature: crystal.lattice, request, notes
        )
        return found, notes

    return find


def test_the_largest_step_that_passes_is_found(search, crystal, tmp_path: Path) -> None:
    families = ("onestep", "nve", "nvt")
    found, notes = search(crystal, families)
    assert found.model_failed == ()
    assert found.time_step is not None
    # The fastest frequencies are wrong by (ωh)²/24, 1.6 % at 10 fs: 6 % of a stride's change.
    assert 4.0 <= found.time_step < 10.0
    candidates = candidate_steps(20.0, 2.0)
    longer = candidates[candidates.index(found.time_step) + 1 :]
    assert tuple(found.failed) == longer[::-1]
    for names in found.failed.values():
        assert any(name.startswith("onestep") for name in names)
    made = [title for title in notes.made if "reference" in title]
    assert len(made) == len(set(made)), "the reference is run once for all"
    # Everything is there now: the same answer from the files.
    again, notes = search(crystal, families)
    assert again == found
    assert not [title for title in notes.made if "reference" in title or "steps-of" in title]
    assert not list(tmp_path.glob("results.json"))
    assert Matched.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("after", [0, 100])
def test_a_breakdown_is_a_failed_check_and_no_crash(
    search, crystal, make_engine, after: int
) -> None:
    families = ("onestep", "horizon", "nve", "nvt", "structure", "dynamics", "laws")
    fragile = Fragile(make_engine(crystal, exact=False), after)
    two_candidates = SETTINGS.model_copy(update={"largest_step": 10.0})
    found, _ = search(crystal, families, fragile, two_candidates)
    assert found.time_step is None
    assert tuple(found.failed) == (20.0, 10.0)
    names = found.failed[10.0]
    survival = {"horizon.survival[600K]", "nve.survival[600K]", "nvt.survival[600K]"}
    assert survival <= set(names)
    # 100 steps are enough for a stride, none is not.
    assert ("onestep.survival[600K]" in names) == (after == 0)
    assert ("laws.momentum[600K]" in names) == (after == 0)


def test_what_the_model_fails_is_told(search) -> None:
    soft = HarmonicCrystal.fcc(repeat=2, spring=0.8 * 1.3)
    found, _ = search(soft, ("onestep",))
    assert "onestep.w.relative_error[600K]" in found.model_failed
