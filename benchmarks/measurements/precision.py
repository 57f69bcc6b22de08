"""What products in lower precision do to accuracy: in training, and in a model that is trained."""

from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import torch

from longstride.dataset import Batches, TrajectorySet
from longstride.kernels import compile_features
from longstride.model import load_checkpoint
from longstride.model.layers import Precision, products_in
from longstride.training import Silent, StrideErrors, one_stride_errors
from longstride.training.loop import Training
from longstride.training.run_folder import RunFolder
from longstride.training.sources import make_sources
from measurements.parallel import small_config


def trained(
    recipe: Path, data: Path, precision: Precision, seed: int, steps: int, windows: int
) -> dict[str, Any]:
    """Errors before and after some steps, measured in float32.

    Args:
        recipe: of the model.
        data: its data.
        precision: of the products while training; TF32 by rounding operands on the processor.
        seed: of the order of the data and of all that is drawn.
        steps: of the training.
        windows: of each temperature, to measure on.
    """
    torch.set_num_threads(1)
    config = small_config(
        recipe,
        data,
        budget={"minutes": None, "steps": steps},
        precision=precision,
        seed=seed,
        initialise_windows=8,
        optimisation={"warmup_steps": 10},
    )
    with TrajectorySet(config.data.files) as files, TemporaryDirectory() as scratch:
        sources = make_sources(config, files)
        run = RunFolder.create(Path(scratch) / "run", config, {})
        training = Training(config, run, sources, Silent())
        training.start()

        def errors() -> dict[str, float]:
            with training.optimiser.average.applied():
                return _at_end(
                    one_stride_errors(training.model, sources.validation, n_windows=windows)
                )

        before = errors()
        count = config.optimisation.batch_windows
        with Batches(sources.training, count, config.seed, 0) as batches:
            for _ in range(steps):
                training.advance(next(batches).to("cpu", torch.float32))
        return {"before": before, "after": errors(), "skipped": training.optimiser.guard.skipped}


def of_a_model(
    model: Path, recipe: Path, data: Path, precision: Precision | Literal["autocast"], windows: int
) -> dict[str, float]:
    """Errors of a trained model whose layers multiply in a precision.

    Args:
        model: folder.
        recipe: of its data's split.
        data: its data.
        precision: of the products; ``autocast`` takes all products in bf16, not the layers' alone.
        windows: of each temperature.
    """
    torch.set_num_threads(1)
    config = small_config(recipe, data)
    loaded = load_checkpoint(model)
    if precision == "autocast":
        context: AbstractContextManager[Any] = torch.autocast("cpu", torch.bfloat16)
    else:
        compile_features(loaded, 1)
        context = products_in(loaded, precision)
    with TrajectorySet(config.data.files) as files, context:
        validation = make_sources(config, files).validation
        return _at_end(one_stride_errors(loaded, validation, n_windows=windows))


def _at_end(errors: list[StrideErrors]) -> dict[str, float]:
    """Root mean squares over the temperatures, of d and w at the end of the stride."""
    columns = {
        "d": [entry.displacement[-1] for entry in errors],
        "w": [entry.velocity[-1] for entry in errors],
    }
    return {k: (sum(x * x for x in v) / len(v)) ** 0.5 for k, v in columns.items()}
