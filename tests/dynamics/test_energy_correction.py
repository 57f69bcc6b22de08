"""Energy held in NVE: laws, a map made to drift on purpose, and what a noisy energy does."""

from pathlib import Path

import numpy as np
import pytest

from longstride.dynamics import (
    CORRECTION_COLUMN,
    ENERGY_COLUMNS,
    CorrectionObserver,
    EnergyCorrection,
    EnergyObserver,
    RememberedPotential,
    RunFiles,
    RunPlan,
    draw_velocities,
    load_restart,
    nve,
    read_thermo,
    resume_run,
    start_run,
)
from longstride.errors import ConfigError, FileFormatError, RolloutError
from longstride.propagator import Configuration, Potential
from longstride.state import State
from longstride.testsystems import HarmonicCrystal, LennardJones
from longstride.testsystems.verlet import VelocityVerlet
from longstride.units import BOLTZMANN, GPA

PLAN = RunPlan(n_strides=40, restart_every=7)


class Heating:
    """A map whose velocities grow by a factor a stride: it heats on purpose."""

    def __init__(self, inner: VelocityVerlet, factor: float) -> None:
        self._inner, self._factor = inner, factor

    @property
    def stride(self) -> float:
        """Time of one stride in fs."""
        return self._inner.stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        """One stride, heated in the frame of the centre of mass."""
        end = self._inner.step(state, rng)
        drift = np.average(end.velocities, axis=0, weights=end.masses)
        return end.with_(velocities=drift + self._factor * (end.velocities - drift))


class Wrong:
    """A potential whose energy is off by white noise of its own, and counts its evaluations."""

    def __init__(self, inner: Potential, deviation: float, seed: int) -> None:
        self._inner, self._deviation = inner, deviation
        self._rng = np.random.default_rng(seed)
        self.evaluations = 0

    def configuration(self, state: State) -> Configuration:
        """Energy with an error of the moment."""
        self.evaluations += 1
        energy, stress = self._inner.configuration(state)
        return Configuration(energy + self._deviation * self._rng.standard_normal(), stress)


def total(potential: Potential, state: State) -> float:
    return state.kinetic_energy + potential.configuration(state).energy


def moving(state: State) -> State:
    """The state in a frame that moves fast, so that its momentum would show an error."""
    return state.with_(velocities=state.velocities + np.array([3e-3, -1e-3, 2e-3]))


def test_a_correction_at_once_sets_the_total_energy_and_keeps_the_momentum():
    rng = np.random.default_rng(1)
    crystal = HarmonicCrystal.fcc(repeat=2)
    state = moving(crystal.sample(300.0, rng))
    held = EnergyCorrection(
        Heating(crystal.verlet(5.0, 4), 1.003), crystal, relaxation_time=0.0, every=1
    )
    energy, momentum = total(crystal, state), state.momenta.sum(0)
    for _ in range(200):
        state = held.step(state, rng)
        assert total(crystal, state) == pytest.approx(energy, rel=1e-12)
    np.testing.assert_allclose(state.momenta.sum(0), momentum, rtol=1e-11)
    assert held.given < 0.0


def test_a_relaxing_correction_leaves_the_offset_that_its_time_and_the_drift_say():
    """r t_c, for a heating at the rate r of the kinetic energy: 2 ln(factor) K/τ."""
    rng = np.random.default_rng(2)
    crystal = HarmonicCrystal.fcc(repeat=3)
    state = crystal.sample(300.0, rng)
    factor, stride, time = 1.0005, 20.0, 400.0
    heating = Heating(crystal.verlet(5.0, 4), factor)
    held = EnergyCorrection(heating, crystal, relaxation_time=time, every=1)
    energy = total(crystal, state)
    offsets, kinetic = [], []
    for index in range(900):
        state = held.step(state, rng)
        if index > 300:
            offsets.append(total(crystal, state) - energy)
            kinetic.append(state.kinetic_energy)
    share = 1.0 - np.exp(-stride / time)
    # In the steady state a stride adds g and the correction takes f (offset + g) back.
    gained = (factor**2 - 1.0) * np.mean(kinetic)
    expected = gained * (1.0 - share) / share
    blocks = np.reshape(offsets[:590], (10, -1)).mean(axis=1)
    # Below the scatter of blocks lies the (ωh)² ripple of velocity Verlet's energy.
    error = blocks.std(ddof=1) / np.sqrt(10)
    assert abs(blocks.mean() - expected) < 4.0 * error + 1e-3 * expected
    free = crystal.sample(300.0, np.random.default_rng(2))
    before = total(crystal, free)
    for _ in range(900):
        free = heating.step(free, rng)
    assert total(crystal, free) - before > 10.0 * max(offsets)


