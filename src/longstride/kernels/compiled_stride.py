"""One stride of the kick-drift map with compiled kicks, on plain float64 arrays."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from longstride.model import KickDriftMap
from longstride.state import State

Array = NDArray[np.float64]


class CompiledKick(Protocol):
    """Kicks of one model by compiled code."""

    def at(
        self,
        positions: Array,
        species: NDArray[np.int64],
        cell: Array,
        pbc: NDArray[np.bool_],
        index: int,
    ) -> Array:
        """Velocity change (N, 3) in Å/fs of kick ``index`` of a substep at these positions."""
        ...


class Walk(NamedTuple):
    """A stride's path: at the start of the stride and after each of its substeps, and all kicks."""

    positions: list[Array]
    velocities: list[Array]
    kicks: list[Array]


class CompiledStride:
    """Strides of one model.

    Args:
        model: whose drifts, palindrome and continuous extension are used.
        kick: its kicks.
    """

    def __init__(self, model: KickDriftMap, kick: CompiledKick) -> None:
        self._kick = kick
        self._drifts = model.drifts.detach().double().tolist()
        self._substeps = model.config.substeps
        self._times = model.config.stage_times
        self._ends = {stage: k + 1 for k, stage in enumerate(model.supervised_stages)}
        self._dense = model.dense.double().cpu().numpy()
        self._last: tuple[State, Array] | None = None

    def step(self, state: State, species: NDArray[np.int64]) -> State:
        """The state one stride later."""
        walk = self._walk(state, species, keep_kicks=False)
        return self._state(state, walk.positions[-1], walk.velocities[-1], self._times[-1])

    def stages(self, state: State, species: NDArray[np.int64]) -> tuple[State, ...]:
        """The states at the stage times: ends of substeps as they are, others by extension."""
        walk = self._walk(state, species, keep_kicks=True)
        states = []
        for stage, time in enumerate(self._times):
            if stage in self._ends:
                end = self._ends[stage]
                positions, velocities = walk.positions[end], walk.velocities[end]
            else:
                move, change = np.tensordot(self._dense[:, stage], np.stack(walk.kicks), 1)
                positions = state.positions + time * state.velocities + move
                velocities = state.velocities + change
            states.append(self._state(state, positions, velocities, time))
        return tuple(states)

    def _walk(self, start: State, species: NDArray[np.int64], *, keep_kicks: bool) -> Walk:
        positions, velocities = start.positions.copy(), start.velocities.copy()

        def kick_here(index: int) -> Array:
            return self._kick.at(positions, species, start.cell, start.pbc, index)

        if self._last is not None and _same_geometry(self._last[0], start):
            kick = self._last[1]
        else:
            kick = kick_here(0)
        walk = Walk([start.positions], [start.velocities], [kick])
        moved = np.empty_like(positions)
        for _ in range(self._substeps):
            # Where two substeps meet, the kick is the last of one and the first of the next.
            velocities += kick
            for index, drift in enumerate(self._drifts, start=1):
                positions += np.multiply(velocities, drift, out=moved)
                kick = kick_here(index)
                velocities += kick
                if keep_kicks:
                    walk.kicks.append(kick)
            walk.positions.append(positions.copy())
            walk.velocities.append(velocities.copy())
        self._last = (_geometry_of(start, positions), kick)
        return walk

    @staticmethod
    def _state(start: State, positions: Array, velocities: Array, time: float) -> State:
        """A state of the stride, its momentum that of the start to rounding."""
        change = start.masses @ (velocities - start.velocities) / start.masses.sum()
        return start.with_(
            positions=positions, velocities=velocities - change, time=start.time + time
        )


def _geometry_of(state: State, positions: Array) -> State:
    """All that a kick depends on, in arrays of its own: a caller may change a state in place."""
    return state.with_(
        positions=positions,
        species=state.species.copy(),
        cell=state.cell.copy(),
        pbc=state.pbc.copy(),
    )


def _same_geometry(one: State, other: State) -> bool:
    """Whether a kick is the same at both states, bit for bit."""
    return (
        np.array_equal(one.positions, other.positions)
        and np.array_equal(one.species, other.species)
        and np.array_equal(one.cell, other.cell)
        and np.array_equal(one.pbc, other.pbc)
    )
