"""A trajectory file whose atoms leave a triclinic cell, and how it is written for others."""

from pathlib import Path

import numpy as np

from longstride.trajectory import TrajectoryWriter, convert_trajectory

LOWER = np.array([[8.0, 0.0, 0.0], [2.5, 9.0, 0.0], [-3.0, 1.5, 10.0]])
TURN, _ = np.linalg.qr(np.array([[0.3, 0.9, -0.2], [-0.7, 0.4, 0.5], [0.4, 0.1, 0.9]]))
TURNED = LOWER @ (TURN * np.sign(np.linalg.det(TURN)))
"""The same cell, turned in space."""

SPECIES = np.array([13, 29, 13, 13, 29, 13])
MASSES = np.where(SPECIES == 13, 26.9815385, 63.546)
INTERVAL = 40.0


def make_file(
    path: Path,
    cell: np.ndarray = LOWER,
    pbc: tuple[bool, bool, bool] = (True, True, True),
    frames: int = 5,
    *,
    velocities: bool = True,
    names: tuple[str, ...] = ("walk",),
) -> Path:
    """Write segments of six atoms that move by more than the cell."""
    rng = np.random.default_rng(5)
    fractions = rng.random((6, 3)) + 0.6 * np.arange(frames)[:, None, None]
    fractions = fractions + 0.05 * rng.standard_normal((frames, 6, 3))
    with TrajectoryWriter(path) as out:
        for name in names:
            out.segment(
                name,
                species=SPECIES,
                masses=MASSES,
                cell=cell,
                pbc=pbc,
                interval=INTERVAL,
                metadata={"temperature": 300.0},
            ).append_many(
                time=INTERVAL * np.arange(frames),
                positions=fractions @ cell,
                velocities=2.6e-3 * rng.standard_normal((frames, 6, 3)) if velocities else None,
                potential_energy=-3.0 * np.arange(1.0, frames + 1.0),
            )
    return path


def converted(source: Path, name: str, **options) -> Path:
    """The trajectory in another format, beside it."""
    out = source.with_name(name)
    convert_trajectory(source, out, **{"segment": None, "frames": None, **options})
    return out


def distances(positions: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """(N, N) shortest distances of periodic images: what no turn and no wrapping changes."""
    images = np.stack(np.meshgrid(*[range(-2, 3)] * 3, indexing="ij"), -1).reshape(-1, 3)
    apart = positions[:, None] - positions[None]
    apart = apart - np.round(apart @ np.linalg.inv(cell)) @ cell
    return np.linalg.norm(apart[:, :, None] + images @ cell, axis=-1).min(axis=-1)
