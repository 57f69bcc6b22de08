"""Multi-head attention messages between neighbours.

Head a of atom i weighs neighbour j by

    alpha_ij = f(r_ij) exp(b_ij) / (epsilon + sum_k f(r_ik) exp(b_ik)),
    b_ij = clip(q_i · k_j / sqrt(d) + beta_a · R(r_ij)),

(Vaswani et al., arXiv:1706.03762, with a radial bias, a smooth cutoff f and bounded logits). Values
are shared by the heads; each head sums them as scalars and, times the unit vector, as vectors.
Vectors that the neighbours hold can be sent along.
"""

import torch
from torch import Tensor, nn

from longstride.graph import Graph
from longstride.model.config import NetworkConfig
from longstride.model.edges import Edges
from longstride.model.layers import Layer
from longstride.model.whitening import soft_clip

EPSILON = 0.1
"""Weight of the empty neighbourhood: keeps the attention smooth where no neighbour is near."""


class Attention(nn.Module):
    """Messages of the neighbours' hidden scalars."""

    own_head: Tensor

    def __init__(self, config: NetworkConfig, channels: int) -> None:
        super().__init__()
        self.heads, self.key, self.value = config.heads, config.key, config.value
        self.queries = Layer(config.hidden, config.heads * config.key)
        self.keys_values = Layer(config.hidden, config.heads * config.key + config.value)
        self.bias = nn.Parameter(0.5 * torch.randn(config.heads, channels))
        own_head = torch.eye(config.heads).repeat_interleave(config.key, 0)
        self.register_buffer("own_head", own_head / config.key**0.5, persistent=False)

    @property
    def n_messages(self) -> int:
        """Number of scalar messages, and of vector messages, per atom."""
        return self.heads * self.value

    def forward(
        self, hidden: Tensor, graph: Graph, edges: Edges, carried: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Scalar messages (N, M) and vector messages (N, M', 3).

        Args:
            hidden: (N, H) hidden scalars that are sent.
            graph: the graph.
            edges: its geometry.
            carried: (N, P, 3) vectors that are sent too; each head adds P to the M vector messages.
        """
        sent = graph.gather(self.keys_values(hidden))
        keys, values = sent.split([self.heads * self.key, self.value], -1)
        queries = self.queries(hidden)[:, :, None] * self.own_head
        logits = (keys @ queries).transpose(1, 2) + self.bias @ edges.radial
        weights = torch.exp(soft_clip(logits)) * edges.envelope[:, None]
        weights = weights / (EPSILON + weights.sum(-1, keepdim=True))
        n_atoms, _, slots = weights.shape
        directed = (weights[:, :, None] * edges.directions[:, None]).reshape(n_atoms, -1, slots)
        sums = torch.cat([weights, directed], 1) @ values
        scalars, vectors = sums.split([self.heads, 3 * self.heads], 1)
        vectors = vectors.reshape(n_atoms, self.heads, 3, self.value).transpose(2, 3)
        messages = vectors.reshape(n_atoms, -1, 3)
        if carried is not None:
            received = weights @ graph.gather(carried.flatten(1))
            messages = torch.cat([messages, received.reshape(n_atoms, -1, 3)], 1)
        return scalars.reshape(n_atoms, -1), messages
