"""The data of a recipe, as window sources for training and validation."""

from typing import Any, NamedTuple

import torch

from longstride.dataset import (
    Block,
    TrajectorySet,
    WindowShape,
    WindowSource,
    coverage,
    initial_generator,
    split_segments,
)
from longstride.errors import ConfigError
from longstride.graph import Batch
from longstride.training.config import TrainConfig
from longstride.training.crystal_of_data import crystal_of_card

MASS_TOLERANCE = 1e-3
"""Relative difference between a model's and the data's mass that is taken for rounding."""


class Sources(NamedTuple):
    """Windows to train and to validate on, the frames they are cut from, and their coverage.

    Attributes:
        training, validation: windows.
        training_blocks, validation_blocks: frames.
        coverage: the range the model is made for.
        crystal: the block of the card that tells how the crystal is made, or nothing.
    """

    training: WindowSource
    validation: WindowSource
    training_blocks: list[Block]
    validation_blocks: list[Block]
    coverage: dict[str, Any]
    crystal: dict[str, Any]


def make_sources(config: TrainConfig, data: TrajectorySet) -> Sources:
    """Splits the data and cuts windows of the model's stride.

    Raises:
        ConfigError: the recipe does not fit the data.
    """
    segments = [s for s in data.segments if config.data.includes(s.metadata.get("temperature"))]
    if not segments:
        raise ConfigError(f"data.temperatures: no trajectory inside {config.data.temperatures}")
    training, validation = split_segments(segments, config.data.split)
    covered = _stated(config, training)
    _check_masses(config, covered)
    model = config.model
    shape = WindowShape(model.stage_times, config.data.velocities)

    def source(blocks: list[Block], purpose: str) -> WindowSource:
        return WindowSource(
            blocks,
            shape,
            cutoff=model.cutoff,
            species=model.species,
            time_reversal=purpose == "training" and config.data.time_reversal,
            purpose=f"{purpose} data",
        )

    return Sources(
        source(training, "training"),
        source(validation, "validation"),
        training,
        validation,
        covered,
        crystal_of_card(data, training, covered["temperatures"]),
    )


def initial_batches(
    source: WindowSource, seed: int, n_windows: int, device: torch.device | str = "cpu"
) -> list[Batch]:
    """The batches of closed-form fits, one window each, in single precision."""
    windows = source.draw(initial_generator(seed), n_windows)
    return [source.collate([window]).to(device, torch.float32) for window in windows]


def _stated(config: TrainConfig, training: list[Block]) -> dict[str, Any]:
    """What the training data covers, its range narrowed to the regime of the recipe."""
    inside = [
        block for block in training if block.in_regime and config.regime.includes(block.temperature)
    ]
    if not inside:
        raise ConfigError("regime: no training data inside: its temperatures, or in_regime of runs")
    narrowed = coverage(inside)
    ranges = ("temperatures", "number_density", "lattice_constants")
    return {**coverage(training), **{key: narrowed[key] for key in ranges}}


def _check_masses(config: TrainConfig, covered: dict[str, Any]) -> None:
    stated = dict(zip(config.model.species, config.model.masses, strict=True))
    for number, mass in zip(covered["species"], covered["masses"], strict=True):
        if number in stated and abs(stated[number] - mass) > MASS_TOLERANCE * mass:
            raise ConfigError(
                f"model.masses gives atomic number {number} {stated[number]:g} amu, the data has "
                f"{mass:g} amu: set it to the data's"
            )
