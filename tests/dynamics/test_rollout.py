"""Rollouts: times, stages, and the stop at the first state that cannot be continued."""

import numpy as np
import pytest

from longstride.dynamics import draw_velocities, frame_interval, langevin, nve, rollout
from longstride.errors import ConfigError, RolloutError
from longstride.state import State
from longstride.testsystems import HarmonicCrystal, LennardJones


class Colliding:
    """Moves atom 1 towards atom 0 by a fixed step every stride; NaN instead if asked."""

    stride = 10.0

    def __init__(self, broken_at: int | None = None) -> None:
        self._broken_at = broken_at

    def step(self, state: State, rng: np.random.Generator) -> State:
        """One stride."""
        positions = state.positions.copy()
        positions[1] += 0.1 * (positions[0] - positions[1])
        index = round(state.time / self.stride) + 1
        if index == self._broken_at:
            positions[3] = np.nan
        return state.with_(positions=positions, time=state.time + self.stride)


def test_times_do_not_gather_rounding():
    crystal = HarmonicCrystal.fcc(repeat=2)
    start = crystal.lattice.with_(time=5.0)
    ensemble = nve(crystal.propagator(0.1))
    *_, last = rollout(ensemble, start, np.random.default_rng(0), 1000)
    assert last.index == 1000
    assert last.end.time == 5.0 + 1000 * 0.1


def test_stages_come_with_their_times():
    crystal = HarmonicCrystal.fcc(repeat=2)
    ensemble = langevin(crystal.propagator(60.0, n_stages=3), 300.0)
    rng = np.random.default_rng(0)
    strides = list(rollout(ensemble, crystal.sample(300.0, rng), rng, 2, substride=True))
    assert [[one.time for one in stride.states] for stride in strides] == [
        [20.0, 40.0, 60.0],
        [80.0, 100.0, 120.0],
    ]
    assert frame_interval(ensemble, substride=True) == 20.0
    assert frame_interval(ensemble, frame_every=5) == 300.0


def test_without_stages_the_stride_is_its_only_one():
    ensemble = nve(Colliding())
    assert ensemble.stage_times == (10.0,)
    assert frame_interval(ensemble, substride=True) == 10.0


def test_frames_that_cannot_be_asked_for_are_refused():
    class Uneven:
        stride = 60.0
        stage_times = (10.0, 60.0)

        def step(self, state: State, rng: np.random.Generator) -> State:
            return state

        def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
            return (state, state)

    with pytest.raises(ConfigError, match=r"10, 60 fs are unevenly spaced"):
        frame_interval(nve(Uneven()), substride=True)
    with pytest.raises(ConfigError, match="exclude each other"):
        frame_interval(nve(Uneven()), frame_every=2, substride=True)


@pytest.mark.parametrize(
    ("propagator", "message"),
    [
        (Colliding(), r"atoms 0 and 1 overlap at t = 50 fs: 2\.011 Å apart"),
        (Colliding(broken_at=3), r"non-finite state at t = 30 fs: 1 of 108 atoms.*atom 3"),
    ],
)
def test_a_rollout_stops_before_the_first_bad_state(propagator: Colliding, message: str):
    crystal = LennardJones().crystal(3, lattice_constant=4.816)
    start = draw_velocities(crystal, 50.0, np.random.default_rng(0))
    strides = rollout(nve(propagator), start, np.random.default_rng(0), 100, shortest_distance=2.2)
    good = [next(strides).end for _ in range(4 if "overlap" in message else 2)]
    with pytest.raises(RolloutError, match=message):
        next(strides)
    assert all(np.isfinite(state.positions).all() for state in good)
