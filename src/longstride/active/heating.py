"""A trained model, watched at constant energy: how it heats goes onto its card."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from longstride.dataset import Block, TrajectorySet
from longstride.dynamics import (
    NoisyPropagator,
    RotationNoise,
    fitted_heating,
    measure_walk,
)
from longstride.errors import RolloutError
from longstride.kernels import load_propagator
from longstride.kernels.propagator import EnergyPropagator
from longstride.model import add_to_card
from longstride.model.residuals import BLOCK
from longstride.state import State
from longstride.training import Silent, TrainConfig, TrainingReport
from longstride.training.sources import make_sources

MOST = 5
"""Temperatures, spread over the regime; a smooth curve is laid through them."""


def state_heating(folder: Path, config: TrainConfig, report: TrainingReport | None = None) -> None:
    """Measure the heating of a model over its range of temperatures, and add it to its card.

    A model without an energy head, without residuals or whose map does not keep phase-space volume
    stays as it is, as one does whose card states its heating; a temperature where a rollout
    breaks down is left out.

    Args:
        folder: of the model.
        config: of its training; rollouts start from the validation part of its data.
        report: told what happens.
    """
    model = load_propagator(folder)
    residuals = model.residuals
    if residuals is None or residuals.heating is not None or config.heating.atom_strides == 0:
        return
    if not (isinstance(model, EnergyPropagator) and model.symplectic):
        return
    report = report or Silent()
    report.started("heating: rollouts at constant energy, with the noise of the residual ...")
    moving = NoisyPropagator(model, RotationNoise(residuals))
    lowest, highest = model.regime.temperature
    inside = [t for t in residuals.temperatures if lowest <= t <= highest]
    spread = np.linspace(0, len(inside) - 1, min(MOST, len(inside))).round().astype(int)
    chosen = [inside[k] for k in spread]
    with TrajectorySet(config.data.files) as data:
        starts = list(_starts(make_sources(config, data).validation_blocks, chosen))
    share = config.heating.atom_strides // max(len(starts), 1)
    walks = []
    for index, (temperature, state) in enumerate(starts):
        rng = np.random.default_rng([config.heating.seed, index])
        try:
            walk = measure_walk(moving, model, state, temperature, rng, share // state.n_atoms)
        except RolloutError as error:
            report.started(f"heating at {temperature:g} K: the rollout broke down: {error}")
        else:
            walks.append(walk)
            report.started(
                f"heating at {temperature:g} K: {walk.heating:.2g} of the kinetic energy a stride,"
                f" from {walk.pieces} pieces"
            )
    if not walks:
        return
    heating = fitted_heating(walks, residuals.temperatures)
    stated = residuals.model_copy(update={"heating": tuple(heating.tolist())})
    add_to_card(folder, {BLOCK: stated.model_dump(mode="json")})


def _starts(
    blocks: Sequence[Block], temperatures: Sequence[float]
) -> Iterator[tuple[float, State]]:
    """A state of each temperature, from the first block that has it."""
    for temperature in temperatures:
        own = (b for b in blocks if b.temperature == temperature and b.segment.has_velocities)
        block = next(own, None)
        if block is not None:
            yield temperature, block.segment.state(block.stop - 1)
