"""A learned map as a propagator of states.

Every pair inside the cutoff is known at each geometry, and summed in an order that the positions
decide: a step is a pure function of the state, so a resumed rollout repeats an uninterrupted one
bit for bit (with as many threads).
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longstride.errors import RegimeError
from longstride.graph import FAR, Graph, find_pairs
from longstride.kernels.fused_kick import FusedKick
from longstride.kernels.native_kick import NativeKick
from longstride.kernels.regime import ModelRegime
from longstride.model import Kick, KickDriftMap, Stages, StrideMap, load_checkpoint, read_card
from longstride.state import State

Array = NDArray[np.float64]


class ModelPropagator:
    """Advances states by a learned map; positions and velocities accumulate in float64.

    Args:
        model: the map.
        regime: what it was made for.
        dtype: arithmetic of the network.
        device: where the network runs.
        compiled: whether kicks are computed by compiled code where there is such a form of the
            model, on as many threads as torch has; it agrees with the model to 1e-5.
    """

    def __init__(
        self,
        model: StrideMap,
        regime: ModelRegime,
        *,
        dtype: torch.dtype = torch.float32,
        device: str = "cpu",
        compiled: bool = True,
    ) -> None:
        self.model = model.to(device, dtype).eval()
        self.regime = regime
        self._dtype, self._device = dtype, device
        self._index = {number: index for index, number in enumerate(model.config.species)}
        self._last_kick: tuple[State, Tensor] | None = None
        self._fused: NativeKick | FusedKick | None = None
        if compiled and device == "cpu" and isinstance(model, KickDriftMap):
            double = dtype == torch.float64
            form = NativeKick if model.scalars.attention is None else FusedKick
            self._fused = form.of(model, double=double)

    @property
    def list_seconds(self) -> float | None:
        """Time spent on neighbour lists so far, where the compiled kicks count it."""
        return self._fused.list_seconds if isinstance(self._fused, NativeKick) else None

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

        def geometry(displacement: Tensor) -> Graph:
            return self._graph(_moved(state, displacement), state, species)

        with torch.no_grad():
            if isinstance(self.model, KickDriftMap):
                kick = self._fused_along(state, species) or self.model.kick_along(geometry)
                result = self._kick_and_drift(self.model, kick, state, velocities)
            else:
                start = geometry(torch.zeros_like(velocities))
                result = self.model.propagate(geometry, start, velocities)
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
        kick: Kick,
        start: State,
        velocities: Tensor,
    ) -> Stages:
        """One stride of the kick-drift map; its last kick is the next stride's first."""
        if self._last_kick is not None and _same_geometry(self._last_kick[0], start):
            first_kick = self._last_kick[1]
        else:
            first_kick = kick(torch.zeros_like(velocities), 0)
        displacements, kicks = model.walk(kick, velocities, first_kick)
        end = _moved(start, displacements[-1])
        self._last_kick = (_geometry_of(start, end), kicks[-1])
        return model.stages(velocities, displacements, kicks)

    def _fused_along(self, state: State, species: Tensor) -> Kick | None:
        """Kicks by compiled code, as a function of the displacement since ``state``."""
        if self._fused is None:
            return None
        fused, indices = self._fused, species.numpy()

        def kick(displacement: Tensor, index: int) -> Tensor:
            positions = _moved(state, displacement)
            change = fused.at(positions, indices, state.cell, state.pbc, index)
            return torch.from_numpy(change).to(self._dtype)

        return kick

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


def _moved(state: State, displacement: Tensor) -> Array:
    """Positions (N, 3) in Å, in float64."""
    return np.asarray(state.positions + displacement.to("cpu", torch.float64).numpy())


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
