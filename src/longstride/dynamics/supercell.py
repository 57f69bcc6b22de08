"""Periodic copies of a cell."""

import numpy as np

from longstride.errors import ConfigError
from longstride.state import State


def repeated(state: State, repeat: tuple[int, int, int]) -> State:
    """The state in a cell of ``repeat`` copies along each cell vector, at rest.

    The copies are at rest because equal velocities would keep them moving in step for ever.

    Raises:
        ConfigError: copies along a direction that is not periodic.
    """
    for axis, count in enumerate(repeat):
        if count > 1 and not state.pbc[axis]:
            raise ConfigError(
                f"the structure is not periodic along axis {axis + 1}: cannot repeat it"
            )
    corners = np.stack(np.meshgrid(*[np.arange(count) for count in repeat], indexing="ij"), axis=-1)
    shifts = corners.reshape(-1, 1, 3) @ state.cell
    positions = (shifts + state.positions).reshape(-1, 3)
    copies = len(shifts)
    return state.with_(
        positions=positions,
        velocities=np.zeros_like(positions),
        masses=np.tile(state.masses, copies),
        species=np.tile(state.species, copies),
        cell=state.cell * np.array(repeat)[:, None],
    )
