"""What a state must satisfy to be continued."""

import numpy as np
from numpy.typing import NDArray

from longstride.errors import RolloutError
from longstride.state import Array, State

_FARTHEST = 1e8
"""Positions beyond this (Å) are a blow-up: their fractional part has lost its digits."""


def require_sound(
    state: State,
    shortest_distance: float | None = None,
    density: tuple[float, float] | None = None,
) -> None:
    """Raise ``RolloutError`` unless the state is finite, no two atoms overlap and the density fits.

    Args:
        state: the state to check; atoms are numbered from 0.
        shortest_distance: two atoms nearer than this (Å), in any image, overlap;
            None does not look.
        density: lowest and highest number density in atoms/Å³; None does not look.
    """
    sound = np.isfinite(state.velocities).all(axis=1)
    # Comparisons with NaN are false, so this catches NaN and infinity too.
    sound &= (np.abs(state.positions) < _FARTHEST).all(axis=1)
    if not sound.all():
        atoms = np.flatnonzero(~sound)
        raise RolloutError(
            f"non-finite state at t = {state.time:g} fs: {len(atoms)} of {state.n_atoms} atoms, "
            f"the first is atom {atoms[0]}"
        )
    if density is not None and not density[0] <= state.number_density <= density[1]:
        raise RolloutError(
            f"density {state.number_density:.5f} atoms/Å³ at t = {state.time:g} fs: "
            f"the model covers {density[0]:.5f} to {density[1]:.5f}"
        )
    if shortest_distance is None:
        return
    closest = closest_pair(state, shortest_distance)
    if closest is not None:
        first, second, distance = closest
        raise RolloutError(
            f"atoms {first} and {second} overlap at t = {state.time:g} fs: "
            f"{distance:.3f} Å apart, less than the limit of {shortest_distance:.3f} Å"
        )


def closest_pair(state: State, reach: float) -> tuple[int, int, float] | None:
    """The nearest two atoms and their distance in Å, or None if none are nearer than ``reach``.

    Images are searched along the periodic directions, in cells of any shape whose heights exceed
    ``reach``.
    """
    # SciPy takes a quarter of a second to import, which wrong input should not wait for.
    from scipy.spatial import cKDTree

    points, owners = _with_images(state, reach)
    pairs = cKDTree(points).query_pairs(reach, output_type="ndarray")
    if not len(pairs):
        return None
    distances = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    nearest = int(np.argmin(distances))
    first, second = sorted(owners[pairs[nearest]].tolist())
    return first, second, float(distances[nearest])


def _with_images(state: State, reach: float) -> tuple[Array, NDArray[np.intp]]:
    """Atoms wrapped into the cell, then the images beyond its upper faces up to ``reach``.

    One side is enough: of two atoms that meet across a face, one has its image at the other's side.
    """
    points = state.positions
    owners = np.arange(state.n_atoms)
    periodic = np.flatnonzero(state.pbc)
    if not len(periodic):
        return points, owners
    cell = _completed(state)
    fractions = points @ np.linalg.inv(cell)
    fractions[:, periodic] -= np.floor(fractions[:, periodic])
    # The columns of the inverse are the faces' normals, as long as one over the heights.
    margins = reach * np.linalg.norm(np.linalg.inv(cell), axis=0)
    for axis in periodic:
        near = fractions[:, axis] < margins[axis]
        images = fractions[near]
        images[:, axis] += 1.0
        fractions = np.concatenate([fractions, images])
        owners = np.concatenate([owners, owners[near]])
    return fractions @ cell, owners


def _completed(state: State) -> Array:
    """The cell with zero rows along open directions replaced by independent ones."""
    cell = state.cell.copy()
    for axis in np.flatnonzero(~state.pbc):
        if not cell[axis].any():
            # The right-singular vector of the smallest singular value is normal to the other rows.
            cell[axis] = np.linalg.svd(cell)[2][-1]
    return cell
