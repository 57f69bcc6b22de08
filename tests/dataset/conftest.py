"""Small hand-made trajectories."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from longstride.dataset import TrajectorySet
from longstride.trajectory import TrajectoryWriter

N_ATOMS = 8
CELL = 5.7 * np.eye(3)


def fcc_positions() -> np.ndarray:
    """(8, 3) two cubic layers of an fcc-like lattice, Å."""
    grid = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
    return 2.85 * grid


def noisy_frames(n_frames: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(F, N, 3) positions and velocities without any law behind them."""
    rng = np.random.default_rng(seed)
    positions = fcc_positions() + 0.05 * rng.normal(size=(n_frames, N_ATOMS, 3))
    return positions, 0.01 * rng.normal(size=(n_frames, N_ATOMS, 3))


MakeFile = Callable[..., Path]


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Writes a file of named segments, each ``{"n_frames", "metadata", ...}``, of noisy frames."""

    def make(segments: dict[str, dict[str, Any]], interval: float = 10.0, **kwargs: Any) -> Path:
        path = tmp_path / f"{kwargs.get('name', 'data')}.h5"
        with TrajectoryWriter(path, provenance={"made": "by hand"}) as out:
            for number, (name, given) in enumerate(segments.items()):
                positions, velocities = noisy_frames(given["n_frames"], seed=number)
                positions = given.get("positions", positions)
                segment = out.segment(
                    name,
                    species=np.full(N_ATOMS, given.get("species", 13)),
                    masses=np.full(N_ATOMS, 26.98),
                    cell=CELL,
                    pbc=(True, True, True),
                    interval=interval,
                    metadata=given.get("metadata", {"temperature": 300.0, "run": name}),
                )
                stored = kwargs.get("velocities", True)
                segment.append_many(
                    time=interval * np.arange(given["n_frames"]),
                    positions=positions,
                    velocities=given.get("velocities", velocities) if stored else None,
                )
        return path

    return make


@pytest.fixture
def open_set(request: pytest.FixtureRequest) -> Callable[..., TrajectorySet]:
    """Opens files as a TrajectorySet that is closed after the test."""

    def open_(*paths: Path) -> TrajectorySet:
        data = TrajectorySet(paths)
        request.addfinalizer(data.close)
        return data

    return open_
