"""Energy and virial stress of the test systems: against strained cells, and against LAMMPS."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from longstride.errors import ConfigError
from longstride.propagator import Potential
from longstride.state import State, triangular
from longstride.testsystems import HarmonicCrystal, IdealGas, LennardJones
from longstride.units import BAR

LMP = shutil.which("lmp", path=str(Path(sys.executable).parent)) or shutil.which("lmp")
SHEAR = np.array([[1.03, 0.0, 0.0], [0.02, 0.98, 0.0], [-0.03, 0.01, 1.01]])
TURN = np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])


def mapped(state: State, matrix: np.ndarray) -> State:
    """Cell and atoms under one linear map."""
    return state.with_(
        positions=state.positions @ matrix,
        velocities=state.velocities @ matrix,
        cell=state.cell @ matrix,
    )


def argon(spread: float = 0.15) -> State:
    state = LennardJones().crystal(3)
    noise = np.random.default_rng(1).normal(0.0, spread, state.positions.shape)
    return state.with_(positions=state.positions + noise)


def potential_and_state(name: str) -> tuple[Potential, State]:
    if name == "argon":
        return LennardJones(), argon()
    crystal = HarmonicCrystal.fcc(repeat=2)
    return crystal, crystal.sample(900.0, np.random.default_rng(2))


@pytest.mark.parametrize("shape", [np.eye(3), SHEAR, SHEAR @ TURN], ids=["cubic", "tilted", "free"])
@pytest.mark.parametrize("name", ["argon", "harmonic"])
def test_the_virial_stress_is_the_slope_of_the_energy(name: str, shape: np.ndarray):
    potential, state = potential_and_state(name)
    state = mapped(state, shape)
    stress = potential.configuration(state).virial_stress
    np.testing.assert_allclose(stress, stress.T, atol=1e-17)
    h = 1e-5
    for a in range(3):
        for b in range(a + 1):
            strain = np.zeros((3, 3))
            strain[a, b] = strain[b, a] = 0.5 * h if a != b else h
            up, down = (
                potential.configuration(mapped(state, np.eye(3) + sign * strain)).energy
                for sign in (1, -1)
            )
            slope = (up - down) / (2 * h) / state.volume
            assert stress[a, b] == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("name", ["argon", "harmonic"])
def test_a_turned_system_has_the_turned_stress(name: str):
    potential, state = potential_and_state(name)
    state = mapped(state, SHEAR)
    plain, turned = potential.configuration(state), potential.configuration(mapped(state, TURN))
    assert turned.energy == pytest.approx(plain.energy, rel=1e-12)
    expected = TURN.T @ plain.virial_stress @ TURN
    np.testing.assert_allclose(turned.virial_stress, expected, atol=1e-14)


def test_the_strained_crystal_keeps_its_energy_and_its_forces_are_the_slope():
    crystal = HarmonicCrystal.fcc(repeat=2)
    state = mapped(crystal.sample(600.0, np.random.default_rng(3)), SHEAR @ TURN)
    end = crystal.propagator(60.0).step(state, np.random.default_rng())
    before, after = (s.kinetic_energy + crystal.potential_energy(s) for s in (state, end))
    assert after == pytest.approx(before, rel=1e-12)
    verlet = crystal.verlet(0.1, 600).step(state, np.random.default_rng())
    np.testing.assert_allclose(verlet.positions, end.positions, atol=2e-6)
    moved = state.positions.copy()
    moved[5, 1] += 1e-5
    slope = (crystal.potential_energy(state.with_(positions=moved)) - before) / 1e-5
    slope += state.kinetic_energy / 1e-5
    assert crystal.forces(state)[5, 1] == pytest.approx(-slope, abs=1e-4)


def test_the_springs_give_their_elastic_constants():
    crystal = HarmonicCrystal.fcc(lattice_constant=4.0, repeat=2, spring=2.0)
    constants = crystal.elastic_constants
    assert constants is not None
    # Central nearest-neighbour springs k on fcc: C₁₁ = 2k/a, C₁₂ = C₄₄ = k/a.
    assert constants[0, 0, 0, 0] == pytest.approx(1.0, rel=1e-12)
    assert constants[0, 0, 1, 1] == pytest.approx(0.5, rel=1e-12)
    assert constants[0, 1, 0, 1] == pytest.approx(0.5, rel=1e-12)


def test_an_ideal_gas_flies_and_has_no_stress():
    gas = IdealGas(60.0)
    state = argon().with_(velocities=np.full((108, 3), 0.01))
    np.testing.assert_allclose(
        gas.step(state, np.random.default_rng()).positions[3, 0], state.positions[3, 0] + 0.6
    )
    assert gas.configuration(state).energy == 0.0
    assert not gas.configuration(state).virial_stress.any()
    with pytest.raises(ConfigError, match="stride must be positive"):
        IdealGas(0.0)


def test_a_strained_crystal_needs_elastic_constants():
    known = HarmonicCrystal.fcc(repeat=2)
    crystal = HarmonicCrystal(known.lattice, known.force_constants)
    assert crystal.potential_energy(crystal.lattice) == 0.0
    with pytest.raises(ConfigError, match="without elastic constants"):
        crystal.configuration(crystal.lattice)
    with pytest.raises(ConfigError, match="needs elastic constants"):
        crystal.potential_energy(mapped(crystal.lattice, SHEAR))


def test_a_matrix_is_triangular_times_a_rotation():
    matrix = np.random.default_rng(0).normal(size=(3, 3))
    lower, rotation = triangular(matrix)
    np.testing.assert_allclose(lower @ rotation, matrix, atol=1e-14)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-14)
    assert np.all(np.diag(lower) > 0)
    assert not np.triu(lower, 1).any()


@pytest.mark.skipif(LMP is None, reason="LAMMPS is not installed")
def test_energy_and_stress_of_argon_are_those_of_lammps(tmp_path: Path):
    potential, state = LennardJones(), mapped(argon(), SHEAR)
    cell = state.cell
    rows = [f"{i + 1} 1 {x:.17g} {y:.17g} {z:.17g}" for i, (x, y, z) in enumerate(state.positions)]
    tilt = f"{cell[1, 0]:.17g} {cell[2, 0]:.17g} {cell[2, 1]:.17g} xy xz yz"
    sides = [f"0 {cell[i, i]:.17g} {axis}lo {axis}hi" for i, axis in enumerate("xyz")]
    data = ["argon", "", "108 atoms", "1 atom types", *sides, tilt, "", "Atoms # atomic", "", *rows]
    (tmp_path / "argon.data").write_text("\n".join(data) + "\n")
    script = f"""
units metal
read_data argon.data
mass 1 39.948
pair_style lj/smooth/linear {potential.cutoff}
pair_coeff 1 1 {potential.epsilon} {potential.sigma}
thermo_style custom pe pxx pyy pzz pxy pxz pyz
thermo_modify format float %.15g
run 0
"""
    (tmp_path / "in.lammps").write_text(script)
    words = [str(LMP), "-in", "in.lammps", "-screen", "none"]
    done = subprocess.run(words, cwd=tmp_path, stdin=subprocess.DEVNULL, check=False)
    lines = (tmp_path / "log.lammps").read_text().splitlines()
    assert done.returncode == 0, lines[-1]
    head = next(i for i, line in enumerate(lines) if line.split()[:1] == ["PotEng"])
    energy, *pressures = map(float, lines[head + 1].split())
    found = potential.configuration(state)
    assert found.energy == pytest.approx(energy, rel=1e-10)
    stress = found.virial_stress
    voigt = np.array([stress[a, b] for a, b in ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))])
    # LAMMPS has base constants of its own for bar and eV.
    np.testing.assert_allclose(voigt, -BAR * np.array(pressures), rtol=2e-6)