def test_argon_that_heats_is_held_at_its_temperature():
    rng = np.random.default_rng(3)
    argon = LennardJones()
    state = draw_velocities(argon.crystal(3), 80.0, rng)
    for _ in range(100):
        state = argon.verlet(4.0, 5).step(state, rng)
    start = moving(state)
    energy, momentum = total(argon, start), start.momenta.sum(0)
    held = EnergyCorrection(Heating(argon.verlet(4.0, 5), 1.001), argon, 200.0, every=2)
    state = start
    for _ in range(200):
        state = held.step(state, rng)
    kinetic = 1.5 * state.n_atoms * BOLTZMANN * 40.0
    assert abs(total(argon, state) - energy) < 0.03 * kinetic
    np.testing.assert_allclose(state.momenta.sum(0), momentum, rtol=1e-10)


@pytest.mark.parametrize("time", [0.0, 500.0])
def test_the_error_of_an_energy_that_fluctuates_does_not_become_heat(time: float):
    """The true energy scatters by sqrt(f/(2 - f)) of the error, and does not walk away."""
    rng = np.random.default_rng(4)
    crystal = HarmonicCrystal.fcc(repeat=2)
    state = crystal.sample(300.0, rng)
    deviation, stride = 2e-3, 85.0
    wrong = Wrong(crystal, deviation, seed=5)
    held = EnergyCorrection(crystal.propagator(stride), wrong, time, every=1)
    series = []
    for _ in range(2000):
        state = held.step(state, rng)
        series.append(total(crystal, state))
    share = 1.0 if time == 0.0 else 1.0 - np.exp(-stride / time)
    expected = deviation**2 * share / (2.0 - share)
    squares = np.square(np.array(series[500:]) - np.mean(series[500:]))
    blocks = squares.reshape(25, -1).mean(axis=1)
    assert abs(blocks.mean() - expected) < 4.0 * blocks.std(ddof=1) / 5.0
    halves = np.array(series[500:]).reshape(2, 25, -1).mean(axis=2)
    spread = np.sqrt((halves.var(axis=1, ddof=1) / 25).sum())
    assert abs(halves[1].mean() - halves[0].mean()) < 4.0 * spread


def test_a_correction_never_scales_by_more_than_its_bound():
    rng = np.random.default_rng(6)
    crystal = HarmonicCrystal.fcc(repeat=2)
    state = crystal.sample(300.0, rng)
    for factor in (1.2, 1e3, 0.5):
        heating = Heating(crystal.verlet(5.0, 4), factor)
        held = EnergyCorrection(heating, crystal, 0.0, every=1)
        with pytest.raises(RolloutError, match=r"energy correction at t = .* outside 1 ± 0.01"):
            held.step(state, rng)


def test_what_has_no_scale_is_refused_and_never_a_nan():
    rng = np.random.default_rng(7)
    crystal = HarmonicCrystal.fcc(repeat=2)
    at_rest = crystal.lattice.with_(velocities=np.zeros((crystal.lattice.n_atoms, 3)))
    held = EnergyCorrection(crystal.propagator(20.0), crystal, 0.0, every=1)
    with pytest.raises(RolloutError, match="scaled by nan"):
        held.step(at_rest, rng)
    unknown = EnergyCorrection(crystal.propagator(20.0), Wrong(crystal, np.nan, 1), 0.0, every=1)
    with pytest.raises(RolloutError, match="nan meV per atom"):
        unknown.step(crystal.sample(300.0, rng), rng)
    for wrong in ({"relaxation_time": -1.0}, {"relaxation_time": np.inf}, {"every": 0}):
        with pytest.raises(ConfigError):
            EnergyCorrection(crystal.propagator(20.0), crystal, **wrong)
    with pytest.raises(ConfigError):
        EnergyCorrection(crystal.propagator(20.0), crystal, largest=1.0)
    with pytest.raises(ConfigError):
        EnergyObserver(crystal, 0)


def recorded(out: Path, every: int = 3):
    """A run of argon that heats and is held, with its energies in the record."""
    argon = LennardJones()
    potential = RememberedPotential(argon)
    held = EnergyCorrection(Heating(argon.verlet(4.0, 4), 1.0005), potential, 200.0, every=2)
    observers = (EnergyObserver(potential, every), CorrectionObserver(held))
    return nve(held), {"out": out, "observers": observers}


