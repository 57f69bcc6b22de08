"""Atoms that diffuse with a known coefficient, at a known temperature, in a trajectory file."""

from pathlib import Path

import numpy as np

from longstride.trajectory import TrajectoryWriter
from longstride.units import BOLTZMANN, MASS_VELOCITY_SQUARED

N_ATOMS, MASS, INTERVAL = 32, 26.98, 100.0


def write_walk(
    path: Path, *, diffusion: float, temperature: float, seed: int, n_frames: int = 400
) -> None:
    """A free random walk.

    Args:
        path: the file.
        diffusion: Å²/fs.
        temperature: of velocities that are drawn anew in every frame, K.
        seed: of both.
        n_frames: 100 fs from each other.
    """
    rng = np.random.default_rng(seed)
    steps = np.sqrt(2 * diffusion * INTERVAL) * rng.standard_normal((n_frames, N_ATOMS, 3))
    width = np.sqrt(BOLTZMANN * temperature / (MASS_VELOCITY_SQUARED * MASS))
    positions = rng.uniform(0.0, 8.1, (N_ATOMS, 3)) + np.cumsum(steps, axis=0)
    with TrajectoryWriter(path, {"made_by": "a random walk"}) as out:
        segment = out.segment(
            "walk",
            species=np.full(N_ATOMS, 13),
            masses=np.full(N_ATOMS, MASS),
            cell=8.1 * np.eye(3),
            pbc=np.ones(3, bool),
            interval=INTERVAL,
        )
        for k in range(n_frames):
            segment.append(
                time=k * INTERVAL,
                positions=positions[k],
                velocities=width * rng.standard_normal((N_ATOMS, 3)),
            )
