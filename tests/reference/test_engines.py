"""Laws that hold for every reference engine."""

import numpy as np
import pytest

from longstride.errors import EngineError
from longstride.reference import Barostat, Langevin, Phase, collect, run
from longstride.reference.structure import with_cell
from longstride.units import BOLTZMANN, GPA, MASS_VELOCITY_SQUARED


def frames_of(engine, state, phases):
    blocks = {}
    outcome = engine.simulate(state, phases, lambda i, f: blocks.setdefault(i, []).append(f))
    return outcome, {index: collect(block) for index, block in blocks.items()}


def kinetic_energy(frames, masses):
    squares = (frames.velocities**2).sum(axis=2)
    return 0.5 * MASS_VELOCITY_SQUARED * (masses * squares).sum(axis=1)


def blocked_z(series, expected, blocks=20):
    means = np.array([b.mean() for b in np.array_split(series, blocks)])
    return (means.mean() - expected) / (means.std(ddof=1) / np.sqrt(blocks))


def test_velocities_and_positions_belong_to_the_same_time(engine, copper):
    """Velocity Verlet: v(t) is exactly the central difference of the positions."""
    _, frames = frames_of(engine, copper, [Phase(70, 2.0, every=1)])
    f = frames[0]
    assert f.times.tolist() == [2.0 * k for k in range(71)]
    differences = (f.positions[2:] - f.positions[:-2]) / 4.0
    np.testing.assert_allclose(f.velocities[1:-1], differences, atol=1e-14)
    np.testing.assert_allclose(f.positions[0], copper.positions, atol=1e-13)
    np.testing.assert_allclose(f.velocities[0], copper.velocities, atol=1e-16)


def test_forces_are_what_moves_the_atoms(engine, copper):
    """The second difference of the positions is the force over the mass, exactly."""
    _, frames = frames_of(engine, copper, [Phase(2, 1.0, every=1)])
    q = frames[0].positions
    middle = copper.with_(positions=q[1], velocities=frames[0].velocities[1])
    answer = engine.evaluate([middle])
    inertia = MASS_VELOCITY_SQUARED * copper.masses[:, None]
    np.testing.assert_allclose(inertia * (q[2] - 2 * q[1] + q[0]), answer.forces[0], atol=1e-9)


def test_energy_error_falls_with_the_square_of_the_time_step(engine, copper):
    spread = {}
    for step in (4.0, 2.0, 1.0):
        phase = Phase(int(200 / step), step, every=int(20 / step))
        _, frames = frames_of(engine, copper, [phase])
        total = frames[0].potential_energy + kinetic_energy(frames[0], copper.masses)
        spread[step] = np.ptp(total)
    assert 1.7 < np.log2(spread[4.0] / spread[2.0]) < 2.4
    assert 1.7 < np.log2(spread[2.0] / spread[1.0]) < 2.4


def test_evaluate_repeats_what_the_run_recorded(engine, copper):
    _, frames = frames_of(engine, copper, [Phase(20, 2.0, every=10)])
    f = frames[0]
    states = [
        copper.with_(positions=q, velocities=v)
        for q, v in zip(f.positions, f.velocities, strict=True)
    ]
    answer = engine.evaluate(states)
    np.testing.assert_allclose(answer.potential_energy, f.potential_energy, rtol=1e-12)
    np.testing.assert_allclose(answer.stress, f.stress, atol=1e-12)


def test_virial_is_the_strain_derivative_of_the_energy(engine, copper):
    """At rest, stress = dE/dε / V: tension is positive."""
    rest = copper.with_(velocities=np.zeros_like(copper.velocities))
    stress = engine.evaluate([rest]).stress[0]
    strain = np.array([[0.3, 0.1, -0.2], [0.1, -0.5, 0.4], [-0.2, 0.4, 0.6]])
    h = 1e-4
    strained = [with_cell(rest, rest.cell @ (np.eye(3) + s * h * strain)) for s in (-1, 1)]
    low, high = engine.evaluate(strained).potential_energy
    volume = np.linalg.det(rest.cell)
    assert (high - low) / (2 * h * volume) == pytest.approx((stress * strain).sum(), rel=1e-4)


