"""Constant pressure around velocity Verlet of argon: against its own constant-volume runs."""

from functools import lru_cache

import numpy as np
import pytest

from longstride.analysis.statistics import Estimate, mean_with_error
from longstride.dynamics import Ensemble, draw_velocities, langevin, npt
from longstride.state import Array, State
from longstride.testsystems import LennardJones
from longstride.units import BOLTZMANN, GPA

TEMPERATURE = 40.0
PRESSURE = 1.0 * GPA
LATTICE = 5.12
MODULUS = 7.0 * GPA


def potential() -> LennardJones:
    """Short-ranged, so that 32 atoms are enough for its cell."""
    return LennardJones(cutoff=4.4, skin=0.2)


def pressure(argon: LennardJones, state: State) -> float:
    """Internal pressure in eV/Å³, the share of the centre of mass included."""
    kinetic = (2 * state.kinetic_energy / 3 + BOLTZMANN * TEMPERATURE) / state.volume
    return float(kinetic - np.trace(argon.configuration(state).virial_stress) / 3)


def run(
    ensemble: Ensemble, argon: LennardJones, lattice: float, n_strides: int, seed: int
) -> Array:
    """(n, 2) volume and internal pressure after every stride, the first tenth left out."""
    rng = np.random.default_rng(seed)
    state = draw_velocities(argon.crystal(2, lattice), TEMPERATURE, rng)
    rows = []
    for _ in range(n_strides):
        state = ensemble.step(state, rng)
        rows.append((state.volume, pressure(argon, state)))
    np.testing.assert_allclose(state.momenta.sum(0), 0.0, atol=1e-10)
    return np.array(rows[n_strides // 10 :])


@lru_cache
def volumes(steps: int, anisotropic: bool) -> tuple[Array, Array]:
    """Volumes and pressures at constant pressure, in strides of so many steps of 6 fs."""
    argon = potential()
    ensemble = npt(
        argon.verlet(6.0, steps),
        argon,
        TEMPERATURE,
        PRESSURE,
        bath_time=200.0,
        barostat_time=300.0,
        compressibility=1 / MODULUS,
        anisotropic=anisotropic,
    )
    n_strides = 800 if anisotropic else 36000 // (6 * steps)
    return tuple(run(ensemble, argon, LATTICE, n_strides, seed=1).T)  # type: ignore[return-value]


def z_difference(one: Estimate, other: Estimate) -> float:
    return (one.value - other.value) / float(np.hypot(one.error, other.error))


@pytest.mark.parametrize(("steps", "anisotropic"), [(3, False), (8, False), (8, True)])
def test_the_internal_pressure_is_the_external_one(steps: int, anisotropic: bool):
    found = mean_with_error(volumes(steps, anisotropic)[1])
    assert abs(found.value - PRESSURE) < 4 * found.error
    assert found.error < 0.02 * PRESSURE


def test_the_volume_does_not_depend_on_the_stride():
    short, long = volumes(3, False)[0], volumes(8, False)[0]
    middle = long.mean()
    assert abs(z_difference(mean_with_error(short), mean_with_error(long))) < 4
    spreads = [mean_with_error((v - middle) ** 2) for v in (short, long)]
    assert abs(z_difference(*spreads)) < 4


def test_volume_and_fluctuation_agree_with_runs_at_constant_volume():
    argon, found = potential(), volumes(8, False)[0]
    mean = mean_with_error(found)
    edges = np.cbrt(np.array([0.99, 1.01]) * mean.value / 8)
    ensemble = langevin(argon.verlet(6.0, 8), TEMPERATURE, 200.0)
    ends = [mean_with_error(run(ensemble, argon, float(edge), 400, seed=3)[:, 1]) for edge in edges]
    slope = (ends[0].value - ends[1].value) / 0.02
    slope_error = np.hypot(ends[0].error, ends[1].error) / 0.02
    # What is left at the mean volume is a pressure that differs from the target.
    between = 0.5 * (ends[0].value + ends[1].value) - PRESSURE
    error = np.hypot(slope_error * 0.01, slope * mean.error / mean.value)
    assert abs(between) < 4 * error + 2e-3 * MODULUS
    spread = mean_with_error((found - mean.value) ** 2)
    expected = BOLTZMANN * TEMPERATURE * mean.value / slope
    assert abs(spread.value - expected) < 4 * np.hypot(spread.error, expected * slope_error / slope)
    assert slope_error < 0.1 * slope
