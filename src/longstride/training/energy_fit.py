"""The closed-form fit of the energy head to the energies and stresses of the data.

Energy and virial stress are linear in the head's parameters θ: with x the site features summed over
a frame, E = x · θ and V σ = (∂x/∂ε) · θ for a strain ε. One least-squares problem holds both, each
row over the deviation that is thought small: an error of 1 meV an atom and of 0.1 GPa.

The derivatives by the strain are central differences of the features in float64.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longstride.dataset import Block
from longstride.errors import ConfigError
from longstride.graph import Graph, frame_graph
from longstride.model import EnergyHead, KickDriftMap, Novelty, StrideMap
from longstride.training.report import TrainingReport
from longstride.training.sources import Sources
from longstride.units import GPA, MASS_VELOCITY_SQUARED

Array = NDArray[np.float64]

ENERGY_FRAMES, STRESS_EVERY = 1200, 7
"""Frames whose energies are fitted, and every which of their stresses; half as many judge them."""

ENERGY_SCALE, STRESS_SCALE = 1e-3, 0.1 * GPA
"""Errors that count as much: eV per atom, eV/Å³."""

COMPONENTS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
"""Of a symmetric tensor: xx, yy, zz, xy, xz, yz."""

STRAIN = 1e-4
RIDGE = 1e-9
"""Of the mean square of the columns: keeps what the data does not determine small."""


class HeadErrors(NamedTuple):
    """Root mean square errors on frames that were not fitted.

    Attributes:
        energy: eV per atom.
        stress: of the six components, eV/Å³; None where the data has no stress.
        frames: how many energies were compared.
    """

    energy: float
    stress: float | None
    frames: int

    @property
    def in_words(self) -> str:
        """Part of a line."""
        stress = "" if self.stress is None else f", {self.stress / GPA:.3f} GPa of the stress"
        return f"RMS errors of {1e3 * self.energy:.2f} meV per atom{stress}, {self.frames} frames"


class Frame(NamedTuple):
    """One configuration with the reference's answers: eV, eV/Å³ (virial part), Å³."""

    graph: Graph
    energy: float
    virial_stress: Array | None
    volume: float


def head_of_card(model: StrideMap, sources: Sources, report: TrainingReport) -> dict[str, Any]:
    """Fit a model's energy head if it has one; what the model's card says of it.

    Args:
        model: trained.
        sources: frames to fit and to judge.
        report: told what happens.
    """
    if not isinstance(model, KickDriftMap) or model.energy_head is None:
        return {}
    report.started("energy head: fitting it to energies and stresses of the data ...")
    errors = fit_energy_head(model, sources.training_blocks, sources.validation_blocks)
    report.started(f"energy head: {errors.in_words} that were not fitted")
    return {"energy_head": errors._asdict()}


def fit_energy_head(
    trained: KickDriftMap, training: Sequence[Block], validation: Sequence[Block]
) -> HeadErrors:
    """Fit the head of a trained model, in place.

    Args:
        trained: its head is set; everything else stays.
        training, validation: frames to fit and to judge, with potential energies.

    Raises:
        ConfigError: the model has no head, or no training frame has a potential energy.
    """
    head = trained.energy_head
    if head is None:
        raise ConfigError("model.energy_head is off: there is nothing to fit")
    model = deepcopy(trained).cpu().double()
    solution = solve_readout(model, training)
    set_readout(head, solution)
    return _errors(model, validation or training, solution)


def solve_readout(model: KickDriftMap, blocks: Sequence[Block]) -> Tensor:
    """(P,) parameters of a read-out of energies and stresses that fit these frames best.

    Args:
        model: on the processor and in float64.
        blocks: frames with potential energies.

    Raises:
        ConfigError: no frame has a potential energy.
    """
    gram, right = _normal_equations(model, blocks)
    scale = gram.diagonal().sqrt().clamp(min=1e-12)
    scaled = gram / scale / scale[:, None] + RIDGE * torch.eye(len(gram), dtype=torch.float64)
    return torch.linalg.solve(scaled, right / scale) / scale


def set_readout(target: EnergyHead | Novelty, solution: Tensor) -> None:
    """Give a read-out its parameters (P,), in the order of :func:`solve_readout`."""
    n_species, n_invariants = target.linear.shape
    sizes = [target.linear.numel(), len(target.readout), n_species]
    linear, readout, offset = solution.split(sizes)
    target.linear.copy_(linear.view(n_species, n_invariants))
    target.readout.copy_(readout)
    target.offset.copy_(offset)


