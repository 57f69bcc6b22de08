"""One rank of the trainings that test_ranks.py judges: python rank_program.py JOBS.

JOBS is a JSON list of trainings, done one after the other by one group of processes; what rank r
saw of them is left in JOBS.r.
"""

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import torch

from longstride.graph import Batch
from longstride.training import Silent, Status, TrainConfig, TrainingInterrupted, loop, train
from longstride.training.loss import RelativeLoss
from longstride.training.optimiser import Optimiser
from longstride.training.ranks import RankLostError, Ranks, joined


class Losses(Silent):
    """Keeps the loss of every step; the first rank is told."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def stepped(self, status: Status) -> None:
        self.values.append(status.loss)


class Watched(Optimiser):
    """An optimiser that can be looked into, and has its process sent a signal before a step."""

    made: "Watched"
    signals: tuple[int, int] | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.begun = 0
        Watched.made = self

    def step(self, batch: Batch, loss_of: RelativeLoss, rate: float) -> float:
        self.begun += 1
        if Watched.signals is not None and self.begun == Watched.signals[0]:
            os.kill(os.getpid(), Watched.signals[1])
        return super().step(batch, loss_of, rate)

    def digest(self) -> str:
        """Of averaged weights and Adam's moments."""
        moments = sorted(self.adam.state_dict()["state"].items())
        tensors = [*self.average.weights.values()]
        tensors += [value for _, state in moments for _, value in sorted(state.items())]
        return hashlib.sha256(b"".join(t.detach().numpy().tobytes() for t in tensors)).hexdigest()


def do(job: dict[str, Any], ranks: Ranks) -> dict[str, Any]:
    """What came of a training, as this rank saw it."""
    config = TrainConfig.model_validate(job["recipe"])
    losses = Losses()
    Watched.signals = tuple(job["signal"]) if job["signal"] and ranks.rank == 1 else None
    end: dict[str, Any] = {}
    try:
        train(config, Path(job["folder"]), resume=job["resume"], report=losses, ranks=ranks)
    except TrainingInterrupted as stop:
        end = {"stopped": stop.number}
    except RankLostError as lost:
        end = {"lost": str(lost), "speaks": ranks.speaks()}
    return {"losses": losses.values, "digest": Watched.made.digest(), **end}


def main() -> None:
    """All jobs."""
    jobs, results = Path(sys.argv[1]), []
    torch.set_num_threads(1)
    loop.Optimiser = Watched  # type: ignore[misc]
    with joined() as ranks:
        for text in ("", "1.5 Å"):
            assert ranks.text(lambda text=text: text if ranks.first else "another's") == text
        for job in json.loads(jobs.read_text()):
            results.append(do(job, ranks))
            Path(f"{jobs}.{ranks.rank}").write_text(json.dumps(results))
    sys.exit(2 if "lost" in results[-1] else 0)


if __name__ == "__main__":
    main()
