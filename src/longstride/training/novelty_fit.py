"""Measures how unlike the training data a neighbourhood is, and calibrates what is too much.

The training part gives the center and the covariance of the whitened invariants, species by
species, and two read-outs of the energy, each from every other block of frames. The validation
part, never seen by either, gives the limits: the levels that an atom exceeds with a stated
probability (``training/tail.py``), at each temperature in whichever of its runs is the highest, so
that the probability holds in every one of them.

Every temperature counts the same in the covariance, whatever its own spread: pooled as they are,
the hottest atoms would decide alone, and nothing at room temperature would ever be far away.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from longstride.dataset import Block, run_of
from longstride.errors import ConfigError
from longstride.graph import frame_graph
from longstride.kernels.novelty import NoveltyReader
from longstride.model import KickDriftMap, ModelConfig, StrideMap
from longstride.model.limits import DISAGREEMENT, SIGNALS, GuardLimits
from longstride.state import State
from longstride.training.energy_fit import set_readout, solve_readout
from longstride.training.report import TrainingReport
from longstride.training.sources import Sources
from longstride.training.tail import FEWEST_SAMPLES, Tail, fit_tail

Array = NDArray[np.float64]

RATE = 1e-8
"""Stated probability of a false alarm, per atom and look and signal."""

COVARIANCE_FRAMES = 1200
"""Frames whose invariants are measured, evenly spaced over the training part."""

CALIBRATION_FRAMES = 600
"""Frames of each run of the validation part that limits are read from."""

FLOOR = 1e-4
"""Directions whose variance is below this fraction of the mean are not amplified further."""

Group = float | None


def require_calibration_data(config: ModelConfig, sources: Sources) -> None:
    """Refuse, before a training begins, data that the guard could not be calibrated on at its end.

    Raises:
        ConfigError: a run of the validation data inside the regime has too few atoms of a species.
    """
    if not config.guard:
        return
    inside = set(sources.coverage["temperatures"])
    missing = set(config.species)
    for (_, run), blocks in _runs(sources.validation_blocks, inside).items():
        share = _share(blocks, CALIBRATION_FRAMES)
        for number in config.species:
            count = sum(
                min(share, max(block.stop - block.first - 1, 1))
                * int(np.sum(block.segment.species == number))
                for block in blocks
            )
            if count:
                missing.discard(number)
            if 0 < count < FEWEST_SAMPLES:
                raise ConfigError(
                    f"model.guard: run {run} of the validation data has {count} atoms of atomic "
                    f"number {number} in all its frames, {FEWEST_SAMPLES} are the least to "
                    "calibrate on: give longer runs, or leave the guard out"
                )
    if missing:
        raise ConfigError(
            f"model.guard: no run of the validation data has atoms of atomic number {min(missing)}"
            ": hold out one that has, or leave the guard out"
        )


def guard_of_card(model: StrideMap, sources: Sources, report: TrainingReport) -> dict[str, Any]:
    """Fit a model's guard if it has one; what the model's card says of it.

    Args:
        model: trained.
        sources: frames to fit and to calibrate on.
        report: told what happens.
    """
    if not isinstance(model, KickDriftMap) or model.novelty is None:
        return {}
    report.started("guard: measuring the training data, calibrating on the validation data ...")
    inside = set(sources.coverage["temperatures"])
    limits = fit_guard(model, sources.training_blocks, sources.validation_blocks, inside)
    report.started(f"guard: false-alarm rate {limits.rate:g} per atom and look")
    return {"guard": limits.model_dump(mode="json")}


def fit_guard(
    trained: KickDriftMap,
    training: Sequence[Block],
    validation: Sequence[Block],
    temperatures: set[float],
) -> GuardLimits:
    """Fit the guard of a trained model, in place; everything else stays.

    Args:
        trained: with a measure of novelty.
        training, validation: frames to fit and to calibrate on.
        temperatures: of the regime, K; where it has any, validation frames of others are left out.

    Raises:
        ConfigError: the model has no guard, or the validation frames are too few.
    """
    novelty = trained.novelty
    if novelty is None:
        raise ConfigError("model.guard is off: there is nothing to fit")
    model = deepcopy(trained).cpu().double()
    centers, matrices = _measure(model, training)
    novelty.center.copy_(centers)
    novelty.matrix.copy_(matrices)
    known = [block for block in training if _has_energies(block)]
    if len(known) > 1:
        one, other = (solve_readout(model, known[k::2]) for k in (0, 1))
        set_readout(novelty, one - other)
    return _calibrate(trained, validation, temperatures)


def _has_energies(block: Block) -> bool:
    return block.segment.potential_energy(slice(0, 1)) is not None


@torch.no_grad()
def _measure(model: KickDriftMap, blocks: Sequence[Block]) -> tuple[Tensor, Tensor]:
    """Center (S, F) and whitening matrix (S, F, F) of the whitened invariants."""
    n_species, n_features = len(model.config.species), model.scalars.n_invariants
    sums: dict[tuple[Group, int], tuple[int, Tensor, Tensor]] = {}
    for group, state in _frames(blocks, COVARIANCE_FRAMES):
        kinds = _kinds(model, state)
        cutoff = model.config.cutoff
        graph = frame_graph(state.positions, state.cell, state.pbc, kinds, cutoff)
        features = model.scalars.whitened(graph)
        for kind in np.unique(kinds):
            own = features[graph.species == int(kind)]
            key = (group, int(kind))
            count, first, second = sums.get(key, (0, torch.zeros(()), torch.zeros(())))
            sums[key] = (count + len(own), first + own.sum(0), second + own.T @ own)
    centers = torch.zeros(n_species, n_features, dtype=torch.float64)
    matrices = torch.eye(n_features, dtype=torch.float64).repeat(n_species, 1, 1)
    for kind in range(n_species):
        found = [value for (_, other), value in sums.items() if other == kind]
        if not found:
            continue
        means = [first / count for count, first, _ in found]
        centers[kind] = torch.stack(means).mean(0)
        covariances = [
            second / count - mean[:, None] * mean
            for (count, _, second), mean in zip(found, means, strict=True)
        ]
        even = [one / one.diagonal().mean().clamp(min=1e-12) for one in covariances]
        values, vectors = torch.linalg.eigh(torch.stack(even).mean(0))
        matrices[kind] = vectors / values.clamp(min=FLOOR).sqrt()
    return centers, matrices


def _calibrate(
    model: KickDriftMap, blocks: Sequence[Block], temperatures: set[float]
) -> GuardLimits:
    runs = _runs(blocks, temperatures)
    ordered = sorted({group for group, _ in runs}, key=lambda group: group or 0.0)
    names = [name for name in SIGNALS if name != DISAGREEMENT or _reads_twice(model)]
    levels: dict[str, list[list[float]]] = {name: [] for name in names}
    shapes: dict[str, list[list[float]]] = {name: [] for name in names}
    samples = []
    for group in ordered:
        found = [_tails(model, own, names) for (other, _), own in runs.items() if other == group]
        for name in names:
            by_species = list(zip(*(tails[name] for tails in found), strict=True))
            highest = [_highest(tails) for tails in by_species]
            levels[name].append([tail.level(RATE) if tail else np.nan for tail in highest])
            shapes[name].append([tail.shape if tail else np.nan for tail in highest])
        samples.append(len(found))
    at = np.array([group or 0.0 for group in ordered])
    return GuardLimits(
        rate=RATE,
        temperatures=tuple(group for group in ordered if group is not None),
        signals={name: _rising(_filled(rows, at)) for name, rows in levels.items()},
        shapes={name: tuple(map(tuple, _filled(rows, at))) for name, rows in shapes.items()},
        runs=tuple(samples),
    )


def _highest(tails: Sequence[Tail | None]) -> Tail | None:
    """The tail with the highest limit; None where no run has the species."""
    return max(filter(None, tails), key=lambda tail: tail.level(RATE), default=None)


def _filled(rows: list[list[float]], at: Array) -> list[list[float]]:
    """A species that no run of a temperature has takes what its nearest temperatures say."""
    columns = np.array(rows).T
    known = ~np.isnan(columns)
    filled = [np.interp(at, at[k], column[k]) for column, k in zip(columns, known, strict=True)]
    return np.transpose(filled).tolist()


def _runs(
    blocks: Sequence[Block], temperatures: set[float]
) -> dict[tuple[Group, str], list[Block]]:
    """Blocks inside the regime by temperature and run; without temperatures, by run alone.

    Runs of one name in several files are not the same.
    """
    stated = all(block.temperature is not None for block in blocks)
    runs: dict[tuple[Group, str], list[Block]] = {}
    for block in blocks:
        group = block.temperature if stated else None
        if group is None or not temperatures or group in temperatures:
            name = f"{run_of(block.segment)} of {block.segment.path.name}"
            runs.setdefault((group, name), []).append(block)
    if not runs:
        raise ConfigError("guard: the validation data has no frame inside the regime")
    return runs


def _tails(
    model: KickDriftMap, blocks: Sequence[Block], names: Sequence[str]
) -> dict[str, list[Tail | None]]:
    """The tail of each signal in one run, by species; None for one that it does not have."""
    reader = NoveltyReader.of(model)
    frames = [state for _, state in _frames(blocks, CALIBRATION_FRAMES)]
    kinds = np.concatenate([_kinds(model, state) for state in frames])
    looks = zip(*(reader.at(state, _kinds(model, state)) for state in frames), strict=True)
    return {
        name: [
            fit_tail(np.concatenate(signal)[kinds == k]) if np.any(kinds == k) else None
            for k in range(len(model.config.species))
        ]
        for name, signal in zip(SIGNALS, looks, strict=True)
        if name in names
    }


def _reads_twice(model: KickDriftMap) -> bool:
    """Whether there were energies to fit two read-outs to."""
    return model.novelty is not None and bool(model.novelty.offset.any())


def _rising(rows: list[list[float]]) -> tuple[tuple[float, ...], ...]:
    """No limit is lower than at a lower temperature: that would be noise of the fits."""
    return tuple(tuple(row) for row in np.maximum.accumulate(np.array(rows)).tolist())


def _frames(blocks: Sequence[Block], count: int) -> Iterator[tuple[Group, State]]:
    """About ``count`` frames with their temperature, evenly spaced over the blocks."""
    share = _share(blocks, count)
    for block in blocks:
        segment = block.segment
        chosen = np.linspace(block.first, block.stop - 1, share + 2)[1:-1].astype(int)
        for number in np.unique(chosen):
            positions = segment.positions(int(number))
            yield (
                block.temperature,
                State(
                    positions=positions,
                    velocities=np.zeros_like(positions),
                    masses=segment.masses,
                    species=segment.species,
                    cell=segment.cell,
                    pbc=segment.pbc,
                ),
            )


def _share(blocks: Sequence[Block], count: int) -> int:
    """Frames of each block, to have ``count`` in all."""
    return max(1, round(count / max(len(blocks), 1)))


def _kinds(model: KickDriftMap, state: State) -> NDArray[np.int64]:
    index = {number: kind for kind, number in enumerate(model.config.species)}
    return np.array([index[int(number)] for number in state.species], dtype=np.int64)
