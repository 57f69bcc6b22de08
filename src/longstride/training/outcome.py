"""What a training comes to: the best weights become a model with its card."""

import json
from collections.abc import Sequence
from typing import Any

import torch

from longstride.graph import Batch
from longstride.model import StrideMap, save_checkpoint
from longstride.training import checkpoint
from longstride.training.card import model_card
from longstride.training.config import TrainConfig
from longstride.training.energy_fit import head_of_card
from longstride.training.evaluate import StrideErrors, one_stride_errors
from longstride.training.novelty_fit import guard_of_card
from longstride.training.report import TrainingReport
from longstride.training.residual_fit import residuals_of_card
from longstride.training.run_folder import RunFolder, write_json
from longstride.training.sources import Sources

FINAL_WINDOWS = 4
"""Baseline and final errors are measured on this many times the windows of an evaluation."""


def finish_model(
    model: StrideMap,
    config: TrainConfig,
    run: RunFolder,
    sources: Sources,
    report: TrainingReport,
    *,
    batches: Sequence[Batch],
    effort: dict[str, Any],
    device: torch.device,
) -> list[StrideErrors]:
    """The best averaged weights become the model: closed-form fits, errors, model folder.

    Args:
        model: of the training; it gets the best weights.
        config: the recipe.
        run: the training's folder, with its best weights and baseline.
        sources: windows and frames to fit and measure on.
        report: told what happens.
        batches: windows of the closed-form fits.
        effort: steps, minutes and what else the training took, for the card.
        device: where the model is.

    Returns:
        The final model's errors on held-out data.
    """
    checkpoint.load_weights(run.best, model)
    model.calibrate(batches)
    more = head_of_card(model, sources, report)
    more |= guard_of_card(model, sources, report)
    more |= residuals_of_card(model, sources, report, device=device)
    errors = one_stride_errors(
        model,
        sources.validation,
        n_windows=FINAL_WINDOWS * config.validation_windows,
        batch_windows=config.optimisation.batch_windows,
        device=device,
    )
    ridge = json.loads(run.baseline.read_text(encoding="utf-8"))
    summary = {"ridge": ridge, "model": [entry.as_dict() for entry in errors]}
    write_json(run.errors, summary)
    card = model_card(config, run, sources.coverage, effort, summary)
    save_checkpoint(run.model, model, {**card, **sources.crystal, **more})
    report.finished([StrideErrors.from_dict(entry) for entry in ridge], errors)
    return errors
