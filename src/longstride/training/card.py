"""What a trained model says of itself."""

import json
from typing import Any

from longstride.training.config import TrainConfig
from longstride.training.run_folder import RunFolder, portable


def model_card(
    config: TrainConfig,
    run: RunFolder,
    coverage: dict[str, Any],
    effort: dict[str, Any],
    errors: dict[str, Any],
) -> dict[str, Any]:
    """What a model was made for and from, as plain data.

    Args:
        config: the recipe.
        run: the training's folder, with its provenance.
        coverage: the range of the data.
        effort: steps, minutes and what else the training took.
        errors: of ridge solution and model on held-out data.
    """
    provenance = json.loads((run.path / "provenance.json").read_text(encoding="utf-8"))
    return {
        "regime": {
            **coverage,
            "stage_times": list(config.model.stage_times),
            "velocities": config.data.velocities,
        },
        "one_stride_errors": errors,
        "training": {**effort, "recipe": portable(config), "provenance": provenance},
    }
