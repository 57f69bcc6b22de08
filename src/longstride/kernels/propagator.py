"""A learned map as a propagator of states.

Every pair inside the cutoff is known at each geometry, and summed in an order that the positions
decide: a step is a pure function of the state, so a resumed rollout repeats an uninterrupted one
bit for bit (with as many threads).
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longstride.graph import Graph, frame_graph
from longstride.kernels.compiled_stride import CompiledStride
from longstride.kernels.gauge import gauge_of
from longstride.kernels.native import instructions
from longstride.kernels.native_kick import NativeKick
from longstride.kernels.potential import EnergyReader
from longstride.kernels.species import species_indices
from longstride.model import (
    Card,
    GuardLimits,
    KickDriftMap,
    ModelRegime,
    ModelResiduals,
    StrideMap,
    load_checkpoint,
)
from longstride.propagator import Configuration
from longstride.state import State

Array = NDArray[np.float64]


class ModelPropagator:
    """Advances states by a learned map; positions and velocities accumulate in float64.

    Args:
        model: the map.
        regime: what it was made for.
        dtype: arithmetic of the network.
        device: where the network runs.
        limits: of the signals of novelty, for a model that has them.
        residuals: what its strides leave unexplained, where the checkpoint states it.
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
        limits: GuardLimits | None = None,
        compiled: bool = True,
        residuals: ModelResiduals | None = None,
    ) -> None:
        self.gauge = gauge_of(model, limits)
        self.model = model.to(device, dtype).eval()
        self.regime = regime
        self.residuals = residuals
        self._dtype, self._device = dtype, device
        self._kick: NativeKick | None = None
        self._compiled: CompiledStride | None = None
        if compiled and device == "cpu" and isinstance(model, KickDriftMap):
            self._kick = NativeKick.of(model, double=dtype == torch.float64)
            self._compiled = CompiledStride(model, self._kick) if self._kick is not None else None

    @property
    def instructions(self) -> str | None:
        """Instruction set of the compiled C++ kernel, where that computes the kicks."""
        return instructions() if isinstance(self._kick, NativeKick) else None

    @property
    def list_seconds(self) -> float | None:
        """Time spent on neighbour lists so far, where the compiled kicks count it."""
        return self._kick.list_seconds if isinstance(self._kick, NativeKick) else None

    @property
    def symplectic(self) -> bool:
        """Whether the map keeps phase-space volume by construction."""
        return isinstance(self.model, KickDriftMap)

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
        if self._compiled is not None:
            return self._compiled.step(state, self._species(state))
        return self.stages(state, rng)[-1]

    def stages(self, state: State, rng: np.random.Generator) -> tuple[State, ...]:
        """The states at ``stage_times``; the last is the next state."""
        if self._compiled is not None:
            return self._compiled.stages(state, self._species(state))
        species = self._species(state)
        velocities = torch.from_numpy(state.velocities).to(self._device, self._dtype)

        def geometry(displacement: Tensor) -> Graph:
            return self._graph(_moved(state, displacement), state, species)

        with torch.no_grad():
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

    def _graph(self, positions: Array, state: State, species: NDArray[np.int64]) -> Graph:
        graph = frame_graph(positions, state.cell, state.pbc, species, self.model.config.cutoff)
        return Graph(
            graph.vectors.to(self._device, self._dtype),
            graph.neighbors.to(self._device),
            graph.species.to(self._device),
        )

    def _species(self, state: State) -> NDArray[np.int64]:
        """(N,) index of each atom's species in the model's list."""
        return species_indices(self.model.config.species, state.species)


class EnergyPropagator(ModelPropagator):
    """A propagator whose model has an energy head: a ``Potential``, too."""

    def __init__(self, model: KickDriftMap, regime: ModelRegime, **options: Any) -> None:
        self._reader = EnergyReader.of(model)
        super().__init__(model, regime, **options)

    def configuration(self, state: State) -> Configuration:
        """Potential energy and virial stress by the energy head, in float64."""
        return self._reader.at(state, self._species(state))

    def share(self, state: State, centres: int) -> Configuration:
        """What the first atoms of a part of a system contribute; the others are around them.

        Args:
            state: the part, in the cell of the whole.
            centres: how many atoms contribute, with all others within a cutoff of them in the part.
        """
        return self._reader.at(state, self._species(state), centres)


def _moved(state: State, displacement: Tensor) -> Array:
    """Positions (N, 3) in Å, in float64."""
    return np.asarray(state.positions + displacement.to("cpu", torch.float64).numpy())


def load_propagator(folder: Path, *, dtype: torch.dtype = torch.float32) -> ModelPropagator:
    """The propagator of a model folder.

    Raises:
        FileFormatError: the folder holds no model, or a damaged one.
        ConfigError: the environment asks for an instruction set that is not to be had.
    """
    instructions()  # A wish is refused where it cannot be fulfilled, whatever computes this model.
    card = Card.read(folder)
    model = load_checkpoint(folder)
    regime, limits, residuals = card.regime, card.limits, card.residuals
    if isinstance(model, KickDriftMap) and model.energy_head is not None:
        return EnergyPropagator(model, regime, dtype=dtype, limits=limits, residuals=residuals)
    return ModelPropagator(model, regime, dtype=dtype, limits=limits, residuals=residuals)
