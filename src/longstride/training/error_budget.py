"""How long a stride may be: the error of its end by the closed-form solution, against a budget.

A kick-drift map repeats itself every substep, so that one closed-form fit tells the error after one
substep, after two, and so on. Training lowers it further, to a third or a half in most metals
(docs/metals.md): what the fit keeps, the model will.
"""

import torch

from longstride.dataset import TrajectorySet
from longstride.kernels import compile_features
from longstride.model import build_model
from longstride.training.config import TrainConfig
from longstride.training.evaluate import one_stride_errors
from longstride.training.sources import initial_batches, make_sources

WINDOWS = 8
"""That the fit is made on."""


def within_budget(config: TrainConfig, largest: float) -> tuple[TrainConfig, str]:
    """A recipe with as many of its substeps in a stride as the budget allows, and why.

    Args:
        config: with a kick-drift map, its data files found.
        largest: root mean square error of a component of an atom's position at the end of a stride
            in Å, at the worst temperature of the regime.

    Returns:
        the recipe, with one substep where even that is over the budget, and a sentence.

    Raises:
        ConfigError: the recipe does not fit the data.
    """
    with TrajectorySet(config.data.files) as data:
        sources = make_sources(config, data)
        model = build_model(config.model)
        compile_features(model, torch.get_num_threads())
        model.initialise(initial_batches(sources.training, config.seed, WINDOWS))
        found = one_stride_errors(
            model, sources.validation, n_windows=config.validation_windows, batch_windows=1
        )
    covered = sources.coverage["temperatures"]
    inside = [each for each in found if each.temperature in covered] or found
    worst = [max((e.displacement_rmse[k], e.label) for e in inside) for k in range(_count(config))]
    kept = next((k for k, (error, _) in enumerate(worst) if error > largest), len(worst))
    error, label = worst[max(kept, 1) - 1]
    times = config.model.stage_times[: max(kept, 1)]
    said = (
        f"stride {times[-1]:g} fs: after it the closed-form solution is off by {error:.2g} Å at"
        f" {label}, {'inside' if kept else 'outside'} the error budget of {largest:g} Å"
    )
    if 0 < kept < len(worst):
        next_error, next_label = worst[kept]
        said += f"; after another substep by {next_error:.2g} Å at {next_label}"
    elif kept == 0:
        said += ", and one substep is the shortest stride"
    shorter = config.model.model_copy(update={"stage_times": times, "substeps": len(times)})
    return config.model_copy(update={"model": shorter}), said


def _count(config: TrainConfig) -> int:
    return len(config.model.stage_times)
