"""Synthetic trajectories of a crystal of independent oscillators, whose statistics are known."""

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm

from longstride.trajectory import Segment, TrajectoryFile, TrajectoryWriter
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

MASS = 26.98
SPACING = 4.05
CELLS = 3
INTERVAL = 20.0


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
        n_frames: int = 200,
        cell_scale: float = 1.0,
    ) -> Segment:
        rng = np.random.default_rng(seed)
        # One frequency for each coordinate, the same in every run.
        omega = 2e-3 * np.pi * scale * np.tile(np.linspace(3.0, 9.0, 12), sites.size // 12)
        moved, velocities = _damped_oscillators(rng, omega, temperature, n_frames)
        shape = (n_frames, *sites.shape)
        moved, velocities = moved.reshape(shape), velocities.reshape(shape)
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
            )
            segment.append_many(time=t, positions=sites + moved, velocities=velocities)
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
