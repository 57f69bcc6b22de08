"""Time of a training step, forwards and backwards: torch alone, and with compiled features."""

import time
from pathlib import Path
from statistics import median
from typing import Any

import torch

from longstride.dataset import Batches, TrajectorySet
from longstride.kernels import compile_features
from longstride.model import build_model
from longstride.training.config import parse_config, read_recipe
from longstride.training.loss import RelativeLoss, StageWeights
from longstride.training.sources import make_sources
from longstride.validation import provenance

WARM_UP = 1


def measure(recipe: Path, data: Path, rounds: int, threads: int) -> dict[str, Any]:
    """Seconds of a training step, forwards and backwards, of both kinds in every round."""
    torch.set_num_threads(threads)
    raw = read_recipe(recipe)
    raw["data"]["files"] = [str(data)]
    config = parse_config(raw, str(recipe))
    seconds: dict[str, list[float]] = {"torch": [], "compiled": []}
    with TrajectorySet(config.data.files) as files:
        sources = make_sources(config, files)
        models = {name: build_model(config.model) for name in seconds}
        compile_features(models["compiled"], threads)
        weights = StageWeights.of(config.loss, models["torch"].supervised_stages)
        loss = RelativeLoss(sources.training.scales, weights, torch.device("cpu"))
        with Batches(sources.training, config.optimisation.batch_windows, 1, 0) as batches:
            batch = next(batches).to("cpu", torch.float32)
        for number in range(WARM_UP + rounds):
            for name, model in models.items():
                begin = time.perf_counter()
                model.zero_grad()
                loss(model(batch.graph, batch.velocities), batch).backward()
                if number >= WARM_UP:
                    seconds[name].append(time.perf_counter() - begin)
    atoms = len(batch.velocities)
    ratios = [a / b for a, b in zip(seconds["torch"], seconds["compiled"], strict=True)]
    return {
        "recipe": recipe.name,
        "threads": threads,
        "atoms": atoms,
        "us_per_atom_stride": {k: 1e6 * median(v) / atoms for k, v in seconds.items()},
        "ratio": median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
        "machine": provenance.machine(),
    }
