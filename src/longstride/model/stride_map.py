"""The interface of all learned maps."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from longstride.graph import Batch, Graph
from longstride.model.config import ModelConfig

Geometry = Callable[[Tensor], Graph]
"""The graph after the atoms moved by a displacement (N, 3) in Å from the start of the stride.

In training this moves the vectors of a fixed list, ``graph.moved``; in a rollout it searches the
pairs anew.
"""


FITTED_LATER = ("energy_head.", "novelty.")
"""Parts of a map that are fitted in closed form when its training is over."""


class Stages(NamedTuple):
    """Predictions at the stage times.

    Attributes:
        displacement: (S, N, 3) ``q(t + s) - q(t)`` in Å.
        velocity: (S, N, 3) ``v(t + s)`` in Å/fs.
    """

    displacement: Tensor
    velocity: Tensor


class StrideMap(nn.Module, ABC):
    """A learned map of positions and velocities to those one stride later."""

    masses: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.register_buffer("masses", torch.tensor(config.masses), persistent=False)

    def forward(self, graph: Graph, velocities: Tensor) -> Stages:
        """Predictions from the graph at the start, whose list holds every pair of all stages.

        Args:
            graph: the graph at the start.
            velocities: (N, 3) in Å/fs.
        """
        return self.propagate(graph.moved, graph, velocities)

    @abstractmethod
    def propagate(self, geometry: Geometry, start: Graph, velocities: Tensor) -> Stages:
        """Predictions with the graph of each stage asked from ``geometry``."""

    @abstractmethod
    def initialise(self, batches: Sequence[Batch]) -> None:
        """Whiten the features with the data and set the closed-form ridge solution."""

    def start_from(self, parent: "StrideMap", batches: Sequence[Batch]) -> None:
        """Start with the weights of a trained map, and fit to the data what has a closed form.

        What is fitted after every training, energy head and measure of novelty, is not taken over.

        Args:
            parent: of the same kind, network and number of species, which correspond in order.
            batches: windows of the new data.
        """
        own = self.state_dict()
        taken = {
            name: value
            for name, value in parent.state_dict().items()
            if not name.startswith(FITTED_LATER)
        }
        self.load_state_dict({**own, **taken})
        self.refit(batches)
        self.calibrate(batches)

    @abstractmethod
    def refit(self, batches: Sequence[Batch]) -> None:
        """Fit what has a closed form to new data, around the weights that are there."""

    @abstractmethod
    def calibrate(self, batches: Sequence[Batch]) -> None:
        """Closed-form fits that follow the training, such as the output inside the stride."""

    @property
    @abstractmethod
    def supervised_stages(self) -> tuple[int, ...]:
        """Indices of the stages whose errors enter the loss; the last one always does."""
