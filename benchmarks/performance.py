"""Speed of the shipped models and of training, and the page that says so.

    cd benchmarks/results/speed
    longstride bench -m NAME --atoms 4000,32000,500000 --json bench-NAME.json
    cd -
    python benchmarks/performance.py training --recipe recipes/al-model.yaml --data al.h5
    python benchmarks/performance.py page

NAME is al and al-fast. ``training`` times steps of a recipe with torch alone and with compiled
moments, in turns, and writes ``benchmarks/results/speed/training-speed.json``; ``page`` makes
docs/performance.md from the results, with the section of the study that ``pareto.py`` measures.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from measurements.command import ended, parser_of

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "speed"
STUDY = ROOT / "benchmarks" / "results" / "pareto"
WARM_UP = 1


def training(recipe: Path, data: Path, rounds: int, threads: int) -> dict[str, Any]:
    """Seconds of a training step, forwards and backwards, of both kinds in every round."""
    import torch

    from longstride.dataset import Batches, TrajectorySet
    from longstride.kernels import compile_moments
    from longstride.model import build_model
    from longstride.training.config import parse_config, read_recipe
    from longstride.training.loss import RelativeLoss, StageWeights
    from longstride.training.sources import make_sources
    from longstride.validation import provenance

    torch.set_num_threads(threads)
    raw = read_recipe(recipe)
    raw["data"]["files"] = [str(data)]
    config = parse_config(raw, str(recipe))
    seconds: dict[str, list[float]] = {"torch": [], "compiled": []}
    with TrajectorySet(config.data.files) as files:
        sources = make_sources(config, files)
        models = {name: build_model(config.model) for name in seconds}
        compile_moments(models["compiled"], threads)
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


def page() -> str:
    """The text of docs/performance.md."""
    from pages.performance import text

    return text(RESULTS, STUDY, ROOT / "docs" / "figures")


def run(given: argparse.Namespace) -> None:
    """One part."""
    if given.part == "training":
        result = training(given.recipe, given.data, given.rounds, given.threads)
        path = RESULTS / "training-speed.json"
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    else:
        path = ROOT / "docs" / "performance.md"
        path.write_text(page(), encoding="utf-8")
    print(path)


def main(words: list[str] | None = None) -> int:
    """Run a part; errors of the user are one line."""
    parser = parser_of(__doc__)
    parser.add_argument("part", choices=["training", "page"])
    parser.add_argument("--recipe", type=Path, help="of the model")
    parser.add_argument("--data", type=Path, help="its training data")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(words)
    if given.part == "training" and (given.recipe is None or given.data is None):
        parser.error("training needs --recipe and --data")
    return ended(lambda: run(given))


if __name__ == "__main__":
    sys.exit(main())
