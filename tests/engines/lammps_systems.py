"""Crystals of aluminium for tests on LAMMPS."""

import numpy as np

from longstride.dynamics import draw_velocities
from longstride.state import Array, State

MASS = 26.9815385
CONSTANT = 4.08
KICKED = (0.011, 0.007, -0.013)
"""Å/fs: takes every atom through half a domain in four strides."""


def crystal(cells: tuple[int, int, int], drift: tuple[float, float, float] = (0, 0, 0)) -> State:
    """A displaced and moving fcc crystal, partly outside of its cell."""
    corners = np.stack(np.meshgrid(*map(np.arange, cells), indexing="ij"), axis=-1).reshape(-1, 3)
    base = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    rng = np.random.default_rng(5)
    positions = (corners[:, None] + base).reshape(-1, 3) * CONSTANT - 3.0
    positions += rng.normal(0.0, 0.08, positions.shape)
    n_atoms = len(positions)
    at_rest = State(
        positions=positions,
        velocities=np.zeros((n_atoms, 3)),
        masses=np.full(n_atoms, MASS),
        species=np.full(n_atoms, 13),
        cell=np.diag(np.array(cells) * CONSTANT),
        pbc=np.ones(3, dtype=np.bool_),
    )
    state = draw_velocities(at_rest, 600.0, rng)
    return state.with_(velocities=state.velocities + np.array(drift))


def sheared(state: State) -> State:
    """The same in an oblique cell that no axis is along."""
    strain = np.array([[1.0, 0.02, -0.01], [0.05, 0.99, 0.03], [-0.04, 0.02, 1.01]])
    turn: Array = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    return state.with_(
        positions=state.positions @ strain @ turn,
        velocities=state.velocities @ turn,
        cell=state.cell @ strain @ turn,
    )


def with_vacuum(state: State) -> State:
    """The same as a slab, with vacuum for three quarters of the cell."""
    cell = state.cell.copy()
    cell[2, 2] *= 4.0
    return state.with_(cell=cell)
