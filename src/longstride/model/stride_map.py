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

    @abstractmethod
    def calibrate(self, batches: Sequence[Batch]) -> None:
        """Closed-form fits that follow the training, such as the output inside the stride."""

    @property
    @abstractmethod
    def supervised_stages(self) -> tuple[int, ...]:
        """Indices of the stages whose errors enter the loss; the last one always does."""
