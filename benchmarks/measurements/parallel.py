"""Training steps of one process and of two with the same global batch, in turns.

Run as a program this is one of the two ranks: python parallel.py SETTINGS OUT.
"""

import json
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch

from longstride.cli.processes import launch
from longstride.dataset import Batches, TrajectorySet
from longstride.errors import LongstrideError
from longstride.training import Silent, TrainConfig
from longstride.training.config import parse_config, read_recipe
from longstride.training.loop import Training
from longstride.training.ranks import ALONE, Ranks, joined
from longstride.training.run_folder import RunFolder
from longstride.training.sources import Sources, make_sources

SIZE = 2

ONE_TEMPERATURE = [590.0, 610.0]
"""K: the start is short, and a step costs the same at any."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is trained.

    Attributes:
        recipe, data: files.
        windows: of the global batch.
        rounds: turns of each kind.
        steps: in a turn.
    """

    recipe: str
    data: str
    windows: int
    rounds: int
    steps: int


def small_config(recipe: Path, data: Path, /, **sections: Any) -> TrainConfig:
    """A recipe without what follows a training, on one thread, with sections put over it."""
    raw = read_recipe(recipe)
    raw["data"]["files"] = [str(data)]
    raw["model"] |= {"guard": False, "energy_head": False}
    raw |= {"threads": 1, "validation_windows": 1}
    for name, value in sections.items():
        merge = isinstance(value, dict) and isinstance(raw.get(name), dict)
        raw[name] = {**raw[name], **value} if merge else value
    return parse_config(raw, str(recipe))


def measure(settings: Settings) -> dict[str, Any]:
    """Both kinds of steps by two processes, of which one rests where the other trains alone."""
    with TemporaryDirectory(prefix="parallel-") as scratch:
        given, out = Path(scratch) / "settings.json", Path(scratch) / "out.json"
        given.write_text(json.dumps(asdict(settings)), encoding="utf-8")
        command = [sys.executable, __file__, str(given), str(out)]
        if launch(command, SIZE) != 0 or not out.exists():
            raise LongstrideError("a process of the measurement failed")
        result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


class Trainee:
    """A training that is timed.

    Args:
        config: the recipe.
        sources: its data.
        folder: for its files.
        ranks: that train together.
    """

    def __init__(self, config: TrainConfig, sources: Sources, folder: Path, ranks: Ranks) -> None:
        run = RunFolder.create(folder, config, {}) if ranks.first else RunFolder(folder)
        self._training = Training(config, run, sources, Silent(), ranks)
        self._training.start()
        self._batches = Batches(
            sources.training,
            config.optimisation.batch_windows,
            config.seed,
            0,
            rank=ranks.rank,
            size=ranks.size,
        )
        self.losses: list[float] = []
        self.wall: list[float] = []
        self.processor: list[float] = []

    def turn(self, steps: int) -> None:
        """Some steps."""
        for _ in range(steps):
            begin, spent = time.perf_counter(), time.process_time()
            batch = next(self._batches).to("cpu", torch.float32)
            self.losses.append(self._training.advance(batch))
            self.wall.append(time.perf_counter() - begin)
            self.processor.append(time.process_time() - spent)

    def __enter__(self) -> "Trainee":
        self._batches.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._batches.__exit__(*error)


def _rank(settings: Settings, out: Path) -> None:
    config = small_config(
        Path(settings.recipe),
        Path(settings.data),
        budget={"minutes": None, "steps": settings.rounds * settings.steps},
        optimisation={"batch_windows": settings.windows},
        data={"temperatures": ONE_TEMPERATURE, "split": {"by": "run"}},
        regime={"temperatures": None},
        initialise_windows=4,
    )
    torch.set_num_threads(1)
    with (
        joined() as ranks,
        TrajectorySet(config.data.files) as files,
        TemporaryDirectory(prefix="rank-") as scratch,
    ):
        sources = make_sources(config, files)
        with ExitStack() as open_ones:
            pair = open_ones.enter_context(Trainee(config, sources, Path(scratch) / "two", ranks))
            alone = Trainee(config, sources, Path(scratch) / "one", ALONE) if ranks.first else None
            if alone is not None:
                open_ones.enter_context(alone)
            for _ in range(settings.rounds):
                if alone is not None:
                    alone.turn(settings.steps)
                ranks.text(str)  # the others wait here
                pair.turn(settings.steps)
        if alone is not None:
            out.write_text(json.dumps(_summary(alone, pair)), encoding="utf-8")


def _summary(alone: Trainee, pair: Trainee) -> dict[str, Any]:
    parts = {"one": alone, "two": pair}
    differences = [abs(a - b) / a for a, b in zip(alone.losses, pair.losses, strict=True)]
    return {
        "steps": len(alone.losses),
        "wall_ms": {name: 1e3 * median(part.wall) for name, part in parts.items()},
        "processor_ms": {name: 1e3 * median(part.processor) for name, part in parts.items()},
        "largest_difference": max(differences),
        "first_loss": alone.losses[0],
        "last_loss": alone.losses[-1],
    }


if __name__ == "__main__":
    _rank(Settings(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), Path(sys.argv[2]))
