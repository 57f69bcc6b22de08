"""LAMMPS as a propagator of a stride."""

import numpy as np
import pytest

from longstride.dynamics import draw_velocities, rollout
from longstride.dynamics.ensemble import nve
from longstride.engines.reference_stride import ReferenceStride
from longstride.errors import ConfigError, RolloutError
from longstride.propagator import SubStridePropagator
from longstride.reference import LammpsSettings, Phase, make_engine
from longstride.state import State
from longstride.testsystems.lattice import fcc_lattice

MISHIN = LammpsSettings(pair_style="eam/alloy", potential="Cu_mishin1.eam.alloy", elements="Cu")


@pytest.fixture(scope="module")
def copper() -> State:
    """32 atoms on their way, half of them in other images of the cell."""
    crystal = fcc_lattice(3.62, 2, species=29, mass=63.546)
    rng = np.random.default_rng(1)
    moved = crystal.positions + np.where(rng.random((32, 1)) < 0.5, 1.0, 0.0) @ crystal.cell[:1]
    return draw_velocities(crystal.with_(positions=moved, time=120.0), 900.0, rng)


def test_a_stride_is_so_many_steps_of_the_reference(copper: State) -> None:
    engine = make_engine(MISHIN)
    stride = ReferenceStride(engine, (20.0, 40.0, 60.0), 2.0)
    assert isinstance(stride, SubStridePropagator)
    rng = np.random.default_rng(0)
    states = stride.stages(copper, rng)
    np.testing.assert_array_equal([state.time for state in states], [140.0, 160.0, 180.0])
    whole = engine.simulate(copper, [Phase(30, 2.0)]).state
    np.testing.assert_allclose(states[-1].positions, whole.positions, rtol=0, atol=1e-9)
    np.testing.assert_allclose(states[-1].velocities, whole.velocities, rtol=0, atol=1e-10)
    half = engine.simulate(copper, [Phase(10, 2.0)]).state
    np.testing.assert_allclose(states[0].positions, half.positions, rtol=0, atol=1e-9)
    # Images stay images: nothing jumps by a cell vector.
    assert np.abs(states[-1].positions - copper.positions).max() < 1.5
    np.testing.assert_array_equal(stride.step(copper, rng).positions, states[-1].positions)
    momentum = states[-1].momenta.sum(axis=0)
    np.testing.assert_allclose(momentum, copper.momenta.sum(axis=0), atol=1e-8)


def test_a_rollout_by_it_conserves_energy(copper: State) -> None:
    engine = make_engine(MISHIN)
    stride = ReferenceStride(engine, (60.0,), 2.0)
    ends = [s.end for s in rollout(nve(stride), copper, np.random.default_rng(0), 3)]
    states = [copper, *ends]
    total = engine.evaluate(states).potential_energy + [s.kinetic_energy for s in states]
    assert np.ptp(total) < 1e-3 * states[0].kinetic_energy


def test_a_time_step_that_does_not_divide_the_stages_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"2 fs does not divide the model's stage time of 15 fs"):
        ReferenceStride(make_engine(MISHIN), (15.0, 30.0), 2.0)


def test_a_failure_of_the_reference_ends_the_run(copper: State) -> None:
    foreign = copper.with_(species=np.full(32, 13))
    stride = ReferenceStride(make_engine(MISHIN), (20.0,), 2.0)
    with pytest.raises(RolloutError, match="reference at t = 120 fs: the structure has atomic"):
        stride.step(foreign, np.random.default_rng(0))
