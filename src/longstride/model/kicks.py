"""The palindromic kick-drift map: symplectic, reversible, explicit.

A stride is a number of equal substeps, each the same palindrome of kicks and drifts; with two kicks
a substep of length h

    v += f_1(q);  q += (h/2) v;  v += f_2(q);  q += (h/2) v;  v += f_1(q),

and in general f_1, f_2, ..., f_2, f_1 around S drifts whose lengths are learned. Each kick is minus
the gradient of a learned scalar over the mass, f_k = -∂Φ_k/∂q / m, so the map is a composition of
shears that are symplectic whatever the network computes: phase-space volume and time reversal are
kept exactly, and total momentum because Φ is invariant to translation. The last kick of a substep
and the first of the next see the same positions: S evaluations a substep.

Why many kicks: a symplectic map keeps its energy only away from resonance (Hairer, Lubich, Wanner,
*Geometric Numerical Integration*, ch. IX). What kicks leave of the continuous force is a drive
whose period is the time between kicks, and energy is absorbed where vibrations add up to its
frequency: high orders are weak, so heating falls steeply with the spacing. The true forces do the
same: in aluminium at 900 K velocity Verlet keeps its energy with a kick every 7.5 fs and heats with
one every 10 fs (``docs/maps.md`` has both measured). Errors of the learned kicks add to it.

The states between the kicks are not near the true ones (they need not be for the end to be exact).
Output inside a substep is the continuous extension

    q(s) - q(0) = s v + sum_k a_k(s) f_k(q_k),     v(s) - v(0) = sum_k b_k(s) f_k(q_k),

over the kicks of the stride, whose coefficients are fitted in closed form after training, as for
dense output of Runge-Kutta methods.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from longstride.errors import ConfigError
from longstride.graph import Batch, Graph
from longstride.model import kick_ridge, kick_transfer
from longstride.model.config import ModelConfig
from longstride.model.energy_head import EnergyHead
from longstride.model.novelty import Novelty
from longstride.model.scalars import SiteScalars
from longstride.model.stride_map import Geometry, Stages, StrideMap

Kick = Callable[[Tensor, int], Tensor]
"""Velocity change (N, 3) in Å/fs after a displacement (N, 3) in Å since the start of the stride, of
the kick with an index in the palindrome."""


class KickDriftMap(StrideMap):
    """Kicks by gradients of learned scalars, alternating with plain drifts."""

    dense: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        drifts = config.kicks
        self.sequence = tuple(min(k, drifts - k) for k in range(drifts + 1))
        self.scalars = SiteScalars(config, max(self.sequence) + 1)
        self.energy_head = (
            EnergyHead(self.scalars.n_invariants, config.network.hidden, len(config.species))
            if config.energy_head
            else None
        )
        self.novelty = (
            Novelty(self.scalars.n_invariants, config.network.hidden, len(config.species))
            if config.guard
            else None
        )
        self.drift_weights = nn.Parameter(torch.zeros((drifts + 1) // 2))
        n_evaluations = config.substeps * drifts + 1
        self.register_buffer("dense", torch.zeros(2, len(config.stage_times), n_evaluations))

    @property
    def drifts(self) -> Tensor:
        """(S,) times of the drifts of a substep in fs: a palindrome that sums to the substep."""
        drifts = self.config.kicks
        mirrored = [min(k, drifts - 1 - k) for k in range(drifts)]
        fractions = torch.softmax(self.drift_weights[mirrored], 0)
        return self.config.stride / self.config.substeps * fractions

    @property
    def supervised_stages(self) -> tuple[int, ...]:
        """The ends of the substeps are trained."""
        times = self.config.stage_times
        ends = self.config.substep_times
        return tuple(min(range(len(times)), key=lambda k: abs(times[k] - end)) for end in ends)

    def kick(self, graph: Graph, index: int) -> Tensor:
        """Velocity change (N, 3) in Å/fs of kick ``index`` of a substep at these positions."""
        mixture = torch.zeros_like(self.scalars.ridge[:, 0, 0])
        mixture[self.sequence[index]] = 1.0
        training = torch.is_grad_enabled()
        with torch.enable_grad():
            shift = torch.zeros_like(graph.vectors[:, :, 0]).requires_grad_()
            total = self.scalars(graph.moved(shift), mixture)
            (gradient,) = torch.autograd.grad(total, shift, create_graph=training)
        return -gradient / self.masses.to(gradient.dtype)[graph.species][:, None]

    def site_energies(self, graph: Graph) -> Tensor:
        """(N,) potential energy of each atom in eV, by the energy head.

        Raises:
            ConfigError: the model has none.
        """
        if self.energy_head is None:
            raise ConfigError("the model has no energy head: train one with model.energy_head")
        return self.energy_head(*self.scalars.site_features(graph), graph.species)

    def site_novelty(self, graph: Graph) -> tuple[Tensor, Tensor, Tensor]:
        """Signals (N,) of each atom's novelty: distance, its mean over the neighbourhood, and
        disagreement in eV; see ``novelty.py``.

        Raises:
            ConfigError: the model cannot tell.
        """
        if self.novelty is None:
            raise ConfigError("the model has no guard: train one with model.guard")
        distance, disagreement = self.novelty(*self.scalars.site_features(graph), graph.species)
        near = graph.vectors.square().sum(1) < self.config.cutoff**2
        others = graph.gather(distance[:, None])[:, :, 0]
        mean = (distance + (others * near).sum(1)) / (1 + near.sum(1))
        return distance, mean, disagreement

    def propagate(self, geometry: Geometry, start: Graph, velocities: Tensor) -> Stages:
        """Compose kicks and drifts; inside the substeps, the continuous extension."""
        kick = self.kick_along(geometry)
        displacements, kicks = self.walk(kick, velocities, self.kick(start, 0))
        return self.stages(velocities, displacements, kicks)

    def kick_along(self, geometry: Geometry) -> Kick:
        """The kicks as a function of the displacement since the start of the stride."""
        return lambda displacement, index: self.kick(geometry(displacement), index)

    def walk(
        self,
        kick: Kick,
        velocities: Tensor,
        first_kick: Tensor,
        *,
        substeps: int | None = None,
    ) -> tuple[Tensor, Tensor]:
        """One stride, or its first ``substeps``, from the kick at the start.

        Returns:
            Displacements (E, N, 3) after each drift, and kicks (E + 1, N, 3) at the start and after
            each drift. Where two substeps meet, the kick is applied twice, as the last of one and
            the first of the next.
        """
        kicks, displacements = [first_kick], []
        velocity, displacement = velocities, torch.zeros_like(velocities)
        for _ in range(self.config.substeps if substeps is None else substeps):
            velocity = velocity + kicks[-1]
            for index, drift in enumerate(self.drifts.unbind(), start=1):
                displacement = displacement + drift * velocity
                displacements.append(displacement)
                kicks.append(kick(displacement, index))
                velocity = velocity + kicks[-1]
        return torch.stack(displacements), torch.stack(kicks)

    def stages(self, velocities: Tensor, displacements: Tensor, kicks: Tensor) -> Stages:
        """The stages of one stride from the result of :meth:`walk`."""
        position, velocity = torch.einsum("psk,knx->psnx", self.dense.to(kicks.dtype), kicks)
        times = torch.tensor(self.config.stage_times, dtype=kicks.dtype, device=kicks.device)
        position, velocity = (
            list(position + times[:, None, None] * velocities),
            list(velocity + velocities),
        )
        speed = velocities
        for number, stage in enumerate(self.supervised_stages):
            own = kicks[number * self.config.kicks : (number + 1) * self.config.kicks + 1]
            speed = speed + own.sum(0)
            position[stage] = displacements[(number + 1) * self.config.kicks - 1]
            velocity[stage] = speed
        return Stages(torch.stack(position), torch.stack(velocity))

    def initialise(self, batches: Sequence[Batch]) -> None:
        """Whiten the invariants and fit the ridge scalars to d and w of the first substep."""
        kick_ridge.fit(self, batches)
        self.calibrate(batches)

    def refit(self, batches: Sequence[Batch]) -> None:
        """Whitening and read-outs of the scalars; see ``kick_transfer.py``."""
        kick_transfer.fit(self, batches)

    @torch.no_grad()
    def calibrate(self, batches: Sequence[Batch]) -> None:
        """Fit the continuous extension to the frames inside the stride."""
        n_kicks, n_stages = self.dense.shape[2], self.dense.shape[1]
        gram = torch.zeros(n_kicks, n_kicks, dtype=torch.float64)
        right = torch.zeros(n_kicks, 2, n_stages, dtype=torch.float64)
        times = torch.tensor(self.config.stage_times, dtype=torch.float64)
        for batch in batches:
            first = self.kick(batch.graph, 0)
            _, kicks = self.walk(self.kick_along(batch.graph.moved), batch.velocities, first)
            rows = kicks.flatten(1).double().cpu()
            start = batch.velocities.double().cpu()
            position = batch.displacement.double().cpu() - times[:, None, None] * start
            target = torch.stack([position, batch.velocity.double().cpu() - start])
            gram += rows @ rows.T
            right += torch.einsum("kr,psr->kps", rows, target.flatten(2))
        # A map without forces has kicks of zero: the smallest solution is then zero.
        solution = torch.linalg.lstsq(gram, right.flatten(1), driver="gelsd").solution
        solution = solution.view_as(right)
        self.dense.copy_(solution.permute(1, 2, 0))
