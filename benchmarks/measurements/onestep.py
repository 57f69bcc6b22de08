"""One stride on held-out windows: a model, and the ridge solution its training started from."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longstride.dataset import (
    Block,
    TrajectorySet,
    WindowShape,
    WindowSource,
    initial_generator,
)
from longstride.errors import ConfigError
from longstride.kernels import compile_features
from longstride.model import StrideMap, build_model, load_checkpoint
from longstride.training.config import TrainConfig, parse_config
from longstride.training.evaluate import one_stride_errors
from longstride.training.sources import make_sources
from longstride.trajectory import TrajectoryFile
from measurements.record import make_piece, rounded
from measurements.subject import Subject
from measurements.system import Systems

MAE_WINDOWS = 8
"""Windows of the mean absolute errors, which need a second pass."""


def measure(
    subject: Subject,
    systems: Systems,
    temperatures: tuple[float, ...],
    results: Path,
    *,
    n_windows: int,
    training: Path | None,
) -> None:
    """Write ``onestep-NAME-TK.json`` for every temperature.

    Args:
        subject: the model.
        systems: the held-out data.
        temperatures: K.
        results: folder of the pieces.
        n_windows: windows at each temperature.
        training: the training data, for the ridge start; None leaves it out.
    """
    for temperature in temperatures:
        determined_by = {
            "part": "onestep",
            "model": subject.describe(),
            "temperature": temperature,
            "data": {"file": systems.path.name, "sha256": systems.sha256},
            "ridge_data": None if training is None else _checksum(training),
            "n_windows": n_windows,
        }
        make_piece(
            results / f"onestep-{subject.name}-{temperature:g}K.json",
            determined_by,
            lambda t=temperature: _errors_of_both(subject, systems, t, n_windows, training),
        )


def _errors_of_both(
    subject: Subject, systems: Systems, temperature: float, n_windows: int, training: Path | None
) -> dict[str, Any]:
    result = {"model": errors_at(_loaded(subject.folder), systems, temperature, n_windows)}
    if training is not None:
        ridge = _ridge_start(subject.folder, training)
        result["ridge"] = errors_at(ridge, systems, temperature, n_windows)
    return result


def errors_at(
    model: StrideMap, systems: Systems, temperature: float, n_windows: int
) -> dict[str, Any]:
    """Errors of a map at every stage, on held-out windows of one temperature."""
    config = model.config
    with TrajectorySet([systems.path]) as data:
        blocks = [
            Block(segment, 0, segment.n_frames)
            for segment in data.segments
            if segment.metadata.get("temperature") == temperature
        ]
        source = WindowSource(
            blocks,
            WindowShape(config.stage_times),
            cutoff=config.cutoff,
            species=config.species,
            time_reversal=False,
            purpose=f"{systems.path.name} at {temperature:g} K",
        )
        (errors,) = one_stride_errors(model, source, n_windows=n_windows, batch_windows=1)
        return rounded({**errors.as_dict(), **_absolute_errors(model, source)})


def _absolute_errors(model: StrideMap, source: WindowSource) -> dict[str, Any]:
    """Mean absolute errors of the components of q and v at every stage, Å and Å/fs."""
    rows = []
    for window in source.spaced(0, MAE_WINDOWS):
        batch = source.collate([window])
        single = batch.to("cpu", torch.float32)
        with torch.no_grad():
            predicted = model(single.graph, single.velocities)
        pairs = (
            (predicted.displacement, batch.displacement),
            (predicted.velocity, batch.velocity),
        )
        rows.append([(p.double() - q).abs().mean((1, 2)).numpy() for p, q in pairs])
    displacement, velocity = np.mean(rows, axis=0)
    return {"displacement_mae": displacement, "velocity_mae": velocity}


@cache
def _loaded(folder: Path) -> StrideMap:
    model = load_checkpoint(folder)
    compile_features(model, torch.get_num_threads())
    return model


@cache
def _checksum(path: Path) -> dict[str, str]:
    with TrajectoryFile(path) as file:
        return {"file": path.name, "sha256": file.sha256()}


@cache
def _ridge_start(folder: Path, training: Path) -> StrideMap:
    """The model as its training found it: the same closed-form fit on the same windows."""
    config = _recipe(folder, training)
    torch.manual_seed(config.seed)
    model = build_model(config.model)
    compile_features(model, torch.get_num_threads())
    with TrajectorySet(config.data.files) as data:
        source = make_sources(config, data).training
        windows = source.draw(initial_generator(config.seed), config.initialise_windows)
        model.initialise([source.collate([w]).to("cpu", torch.float32) for w in windows])
    return model.eval()


def _recipe(folder: Path, training: Path) -> TrainConfig:
    """The recipe a model was trained with, on this file."""
    card = Subject("", folder, "comparison").card()
    recipe = card.get("training", {}).get("recipe")
    if recipe is None:
        raise ConfigError(f"{folder}: the model does not state its recipe; leave out --training")
    recipe = {**recipe, "data": {**recipe["data"], "files": [str(training)]}}
    return parse_config(recipe, str(folder))