def _normal_equations(model: KickDriftMap, blocks: Sequence[Block]) -> tuple[Tensor, Tensor]:
    gram = right = torch.zeros(())
    n_frames = 0
    for number, frame in enumerate(_frames(model, blocks, ENERGY_FRAMES)):
        rows, answers = [_summed(model, frame.graph)[None]], [torch.tensor([frame.energy])]
        weights = [torch.tensor([1.0 / (ENERGY_SCALE * len(frame.graph.species))])]
        if frame.virial_stress is not None and number % STRESS_EVERY == 0:
            rows.append(_by_strain(model, frame.graph))
            answers.append(frame.volume * _six(frame.virial_stress))
            weights.append(torch.full((6,), 1.0 / (STRESS_SCALE * frame.volume)))
        weight = torch.cat(weights).double()
        weighted = torch.cat(rows) * weight[:, None]
        gram = gram + weighted.T @ weighted
        right = right + weighted.T @ (torch.cat(answers).double() * weight)
        n_frames += 1
    if not n_frames:
        raise ConfigError("model.energy_head: no frame of the training data has a potential energy")
    return gram, right


def _errors(model: KickDriftMap, blocks: Sequence[Block], solution: Tensor) -> HeadErrors:
    energies, stresses = [], []
    for number, frame in enumerate(_frames(model, blocks, ENERGY_FRAMES // 2)):
        error = float(_summed(model, frame.graph) @ solution) - frame.energy
        energies.append(error / len(frame.graph.species))
        if frame.virial_stress is not None and number % STRESS_EVERY == 0:
            predicted = _by_strain(model, frame.graph) @ solution / frame.volume
            stresses.append(predicted - _six(frame.virial_stress))
    return HeadErrors(
        energy=float(np.sqrt(np.mean(np.square(energies)))) if energies else float("nan"),
        stress=float(torch.stack(stresses).square().mean().sqrt()) if stresses else None,
        frames=len(energies),
    )


@torch.no_grad()
def _summed(model: KickDriftMap, graph: Graph) -> Tensor:
    """(P,) features summed over the atoms, in the order of the head's parameters."""
    whitened, decoded = model.scalars.site_features(graph)
    n_species = len(model.config.species)
    kinds = (graph.species[:, None] == torch.arange(n_species)).double()
    return torch.cat([(kinds.T @ whitened).flatten(), decoded.sum(0), kinds.sum(0)])


def _by_strain(model: KickDriftMap, graph: Graph) -> Tensor:
    """(6, P) derivatives of the summed features by the components of the strain."""
    rows = []
    for a, b in COMPONENTS:
        sides = []
        for step in (STRAIN, -STRAIN):
            strain = torch.zeros(3, 3, dtype=torch.float64)
            strain[a, b] += 0.5 * step
            strain[b, a] += 0.5 * step
            moved = graph.vectors + torch.einsum("xy,nyk->nxk", strain, graph.vectors)
            sides.append(_summed(model, graph._replace(vectors=moved)))
        rows.append((sides[0] - sides[1]) / (2.0 * STRAIN))
    return torch.stack(rows)


def _six(stress: Array) -> Tensor:
    return torch.tensor([stress[a, b] for a, b in COMPONENTS], dtype=torch.float64)


def _frames(model: KickDriftMap, blocks: Sequence[Block], count: int) -> Iterator[Frame]:
    """About ``count`` frames with energies, evenly spaced over the blocks."""
    known = [block for block in blocks if block.segment.potential_energy(slice(0, 1)) is not None]
    share = max(1, round(count / max(len(known), 1)))
    index = {number: k for k, number in enumerate(model.config.species)}
    for block in known:
        chosen = np.linspace(block.first, block.stop - 1, share + 2)[1:-1].astype(int)
        for number in np.unique(chosen):
            yield _frame(model, block, int(number), index)


def _frame(model: KickDriftMap, block: Block, number: int, index: dict[int, int]) -> Frame:
    segment = block.segment
    positions = segment.positions(number)
    species = np.array([index[int(z)] for z in segment.species], dtype=np.int64)
    graph = frame_graph(positions, segment.cell, segment.pbc, species, model.config.cutoff)
    volume = float(abs(np.linalg.det(segment.cell)))
    energy = segment.potential_energy(number)
    stress = segment.stress(number)
    virial = None
    if stress is not None and segment.has_velocities:
        velocities = segment.velocities(number)
        kinetic = np.einsum("n,na,nb->ab", segment.masses, velocities, velocities)
        virial = stress + MASS_VELOCITY_SQUARED * kinetic / volume
    assert energy is not None
    return Frame(graph, float(energy), virial, volume)
