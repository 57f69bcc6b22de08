"""Ramps: their values, and baths and barostats that follow them."""

import numpy as np
import pytest

from longstride.dynamics import CSVRBath, LangevinBath, Ramp, draw_velocities, npt, value_at
from longstride.errors import ConfigError
from longstride.state import State
from longstride.testsystems import IdealGas, fcc_lattice
from longstride.units import BOLTZMANN


def gas() -> State:
    return draw_velocities(fcc_lattice(20.0, 3), 300.0, np.random.default_rng(0))


def test_a_ramp_is_linear_between_its_ends():
    ramp = Ramp(300.0, 900.0, 1000.0, begin=500.0)
    times = (0.0, 500.0, 750.0, 1500.0, 2e6)
    assert [value_at(ramp, time) for time in times] == [300.0, 300.0, 450.0, 900.0, 900.0]
    assert value_at(70.0, 1e9) == 70.0


@pytest.mark.parametrize("make", [LangevinBath, CSVRBath])
def test_a_bath_has_the_temperature_of_the_states_time(
    make: type[LangevinBath] | type[CSVRBath],
):
    rng = np.random.default_rng(1)
    bath = make(Ramp(300.0, 900.0, 1000.0), 1.0)
    for time, expected in ((0.0, 300.0), (500.0, 600.0), (3000.0, 900.0)):
        state = gas().with_(time=time)
        # A hundred time constants: nothing is left of the temperature before.
        found = [bath.apply(state, 100.0, rng).temperature for _ in range(200)]
        error = expected * np.sqrt(2 / (3 * state.n_atoms - 3) / len(found))
        assert abs(np.mean(found) - expected) < 4 * error


def test_a_ramp_between_equal_values_is_the_constant():
    flight = IdealGas(60.0)
    pressure = 300.0 * BOLTZMANN * 1e-3
    ends = []
    for make in (lambda value: value, lambda value: Ramp(value, value, 500.0)):
        rng, state = np.random.default_rng(2), gas()
        ensemble = npt(flight, flight, make(300.0), make(pressure))
        for _ in range(10):
            state = ensemble.step(state, rng)
        ends.append(state)
    np.testing.assert_array_equal(ends[0].cell, ends[1].cell)
    np.testing.assert_array_equal(ends[0].velocities, ends[1].velocities)


def test_a_barostat_follows_a_slow_ramp():
    thermal, rng, state = 300.0 * BOLTZMANN, np.random.default_rng(3), gas()
    start = (state.n_atoms + 1) * thermal / state.volume
    flight, ramp = IdealGas(60.0), Ramp(start, 2 * start, 12000.0)
    ensemble = npt(
        flight, flight, 300.0, ramp, bath_time=100.0, barostat_time=200.0, compressibility=1 / start
    )
    assert ensemble.pressure is ramp
    ends = []
    for _ in range(400):
        state = ensemble.step(state, rng)
        ends.append(state.volume)
    # From one volume to half of it; the spread at the end is that of 109 atoms.
    found = np.mean(ends[-150:])
    expected = 0.5 * (state.n_atoms + 1) * thermal / start
    assert abs(found / expected - 1) < 4 / np.sqrt(state.n_atoms * 20)


def test_wrong_ramps_are_refused():
    with pytest.raises(ConfigError, match="positive duration, not 0"):
        Ramp(300.0, 900.0, 0.0)
    with pytest.raises(ConfigError, match=r"finite values, not 300\.0 to inf"):
        Ramp(300.0, float("inf"), 10.0)
    with pytest.raises(ConfigError, match="temperature must be positive, not -1"):
        LangevinBath(Ramp(300.0, -1.0, 10.0), 100.0)
