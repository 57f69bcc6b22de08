"""Synthetic trajectories of a crystal of independent oscillators, whose statistics are known."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

from longstride.dynamics import langevin, nve, rollout
from longstride.errors import EngineError
from longstride.reference import Evaluation, Frames, Outcome, Phase
from longstride.state import State
from longstride.testsystems import HarmonicCrystal
from longstride.trajectory import Segment, TrajectoryFile, TrajectoryWriter
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

MASS = 26.98
SPACING = 4.05
CELLS = 3
INTERVAL = 20.0

Fault = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Spoils displacements and velocities, (F, N, 3) each."""


class HarmonicEngine:
    """A reference engine that solves the harmonic crystal, exactly between frames or by steps.

    In steps it gives up where an atom is an ångström from its place.
    """

    def __init__(self, crystal: HarmonicCrystal, *, exact: bool = True) -> None:
        self.crystal, self.exact = crystal, exact
        self.calls = 0

    def describe(self) -> dict[str, Any]:
        return {"engine": "harmonic", "potential": "springs"}

    def simulate(self, state: State, phases: Sequence[Phase], record: Any = None) -> Outcome:
        self.calls += 1
        for index, phase in enumerate(phases):
            block = phase.every or 10
            propagator = (
                self.crystal.propagator(block * phase.time_step)
                if self.exact
                else self.crystal.verlet(phase.time_step, block)
            )
            bath = phase.langevin
            ensemble = (
                nve(propagator)
                if bath is None
                else langevin(propagator, bath.temperature, bath.damping)
            )
            rng = np.random.default_rng(bath.seed if bath else 0)
            strides = rollout(ensemble, state.with_(time=0.0), rng, phase.steps // block)
            states = [state.with_(time=0.0), *(self._checked(stride.end) for stride in strides)]
            if phase.every and record is not None:
                record(index, self._frames(states))
            state = states[-1]
        return Outcome(state, tuple(0.5 for _ in phases))

    def _checked(self, state: State) -> State:
        if not self.exact and np.abs(state.positions - self.crystal.lattice.positions).max() > 1.0:
            raise EngineError("lost atoms")
        return state

    def evaluate(self, states: Sequence[State]) -> Evaluation:
        energies = np.array([self.crystal.potential_energy(s) for s in states])
        return Evaluation(energies, np.zeros((len(states), 1, 3)), np.zeros((len(states), 3, 3)))

    def _frames(self, states: list[State]) -> Frames:
        return Frames(
            times=np.array([s.time for s in states]),
            positions=np.array([s.positions for s in states]),
            velocities=np.array([s.velocities for s in states]),
            potential_energy=self.evaluate(states).potential_energy,
            stress=np.zeros((len(states), 3, 3)),
            cells=np.array([s.cell for s in states]),
        )


class AlRegime:
    species, masses = (13,), (26.9815385,)
    temperature, density, shortest_distance = (300.0, 900.0), (0.05, 0.07), 1.0


class Notes:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.kept: list[str] = []
        self.progress: list[float] = []

    @contextmanager
    def part(self, title: str, total: float | None) -> Iterator[Callable[[float], None]]:
        self.made.append(title)
        yield self.progress.append

    def reused(self, title: str) -> None:
        self.kept.append(title)


@pytest.fixture(scope="session")
def make_engine() -> Callable[..., Any]:
    """A reference engine for a harmonic crystal."""
    return HarmonicEngine


@pytest.fixture
def make_notes() -> Callable[[], Notes]:
    """A listener that remembers."""
    return Notes


@pytest.fixture(scope="session")
def al_regime() -> AlRegime:
    """What a model of the harmonic crystal would state."""
    return AlRegime()


@pytest.fixture
def crystal(tmp_path: Path) -> Callable[..., Segment]:
    """Makes a segment of fcc sites with thermal oscillators of a band of frequencies."""
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    corners = np.array(list(itertools.product(range(CELLS), repeat=3)))
    sites = SPACING * (corners[:, None] + basis).reshape(-1, 3)
    opened: list[TrajectoryFile] = []

    def make(
        seed: int,
        temperature: float = 600.0,
        scale: float = 1.0,
        n_frames: int = 400,
        cell_scale: float = 1.0,
        fault: Fault | None = None,
        **metadata: Any,
    ) -> Segment:
        rng = np.random.default_rng(seed)
        # One frequency for each coordinate, the same in every run.
        omega = 2e-3 * np.pi * scale * np.tile(np.linspace(3.0, 9.0, 12), sites.size // 12)
        moved, velocities = _damped_oscillators(rng, omega, temperature, n_frames)
        shape = (n_frames, *sites.shape)
        moved, velocities = moved.reshape(shape), velocities.reshape(shape)
        square = (omega.reshape(sites.shape) * moved) ** 2
        energies = 0.5 * MASS_VELOCITY_SQUARED * MASS * square.sum(axis=(1, 2))
        if fault is not None:
            moved, velocities = fault(moved, velocities)
        t = INTERVAL * np.arange(n_frames)
        path = tmp_path / f"{len(opened)}.h5"
        with TrajectoryWriter(path) as out:
            segment = out.segment(
                "run",
                species=np.full(len(sites), 13),
                masses=np.full(len(sites), MASS),
                cell=cell_scale * SPACING * CELLS * np.eye(3),
                pbc=[True] * 3,
                interval=INTERVAL,
                metadata=metadata,
            )
            segment.append_many(
                time=t,
                positions=sites + moved,
                velocities=velocities,
                potential_energy=energies,
            )
        opened.append(TrajectoryFile(path))
        return opened[-1]["run"]

    yield make
    for file in opened:
        file.close()


def _damped_oscillators(
    rng: np.random.Generator, omega: np.ndarray, temperature: float, n_frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Exact samples of Langevin oscillators with a friction time of 200 fs, (F, C) each.

    For the pair y = (q, v): y' = P y + noise of covariance S - P S P^T, P the matrix exponential
    of the drift over an interval and S the stationary covariance.
    """
    kinetic = BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * MASS)
    path = np.empty((n_frames, 2, len(omega)))
    for value in np.unique(omega):
        columns = np.flatnonzero(omega == value)
        drift = np.array([[0.0, 1.0], [-(value**2), -1.0 / 200.0]])
        step = expm(INTERVAL * drift)
        stationary = np.diag([kinetic / value**2, kinetic])
        noise = np.linalg.cholesky(stationary - step @ stationary @ step.T)
        y = np.sqrt(stationary) @ rng.normal(size=(2, len(columns)))
        for frame in range(n_frames):
            path[frame][:, columns] = y
            y = step @ y + noise @ rng.normal(size=(2, len(columns)))
    return path[:, 0], path[:, 1]
