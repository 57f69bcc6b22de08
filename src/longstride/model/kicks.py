"""The palindromic kick-drift map: symplectic, reversible, explicit.

With three kicks a stride (c_1 = c_3):

    v += f_1(q);  q += c_1 τ v;  v += f_2(q);  q += c_2 τ v;
    v += f_2(q);  q += c_3 τ v;  v += f_1(q)

and in general the palindrome f_1, f_2, ..., f_2, f_1 of kicks around S drifts. Each kick is minus
the gradient of a learned scalar over the mass, f_k = -∂Φ_k/∂q / m, so the map is a composition of
shears that are symplectic whatever the network computes: phase-space volume and time reversal are
kept exactly, total momentum because Φ is invariant to translation, and energy errors stay bounded
as for any symplectic integrator (Hairer, Lubich, Wanner, *Geometric Numerical Integration*, ch.
IX). The fractions c of the drifts are learned too. The last kick of a stride and the first of the
next see the same positions, so a stride costs S evaluations.

The states between the kicks are not near the true ones (they need not be for the end to be exact).
Output inside the stride is the continuous extension

    q(s) - q(0) = s v + sum_k a_k(s) f_k(q_k),     v(s) - v(0) = sum_k b_k(s) f_k(q_k),

whose coefficients are fitted in closed form after training, as for dense output of Runge-Kutta
methods.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from longstride.graph import Batch, Graph
from longstride.model import kick_ridge
from longstride.model.config import ModelConfig
from longstride.model.scalars import SiteScalars
from longstride.model.stride_map import Geometry, Stages, StrideMap


class KickDriftMap(StrideMap):
    """Kicks by gradients of learned scalars, alternating with plain drifts."""

    dense: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        drifts, inner = config.kicks, len(config.stage_times) - 1
        self.sequence = tuple(min(k, drifts - k) for k in range(drifts + 1))
        self.scalars = SiteScalars(config, max(self.sequence) + 1)
        self.drift_weights = nn.Parameter(torch.zeros((drifts + 1) // 2))
        self.register_buffer("dense", torch.zeros(2, inner, drifts + 1))

    @property
    def drifts(self) -> Tensor:
        """(S,) times of the drifts in fs: a palindrome that sums to the stride."""
        drifts = self.config.kicks
        mirrored = [min(k, drifts - 1 - k) for k in range(drifts)]
        return self.config.stride * torch.softmax(self.drift_weights[mirrored], 0)

    @property
    def supervised_stages(self) -> tuple[int, ...]:
        """Only the end of the stride is trained."""
        return (len(self.config.stage_times) - 1,)

    def kick(self, graph: Graph, index: int) -> Tensor:
        """Velocity change (N, 3) in Å/fs of kick ``index`` at the graph's positions."""
        mixture = torch.zeros_like(self.scalars.ridge[:, 0, 0])
        mixture[self.sequence[index]] = 1.0
        training = torch.is_grad_enabled()
        with torch.enable_grad():
            shift = torch.zeros_like(graph.vectors[:, :, 0]).requires_grad_()
            total = self.scalars(graph.moved(shift), mixture)
            (gradient,) = torch.autograd.grad(total, shift, create_graph=training)
        return -gradient / self.masses.to(gradient.dtype)[graph.species][:, None]

    def propagate(self, geometry: Geometry, start: Graph, velocities: Tensor) -> Stages:
        """Compose kicks and drifts; inside the stride, the continuous extension."""
        displacements, kicks = self.walk(geometry, velocities, self.kick(start, 0))
        return self.stages(velocities, displacements[-1], kicks)

    def walk(
        self, geometry: Geometry, velocities: Tensor, first_kick: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Displacements (S, N, 3) after each drift and all kicks (S+1, N, 3) of one stride."""
        kicks = [first_kick]
        velocity, displacement, displacements = velocities, torch.zeros_like(velocities), []
        for index, drift in enumerate(self.drifts.unbind(), start=1):
            velocity = velocity + kicks[-1]
            displacement = displacement + drift * velocity
            displacements.append(displacement)
            kicks.append(self.kick(geometry(displacement), index))
        return torch.stack(displacements), torch.stack(kicks)

    def stages(self, velocities: Tensor, displacement: Tensor, kicks: Tensor) -> Stages:
        """The stages of one stride from its displacement (N, 3) and its kicks (S+1, N, 3)."""
        position, velocity = torch.einsum("psk,knx->psnx", self.dense.to(kicks.dtype), kicks)
        times = torch.tensor(self.config.stage_times[:-1], dtype=kicks.dtype, device=kicks.device)
        position = position + times[:, None, None] * velocities
        end = velocities + kicks.sum(0)
        return Stages(
            torch.cat([position, displacement[None]]),
            torch.cat([velocity + velocities, end[None]]),
        )

    def initialise(self, batches: Sequence[Batch]) -> None:
        """Whiten the invariants and fit the ridge scalars to d and w."""
        kick_ridge.fit(self, batches)
        self.calibrate(batches)

    @torch.no_grad()
    def calibrate(self, batches: Sequence[Batch]) -> None:
        """Fit the continuous extension to the frames inside the stride."""
        n_kicks = len(self.sequence)
        gram = torch.zeros(n_kicks, n_kicks, dtype=torch.float64)
        right = torch.zeros(n_kicks, 2, len(self.config.stage_times) - 1, dtype=torch.float64)
        times = torch.tensor(self.config.stage_times[:-1], dtype=torch.float64)
        for batch in batches:
            first = self.kick(batch.graph, 0)
            _, kicks = self.walk(batch.graph.moved, batch.velocities, first)
            rows = kicks.flatten(1).double().cpu()
            start = batch.velocities.double().cpu()
            position = batch.displacement[:-1].double().cpu() - times[:, None, None] * start
            target = torch.stack([position, batch.velocity[:-1].double().cpu() - start])
            gram += rows @ rows.T
            right += torch.einsum("kr,psr->kps", rows, target.flatten(2))
        solution = torch.linalg.solve(gram, right.flatten(1)).view_as(right)
        self.dense.copy_(solution.permute(1, 2, 0))
