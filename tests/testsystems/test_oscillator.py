"""The exact Langevin oscillator: semigroup, stationarity and memory, in all damping regimes."""

import numpy as np
import pytest

from longstride.errors import ConfigError
from longstride.testsystems import LangevinOscillator

PERIOD = 200.0
MASS = 40.0


def oscillator(friction_time: float, stride: float = 37.0, sites: int = 1) -> LangevinOscillator:
    spring = MASS * 103.6427 * (2 * np.pi / PERIOD) ** 2
    return LangevinOscillator(
        np.zeros((sites, 3)),
        spring=spring,
        mass=MASS,
        friction_time=friction_time,
        temperature=300.0,
        stride=stride,
    )


@pytest.mark.parametrize("friction_time", [1000.0, PERIOD / (4 * np.pi), 2.0])
def test_the_response_is_a_semigroup_that_solves_the_equation_of_motion(friction_time: float):
    system = oscillator(friction_time)
    np.testing.assert_allclose(system.response(0.0), np.eye(2), atol=1e-14)
    np.testing.assert_allclose(
        system.response(50.0), system.response(20.0) @ system.response(30.0), rtol=1e-9, atol=1e-12
    )
    h = 1e-3
    slope = (system.response(h) - system.response(-h)) / (2 * h)
    square = (2 * np.pi / PERIOD) ** 2
    np.testing.assert_allclose(slope, [[0, 1], [-square, -1 / friction_time]], rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("friction_time", [1000.0, 2.0])
def test_the_stationary_law_and_its_memory(friction_time: float):
    system = oscillator(friction_time, sites=30000)
    rng = np.random.default_rng(11)
    first = system.sample(rng)
    second = system.step(first, rng)
    assert second.time == system.stride
    before = np.stack([first.positions.ravel(), first.velocities.ravel()])
    after = np.stack([second.positions.ravel(), second.velocities.ravel()])
    count = before.shape[1]
    c = system.covariance
    for product, expected in (
        (after @ after.T / count, c),
        (after @ before.T / count, system.autocovariance(system.stride)),
    ):
        errors = np.sqrt((expected**2 + np.outer(np.diag(c), np.diag(c))) / count)
        assert np.abs((product - expected) / errors).max() < 4.0


def test_impossible_parameters_are_refused():
    with pytest.raises(ConfigError, match="positive"):
        oscillator(friction_time=0.0)
