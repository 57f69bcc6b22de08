"""Atoms of ASE on test systems, and maps with a regime or a potential."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import ase
import numpy as np
import pytest

from longstride.propagator import Configuration, Propagator
from longstride.state import State
from longstride.testsystems import HarmonicCrystal, LennardJones
from longstride.units import ASE_TIME

# Modules beside this one that hold what several tests share.
sys.path.insert(0, str(Path(__file__).parent))

STRIDE = 40.0


@dataclass(frozen=True)
class Aluminium:
    """The range of a model of solid aluminium."""

    species: tuple[int, ...] = (13,)
    masses: tuple[float, ...] = (26.9815385,)
    temperature: tuple[float, float] = (50.0, 950.0)
    density: tuple[float, float] = (0.055, 0.063)
    shortest_distance: float = 1.7


@dataclass(frozen=True)
class WithRegime:
    """A map that says what it was made for."""

    map: Propagator
    regime: Aluminium = field(default_factory=Aluminium)

    @property
    def stride(self) -> float:
        return self.map.stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        return self.map.step(state, rng)


class Argon:
    """A map that knows energies: Lennard-Jones atoms."""

    def __init__(self) -> None:
        self.system = LennardJones()
        self._verlet = self.system.verlet(time_step=4.0, steps=5)

    @property
    def stride(self) -> float:
        return self._verlet.stride

    def step(self, state: State, rng: np.random.Generator) -> State:
        return self._verlet.step(state, rng)

    def configuration(self, state: State) -> Configuration:
        _, _, between, r = self.system._geometry(state)
        slope = self.system.pair_energy(r)[1]
        virial = np.einsum("p,pa,pb->ab", slope / r, between, between)
        volume = abs(np.linalg.det(state.cell))
        return Configuration(self.system.potential_energy(state), virial / volume)


class ArgonWithForces(Argon):
    """The same with forces."""

    def forces(self, state: State) -> np.ndarray:
        return self.system.forces(state)


def as_atoms(state: State) -> ase.Atoms:
    """The state as an ASE user has it."""
    atoms = ase.Atoms(
        numbers=state.species,
        positions=state.positions,
        masses=state.masses,
        cell=state.cell,
        pbc=state.pbc,
    )
    atoms.set_velocities(state.velocities * ASE_TIME)
    return atoms


@pytest.fixture(scope="session")
def crystal() -> HarmonicCrystal:
    return HarmonicCrystal.fcc(repeat=2)


@pytest.fixture
def harmonic(crystal: HarmonicCrystal) -> WithRegime:
    """The exact map of aluminium's harmonic crystal over ``STRIDE``."""
    return WithRegime(crystal.propagator(STRIDE))


@pytest.fixture
def atoms(crystal: HarmonicCrystal) -> ase.Atoms:
    """32 atoms of it near 300 K, without a calculator."""
    return as_atoms(crystal.sample(300.0, np.random.default_rng(5)))


@pytest.fixture
def argon_atoms() -> ase.Atoms:
    """108 argon atoms with velocities."""
    state = LennardJones().crystal()
    velocities = 1e-3 * np.random.default_rng(2).standard_normal((state.n_atoms, 3))
    return as_atoms(state.with_(velocities=velocities - velocities.mean(axis=0)))


@pytest.fixture
def argon() -> Argon:
    return Argon()


@pytest.fixture
def argon_with_forces() -> ArgonWithForces:
    return ArgonWithForces()


@pytest.fixture
def make_harmonic(crystal: HarmonicCrystal) -> Callable[[Aluminium], WithRegime]:
    """The same with another regime."""
    return lambda regime=Aluminium(): WithRegime(crystal.propagator(STRIDE), regime)