def test_kinetic_stress_is_that_of_an_ideal_gas(engine, copper):
    rest = copper.with_(velocities=np.zeros_like(copper.velocities))
    stress = engine.evaluate([copper, rest]).stress
    volume = np.linalg.det(copper.cell)
    kinetic = -MASS_VELOCITY_SQUARED * copper.momenta.T @ copper.velocities / volume
    # LAMMPS rounds its constants to seven digits.
    np.testing.assert_allclose(stress[0] - stress[1], kinetic, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("handedness", [1, -1])
def test_any_orientation_of_the_cell(engine, copper, handedness):
    """A rotated or reflected system gives rotated or reflected answers."""
    q = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    q *= handedness * np.linalg.det(q)
    sheared = with_cell(copper, copper.cell + 0.3 * np.array([[0, 0, 0], [1, 0, 0], [0.5, -1, 0]]))
    turned = sheared.with_(
        positions=sheared.positions @ q, velocities=sheared.velocities @ q, cell=sheared.cell @ q
    )
    here, there = engine.evaluate([sheared]), engine.evaluate([turned])
    assert there.potential_energy == pytest.approx(here.potential_energy, abs=1e-9)
    np.testing.assert_allclose(there.forces[0], here.forces[0] @ q, atol=1e-9)
    np.testing.assert_allclose(there.stress[0], q.T @ here.stress[0] @ q, atol=1e-11)
    ends = [engine.simulate(s, [Phase(20, 2.0)]).state for s in (sheared, turned)]
    np.testing.assert_allclose(ends[1].positions, ends[0].positions @ q, atol=1e-8)


def test_bath_gives_the_temperature_and_its_fluctuation(engine, small_copper):
    start = small_copper
    steps = 2000 if start.n_atoms == 8 else 15000
    phases = [
        Phase(200, 3.0, langevin=Langevin(600.0, 50.0, 5)),
        Phase(steps, 3.0, every=10, langevin=Langevin(600.0, 50.0, 6)),
    ]
    _, frames = frames_of(engine, start, phases)
    energies = kinetic_energy(frames[1], start.masses)
    degrees = 3 * start.n_atoms - 3
    mean = 0.5 * degrees * BOLTZMANN * 600.0
    assert abs(blocked_z(energies, mean)) < 3.5
    assert abs(blocked_z((energies - mean) ** 2, 2 * mean**2 / degrees)) < 3.5
    momentum = np.einsum("n,fnd->fd", start.masses, frames[1].velocities)
    np.testing.assert_allclose(momentum, momentum[:1].repeat(len(momentum), axis=0), atol=1e-10)


def test_barostat_reaches_the_mean_pressure(engine, small_copper):
    barostat = Barostat(2.0 * GPA, 300.0)
    bath = Langevin(300.0, 100.0, 2)
    phases = [
        Phase(200, 4.0, langevin=bath, barostat=barostat),
        Phase(600, 4.0, every=5, langevin=bath, barostat=barostat),
    ]
    outcome, frames = frames_of(engine, small_copper, phases)
    pressure = -np.trace(frames[1].stress, axis1=1, axis2=2) / 3
    assert abs(blocked_z(pressure, 2.0 * GPA)) < 3.5
    np.testing.assert_allclose(outcome.state.cell, frames[1].cells[-1], atol=1e-9)
    ratios = np.diagonal(outcome.state.cell) / np.diagonal(small_copper.cell)
    np.testing.assert_allclose(ratios, ratios[0])


def test_phases_go_on_from_each_other(engine, copper):
    together, frames = frames_of(
        engine, copper, [Phase(10, 2.0), Phase(10, 2.0, every=10, zero_momentum=True)]
    )
    first = run(engine, copper, 10, time_step=2.0).state
    assert first.time == 20.0
    np.testing.assert_allclose(frames[1].positions[0], first.positions, atol=1e-10)
    assert together.state.time == 40.0
    assert len(together.loop_seconds) == 2
    assert frames[1].times.tolist() == [0.0, 20.0]


def test_momentum_is_removed_on_request(engine, copper):
    moving = copper.with_(velocities=copper.velocities + np.array([0.01, 0.0, -0.02]))
    _, frames = frames_of(engine, moving, [Phase(5, 2.0, every=5, zero_momentum=True)])
    np.testing.assert_allclose(frames[0].velocities.mean(axis=1), 0.0, atol=1e-15)


def test_one_seed_one_trajectory(engine, copper):
    ends = [
        run(engine, copper, 20, time_step=2.0, langevin=Langevin(500.0, 100.0, seed)).state
        for seed in (7, 7, 8)
    ]
    np.testing.assert_array_equal(ends[0].positions, ends[1].positions)
    assert np.abs(ends[0].positions - ends[2].positions).max() > 1e-4


def test_wrong_requests_are_refused(engine, copper):
    with pytest.raises(EngineError, match="at least one frame"):
        engine.evaluate([])
    with pytest.raises(EngineError, match="time_step > 0"):
        Phase(10, 0.0)
    with pytest.raises(EngineError, match="Langevin bath beside it"):
        Phase(10, 1.0, barostat=Barostat(0.0, 100.0))
    with pytest.raises(EngineError, match="above 0"):
        Langevin(-1.0, 100.0, 1)
