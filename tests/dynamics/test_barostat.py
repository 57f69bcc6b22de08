"""Stochastic cell rescaling: its laws, and volumes and cells of analytic distribution."""

import numpy as np
import pytest

from longstride.dynamics import (
    CellRescaling,
    CSVRBath,
    Ensemble,
    LangevinBath,
    draw_velocities,
    npt,
    value_at,
)
from longstride.errors import ConfigError, RolloutError
from longstride.propagator import Configuration
from longstride.state import Array, State
from longstride.testsystems import HarmonicCrystal, IdealGas
from longstride.units import BOLTZMANN, GPA

TEMPERATURE = 300.0
PRESSURE = 0.02 * GPA
BLOCKS = 40


def gas(n_atoms: int = 16, seed: int = 0) -> State:
    """Two masses in a cubic cell of the mean volume."""
    rng = np.random.default_rng(seed)
    edge = IdealGas.volume_moments(n_atoms, TEMPERATURE, PRESSURE)[0] ** (1 / 3)
    state = State(
        positions=rng.uniform(0.0, edge, (n_atoms, 3)),
        velocities=np.zeros((n_atoms, 3)),
        masses=np.where(np.arange(n_atoms) % 2, 20.0, 60.0),
        species=np.full(n_atoms, 10),
        cell=edge * np.eye(3),
        pbc=np.ones(3, dtype=bool),
    )
    return draw_velocities(state, TEMPERATURE, rng)


def barostat(anisotropic: bool = True, **more: float) -> CellRescaling:
    return CellRescaling(
        IdealGas(60.0), TEMPERATURE, PRESSURE, 500.0, 1 / PRESSURE, anisotropic=anisotropic, **more
    )


def z_score(series: Array, expected: float) -> float:
    """How many errors the mean is off, from blocks longer than the correlations."""
    blocks = series.reshape(BLOCKS, -1).mean(axis=1)
    return float((blocks.mean() - expected) / (blocks.std(ddof=1) / np.sqrt(BLOCKS)))


@pytest.mark.parametrize("anisotropic", [False, True])
def test_momentum_and_centre_of_mass_stay(anisotropic: bool):
    state = gas()
    state = state.with_(velocities=state.velocities + np.array([0.01, -0.02, 0.03]))
    end = barostat(anisotropic).apply(state, 30.0, np.random.default_rng(1))
    np.testing.assert_allclose(end.momenta.sum(0), state.momenta.sum(0), rtol=1e-12)
    for one, other in ((end.positions, state.positions), (end.velocities, state.velocities)):
        np.testing.assert_allclose(state.masses @ one, state.masses @ other, rtol=1e-12)
    assert end.time == state.time
    assert end.volume != state.volume


@pytest.mark.parametrize("anisotropic", [False, True])
def test_phase_space_volume_stays(anisotropic: bool):
    state = gas()
    end = barostat(anisotropic).apply(state, 30.0, np.random.default_rng(1))
    stretch = np.linalg.solve(state.cell, end.cell)
    rest = np.average(state.positions, axis=0, weights=state.masses)
    np.testing.assert_allclose(end.positions - rest, (state.positions - rest) @ stretch)
    np.testing.assert_allclose(end.velocities @ stretch.T, state.velocities, atol=1e-15)
    if not anisotropic:
        np.testing.assert_array_equal(stretch, stretch[0, 0] * np.eye(3))


def test_images_stay_images():
    state = gas()
    shifts = np.random.default_rng(2).integers(-3, 4, (state.n_atoms, 3))
    moved = state.with_(positions=state.positions + shifts @ state.cell)
    one = barostat().apply(state, 30.0, np.random.default_rng(1))
    other = barostat().apply(moved, 30.0, np.random.default_rng(1))
    np.testing.assert_array_equal(one.cell, other.cell)
    apart = (other.positions - one.positions) @ np.linalg.inv(one.cell) - shifts
    # All by the same, since the centre of mass has moved.
    np.testing.assert_allclose(apart - apart[0], 0.0, atol=1e-10)