class Stop(Exception):
    """Stands for any interruption."""


def interrupt(stride) -> None:
    if stride.index == 26:
        raise Stop


def start(parts, **more) -> None:
    ensemble, options = parts
    rng = np.random.default_rng(8)
    state = draw_velocities(LennardJones().crystal(3), 60.0, rng)
    start_run(ensemble, state, rng, PLAN, **options, **more)


def test_a_resumed_run_is_the_unbroken_one_bit_for_bit(tmp_path: Path):
    start(recorded(tmp_path / "whole.h5"))
    with pytest.raises(Stop):
        start(recorded(tmp_path / "broken.h5"), monitor=interrupt)
    ensemble, options = recorded(tmp_path / "broken.h5")
    point = load_restart(RunFiles(options["out"]).restart)
    assert point.header.memory["energy_correction.strides"] == 21
    resume_run(ensemble, point, **options)
    files = [RunFiles(tmp_path / name) for name in ("whole.h5", "broken.h5")]
    assert files[0].thermo.read_bytes() == files[1].thermo.read_bytes()
    thermo = read_thermo(files[0].thermo)
    assert tuple(thermo.observed) == (*ENERGY_COLUMNS, CORRECTION_COLUMN)
    given = thermo.observed[CORRECTION_COLUMN]
    assert given[0] == 0.0
    assert np.isfinite(given).all()
    assert given[-1] < 0.0


def test_a_second_run_of_one_ensemble_begins_anew(tmp_path: Path):
    parts = recorded(tmp_path / "first.h5")
    start(parts)
    parts[1]["out"] = tmp_path / "second.h5"
    start(parts)
    texts = [RunFiles(tmp_path / name).thermo.read_text() for name in ("first.h5", "second.h5")]
    assert texts[0] == texts[1]


def test_energies_and_pressure_stand_in_every_kth_row(tmp_path: Path):
    start(recorded(tmp_path / "a.h5", every=4))
    thermo = read_thermo(tmp_path / "a.thermo.csv")
    potential, energy, pressure = (thermo.observed[name] for name in ENERGY_COLUMNS)
    known = np.isfinite(energy)
    np.testing.assert_array_equal(np.flatnonzero(known), np.arange(0, 41, 4))
    kinetic = thermo.kinetic_energy[known] / 108
    np.testing.assert_allclose(energy[known] - potential[known], kinetic, rtol=1e-12)
    rng = np.random.default_rng(8)
    argon = LennardJones()
    state = draw_velocities(argon.crystal(3), 60.0, rng)
    answer = argon.configuration(state)
    assert potential[0] == pytest.approx(answer.energy / 108, rel=1e-12)
    step = 1e-5
    sides = []
    for scale in (1.0 + step, 1.0 - step):
        moved = state.with_(positions=scale * state.positions, cell=scale * state.cell)
        sides.append(LennardJones().potential_energy(moved))
    by_volume = (sides[0] - sides[1]) / (6.0 * step * state.volume)
    expected = 2.0 * state.kinetic_energy / (3.0 * state.volume) - by_volume
    assert pressure[0] == pytest.approx(expected / GPA, rel=1e-5)


def test_a_record_with_other_columns_is_not_continued(tmp_path: Path):
    with pytest.raises(Stop):
        start(recorded(tmp_path / "a.h5"), monitor=interrupt)
    ensemble, options = recorded(tmp_path / "a.h5")
    point = load_restart(RunFiles(options["out"]).restart)
    with pytest.raises(FileFormatError, match="other columns"):
        resume_run(ensemble, point, options["out"])


def test_all_who_ask_about_the_same_positions_share_one_evaluation():
    rng = np.random.default_rng(9)
    crystal = HarmonicCrystal.fcc(repeat=2)
    counted = Wrong(crystal, 0.0, seed=1)
    potential = RememberedPotential(counted)
    held = EnergyCorrection(crystal.propagator(20.0), potential, 0.0, every=1)
    state = held.step(crystal.sample(300.0, rng), rng)
    EnergyObserver(potential).observe(0, state.with_(time=20.0))
    assert counted.evaluations == 2
    moved = state.with_(positions=state.positions + 0.01)
    answer = potential.configuration(moved)
    assert answer.energy == pytest.approx(crystal.potential_energy(moved), rel=1e-12)
    assert counted.evaluations == 3
