"""A learned map as a propagator of states.

Every pair inside the cutoff is searched anew at each geometry: the list is complete at every stage,
and a step is a pure function of the state, so a resumed rollout repeats an uninterrupted one bit
for bit.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longstride.errors import RegimeError
from longstride.graph import FAR, Graph, find_pairs
from longstride.kernels.regime import ModelRegime
from longstride.model import KickDriftMap, Stages, StrideMap, load_checkpoint, read_card
from longstride.state import State

Array = NDArray[np.float64]


class ModelPropagator:
    """Advances states by a learned map; positions and velocities accumulate in float64.

    Args:
        model: the map.
        regime: what it was made for.
        dtype: arithmetic of the network.
        device: where the network runs.
    """

    def __init__(
        self,
        model: StrideMap,
        regime: ModelRegime,
        *,
        dtype: torch.dtype = torch.float32,
        device: str = "cpu",
    ) -> None:
        self.model = model.to(device, dtype).eval()
        self.regime = regime
        self._dtype, self._device = dtype, device
        self._index = {number: index for index, number in enumerate(model.config.species)}
        self._last_kick: tuple[State, Tensor] | None = None

    @property
    def stride(self) -> float:
        """Time one step covers, in fs."""
        return self.model.config.stride

    @property
    def stage_times(self) -> tuple[float, ...]:
        """Times in fs since the start of a stride where the state inside it is known."""
        return self.model.config.stage_times

    def step(self, state: State, rng: np.random.Generator) -> State:
        """The state one stride later; deterministic.

        Raises:
            RegimeError: the state holds a species the model does not know.
            RolloutError: an atom reaches no finite position within the stride.
        """
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; the last is the next state."""
        species = self._species(state)
        velocities = torch.from_numpy(state.velocities).to(self._device, self._dtype)

        def geometry(displacement: Tensor | None) -> Graph:
            positions = state.positions
            if displacement is not None:
                positions = positions + displacement.to("cpu", torch.float64).numpy()
            return self._graph(positions, state, species)

        with torch.no_grad():
            if isinstance(self.model, KickDriftMap):
                result = self._kick_and_drift(self.model, geometry, state, velocities)
            else:
                result = self.model.propagate(geometry, geometry(None), velocities)
        moves = result.displacement.to("cpu", torch.float64).numpy()
        changes = (result.velocity - velocities).to("cpu", torch.float64).numpy()
        changes -= np.average(changes, axis=1, weights=state.masses)[:, None]
        return tuple(
            state.with_(
                positions=state.positions + move,
                velocities=state.velocities + change,
                time=state.time + time,
            )
            for move, change, time in zip(moves, changes, self.stage_times, strict=True)
        )

    def _kick_and_drift(
        self,
        model: KickDriftMap,
        geometry: Callable[[Tensor | None], Graph],
        start: State,
        velocities: Tensor,
    ) -> Stages:
        """One stride of the kick-drift map; its last kick is the next stride's first."""
        if self._last_kick is not None and _same_geometry(self._last_kick[0], start):
            first_kick = self._last_kick[1]
        else:
            first_kick = model.kick(geometry(None), 0)
        displacements, kicks = model.walk(geometry, velocities, first_kick)
        end = start.positions + displacements[-1].to("cpu", torch.float64).numpy()
        self._last_kick = (_geometry_of(start, end), kicks[-1])
        return model.stages(velocities, displacements, kicks)

    def _graph(self, positions: Array, state: State, species: Tensor) -> Graph:
        pairs = find_pairs(positions, state.cell, state.pbc, self.model.config.cutoff)
        vectors = pairs.vectors(positions, FAR).transpose(0, 2, 1)
        return Graph(
            torch.from_numpy(np.ascontiguousarray(vectors)).to(self._device, self._dtype),
            torch.from_numpy(pairs.neighbors).to(self._device),
            species,
        )

    def _species(self, state: State) -> Tensor:
        try:
            indices = [self._index[number] for number in state.species.tolist()]
        except KeyError as error:
            known = ", ".join(map(str, self._index))
            raise RegimeError(
                f"the model does not know atomic number {error.args[0]} (it knows {known}): "
                "use a model made for it"
            ) from None
        return torch.tensor(indices, device=self._device)


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


def load_propagator(folder: Path, *, dtype: torch.dtype = torch.float32) -> ModelPropagator:
    """The propagator of a model folder.

    Raises:
        FileFormatError: the folder holds no model, or a damaged one.
    """
    regime = ModelRegime.of_card(read_card(folder), str(folder / "model.json"))
    return ModelPropagator(load_checkpoint(folder), regime, dtype=dtype)