def test_a_triangular_cell_stays_triangular_and_one_generator_gives_one_result():
    ensemble = npt(IdealGas(60.0), IdealGas(60.0), TEMPERATURE, PRESSURE, anisotropic=True)
    ends = []
    for _ in range(2):
        state, rng = gas(), np.random.default_rng(4)
        for _ in range(20):
            state = ensemble.step(state, rng)
        ends.append(state)
    assert not np.triu(ends[0].cell, 1).any()
    assert np.all(np.tril(ends[0].cell)[np.tril_indices(3)] != 0)
    for field in ("positions", "velocities", "cell"):
        np.testing.assert_array_equal(getattr(ends[0], field), getattr(ends[1], field))


def test_a_step_has_the_mean_and_the_spread_of_its_equation():
    state, rng = gas(64), np.random.default_rng(5)
    ends = [barostat().apply(state, 5.0, rng) for _ in range(2000)]
    logs = np.log([end.volume / state.volume for end in ends])
    kinetic = 2 * state.kinetic_energy / (3 * state.volume)
    excess = kinetic + BOLTZMANN * TEMPERATURE / state.volume - PRESSURE
    mean = -np.expm1(-0.01) * excess / PRESSURE
    variance = -np.expm1(-0.02) * BOLTZMANN * TEMPERATURE / (PRESSURE * state.volume)
    assert abs(logs.mean() - mean) < 4 * np.sqrt(variance / len(logs))
    assert abs(logs.var() / variance - 1) < 4 * np.sqrt(2 / len(logs))
    # To first order: the shape spreads with 2 h β kT/(3 V τ), its off-diagonal part twice as much,
    # since the triangular cell has on one side what a symmetric strain has on both.
    tilts = np.array([end.cell[1, 0] / state.cell[1, 1] for end in ends])
    spread = 2 * 2 * 0.01 / 3 * BOLTZMANN * TEMPERATURE / (PRESSURE * state.volume)
    assert abs(tilts.var() / spread - 1) < 4 * np.sqrt(2 / len(tilts)) + 0.01


@pytest.mark.parametrize(
    ("stride", "n_strides", "anisotropic", "bath"),
    [
        (30.0, 6000, False, LangevinBath),
        (60.0, 5000, False, CSVRBath),
        (120.0, 4000, False, LangevinBath),
        (60.0, 4000, True, LangevinBath),
        (120.0, 2400, True, CSVRBath),
    ],
)
def test_the_volume_of_an_ideal_gas_is_gamma_distributed_at_every_stride(
    stride: float, n_strides: int, anisotropic: bool, bath: type[LangevinBath] | type[CSVRBath]
):
    flight, state, rng = IdealGas(stride), gas(), np.random.default_rng(6)
    ensemble = npt(
        flight,
        flight,
        TEMPERATURE,
        PRESSURE,
        bath=bath,
        bath_time=150.0,
        barostat_time=500.0,
        compressibility=1 / PRESSURE,
        anisotropic=anisotropic,
    )
    volumes = []
    for index in range(n_strides):
        state = ensemble.step(state, rng)
        if anisotropic and index % 20 == 0:
            # Nothing holds the shape of a gas: its cell would grow without bounds.
            start = gas()
            edge = state.volume ** (1 / 3)
            state = state.with_(cell=edge * np.eye(3), positions=start.positions)
        volumes.append(state.volume)
    series = np.array(volumes)
    mean, variance = IdealGas.volume_moments(state.n_atoms, TEMPERATURE, PRESSURE)
    assert abs(z_score(series, mean)) < 4.0
    assert abs(z_score((series - mean) ** 2, variance)) < 4.0
    assert abs(z_score(1.0 / series, PRESSURE / (BOLTZMANN * TEMPERATURE * state.n_atoms))) < 4.0


def crystal_run(ensemble: Ensemble, crystal: HarmonicCrystal, n_strides: int, seed: int) -> Array:
    """(n, 3, 3) deformations cell₀⁻¹ · cell."""
    rng = np.random.default_rng(seed)
    state = crystal.sample(600.0, rng)
    cells = []
    for index in range(n_strides + 100):
        state = ensemble.step(state, rng)
        if index >= 100:
            cells.append(state.cell)
    np.testing.assert_allclose(state.momenta.sum(0), 0.0, atol=1e-10)
    return np.asarray(np.linalg.inv(crystal.lattice.cell) @ np.array(cells))


def log_weight(crystal: HarmonicCrystal, lower: Array, pressure: float) -> Array:
    """log of the density of triangular deformations (n, 3, 3), up to a constant.

    V⁻² d⁹C is V⁻² L₁₁² L₂₂ d⁶L times the rotations; the centre of mass adds one factor V.
    """
    rest = crystal.lattice.volume
    strain = 0.5 * (lower @ np.swapaxes(lower, 1, 2) - np.eye(3))
    constants = crystal.elastic_constants
    energy = 0.5 * rest * np.einsum("nab,abcd,ncd->n", strain, constants, strain, optimize=True)
    diagonal = np.diagonal(lower, axis1=1, axis2=2)
    volume = rest * np.prod(diagonal, axis=1)
    log = -np.log(volume) + 2 * np.log(diagonal[:, 0]) + np.log(diagonal[:, 1])
    return np.asarray(log - (energy + pressure * volume) / (BOLTZMANN * 600.0))


def drawn_deformations(crystal: HarmonicCrystal, pressure: float) -> tuple[Array, Array]:
    """Triangular deformations (n, 3, 3) and their normalised weights, by importance sampling."""
    rng = np.random.default_rng(0)
    lower = np.zeros((40000, 3, 3))
    # Strains of the linear theory: covariance kT C⁻¹/V around the pressed cell.
    constants = crystal.elastic_constants
    assert constants is not None
    bulk = np.einsum("aabb", constants) / 9
    thermal = BOLTZMANN * 600.0 / crystal.lattice.volume
    axial = constants[[0, 1, 2], [0, 1, 2]][:, [0, 1, 2], [0, 1, 2]]
    middle = np.full(3, 1.0 - pressure / (3 * bulk))
    spread = 1.2 * thermal * np.linalg.inv(axial)
    diagonal = rng.multivariate_normal(middle, spread, len(lower))
    tilt = np.sqrt(1.2 * thermal / constants[0, 1, 0, 1])
    tilts = tilt * rng.standard_normal((len(lower), 3))
    lower[:, [0, 1, 2], [0, 1, 2]] = diagonal
    lower[:, [1, 2, 2], [0, 0, 1]] = tilts
    off = diagonal - middle
    proposal = -0.5 * np.einsum("na,ab,nb->n", off, np.linalg.inv(spread), off)
    proposal -= 0.5 * np.sum((tilts / tilt) ** 2, axis=1)
    logs = log_weight(crystal, lower, pressure) - proposal
    weights = np.exp(logs - logs.max())
    return lower, weights / weights.sum()


@pytest.mark.parametrize(("stride", "compressibility"), [(35.0, 1.0), (85.0, 0.6), (270.0, 1.0)])
def test_the_volume_of_a_crystal_is_that_of_its_elastic_energy_at_every_stride(
    stride: float, compressibility: float
):
    crystal, pressure = HarmonicCrystal.fcc(repeat=2), 2.0 * GPA
    constants, rest = crystal.elastic_constants, crystal.lattice.volume
    assert constants is not None
    bulk = np.einsum("aabb", constants) / 9
    edges = np.linspace(0.9, 1.1, 4001)
    volume = rest * edges**3
    energy = 4.5 * rest * bulk * (0.5 * (edges**2 - 1)) ** 2 + pressure * volume
    # dV is proportional to edges², and the centre of mass adds one factor V.
    logs = np.log(volume) + 2 * np.log(edges) - energy / (BOLTZMANN * 600.0)
    weights = np.exp(logs - logs.max())
    mean = np.average(volume, weights=weights)
    variance = np.average((volume - mean) ** 2, weights=weights)
    ensemble = npt(
        crystal.propagator(stride),
        crystal,
        600.0,
        pressure,
        bath_time=300.0,
        barostat_time=4 * stride,
        compressibility=compressibility / bulk,
    )
    shapes = crystal_run(ensemble, crystal, 2800, seed=int(stride))
    series = rest * np.linalg.det(shapes)
    assert abs(z_score(series, mean)) < 4.0
    assert abs(z_score((series - mean) ** 2, variance)) < 4.0
    assert np.abs(shapes - shapes[:, :1, :1] * np.eye(3)).max() < 1e-13


def test_all_six_components_of_a_crystal_have_their_distribution():
    crystal, pressure = HarmonicCrystal.fcc(repeat=2), 2.0 * GPA
    constants = crystal.elastic_constants
    assert constants is not None
    bulk = np.einsum("aabb", constants) / 9
    ensemble = npt(
        crystal.propagator(60.0),
        crystal,
        600.0,
        pressure,
        bath=CSVRBath,
        bath_time=300.0,
        barostat_time=300.0,
        compressibility=1.5 / bulk,
        anisotropic=True,
    )
    shapes = crystal_run(ensemble, crystal, 5000, seed=8)
    assert not np.triu(shapes, 1).any()
    drawn, weights = drawn_deformations(crystal, pressure)
    assert 1 / np.sum(weights**2) > 0.5 * len(weights)

    def averages(lower: Array) -> list[Array]:
        determinant = np.linalg.det(lower)
        diagonal = np.diagonal(lower, axis1=1, axis2=2)
        tilts = lower[:, [1, 2, 2], [0, 0, 1]]
        square = np.sum((diagonal - diagonal.mean(1, keepdims=True)) ** 2, axis=1)
        return [determinant, *diagonal.T, *tilts.T, square, np.sum(tilts**2, axis=1)]

    for series, known in zip(averages(shapes), averages(drawn), strict=True):
        assert abs(z_score(series, float(weights @ known))) < 4.0


def test_what_cannot_be_done_is_refused():
    gas_map = IdealGas(60.0)
    with pytest.raises(ConfigError, match="relaxation_time must be positive, not 0"):
        CellRescaling(gas_map, 300.0, 0.0, relaxation_time=0.0)
    with pytest.raises(ConfigError, match="compressibility must be positive, not -1"):
        CellRescaling(gas_map, 300.0, 0.0, compressibility=-1.0)
    with pytest.raises(ConfigError, match="temperature must be positive, not 0"):
        CellRescaling(gas_map, 0.0, 0.0)
    with pytest.raises(ConfigError, match="pressure must be finite, not nan"):
        CellRescaling(gas_map, 300.0, float("nan"))
    with pytest.raises(ConfigError, match="needs a thermal bath"):
        Ensemble(gas_map, None, barostat())
    ensemble = npt(gas_map, gas_map, 300.0, -0.1)
    assert value_at(ensemble.pressure or 0.0, 0.0) == -0.1
    slab = gas().with_(pbc=np.array([True, True, False]))
    with pytest.raises(ConfigError, match="periodic in all directions"):
        ensemble.step(slab, np.random.default_rng(0))


def test_a_pressure_that_is_not_a_number_ends_the_run():
    class Broken(IdealGas):
        def configuration(self, state: State) -> Configuration:
            return Configuration(0.0, np.full((3, 3), np.nan))

    ensemble = npt(Broken(60.0), Broken(60.0), 300.0, 0.0)
    with pytest.raises(RolloutError, match="pressure is not finite at t = 0 fs"):
        ensemble.step(gas(), np.random.default_rng(0))
