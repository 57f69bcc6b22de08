"""One-stride errors against the number of reference segments, from scratch and from a model."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from longstride.dataset import run_of
from longstride.training import train
from longstride.training.config import parse_config
from longstride.training.proposal import OPTIMISATION
from longstride.training.transfer import with_parent
from longstride.trajectory import TrajectoryFile
from longstride.zoo import model_checksum, resolve
from measurements.subset import write_subset

HELD_OUT_SEGMENTS = 4
"""Of each held-out run."""

WINDOWS = 8
"""Of each temperature at the start; the errors of the end are those of four times as many."""

Errors = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Target:
    """Data of another potential.

    Attributes:
        name: of the target.
        title: in words.
        data: trajectory file.
        temperatures: of the training runs, in the order in which segments are taken, K.
        seeds: of the training runs.
        held_out: runs that errors are measured on.
    """

    name: str
    title: str
    data: Path
    temperatures: tuple[float, ...]
    seeds: tuple[int, ...]
    held_out: tuple[str, ...]

    def segments(self, count: int) -> list[str]:
        """Names of ``count`` training segments, temperatures and runs in turn."""
        chosen: list[str] = []
        with TrajectoryFile(self.data) as file:
            for number in range(len(file.segments)):
                for seed in self.seeds:
                    names = (f"T{t:g}_seed{seed}_{number:03d}" for t in self.temperatures)
                    chosen += [name for name in names if name in file.segments]
        if len(chosen) < count:
            raise ValueError(f"{self.data} has {len(chosen)} such segments, not {count}")
        return chosen[:count]

    def held_out_segments(self) -> list[str]:
        """Names of the segments that errors are measured on."""
        with TrajectoryFile(self.data) as file:
            own = [s.name for s in file if run_of(s) in self.held_out]
        return [name for name in own if int(name.rsplit("_", 1)[1]) < HELD_OUT_SEGMENTS]


def measure(
    target: Target, parent: str, count: int, *, from_parent: bool, minutes: float, windows: int
) -> dict[str, Any]:
    """Train on ``count`` segments; errors of ridge, start and model on the held-out ones.

    Args:
        target: the data.
        parent: the model to start from, and whose settings a training from scratch has too.
        count: training segments.
        from_parent: start from its weights.
        minutes: processor time of the training.
        windows: that the closed-form fits are made on.
    """
    with TemporaryDirectory() as temporary:
        work = Path(temporary)
        data = write_subset(
            target.data, target.segments(count) + target.held_out_segments(), work / "data.h5"
        )
        raw: dict[str, Any] = {
            "data": {"files": [str(data)], "split": {"validation_runs": list(target.held_out)}},
            "model": {"auto": True, "guard": False},
            "budget": {"minutes": minutes},
            "initialise_windows": windows,
            "validation_windows": WINDOWS,
            "threads": 1,
            "device": "cpu",
        }
        folder = resolve(parent)
        raw, reasons = with_parent(raw, parent, folder, model_checksum(folder), work)
        raw["model"]["energy_head"] = False
        if not from_parent:
            raw |= {"parent": None, "optimisation": OPTIMISATION}
        config = parse_config(raw, "learning curve")
        run = work / "run"
        train(config, run, parent=folder if from_parent else None)
        errors = json.loads((run / "errors.json").read_text(encoding="utf-8"))
        with (run / "log.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        card = json.loads((run / "model" / "model.json").read_text(encoding="utf-8"))
    return {
        "ridge": _by_temperature(errors["ridge"]),
        "start": {
            f"{entry['temperature']:g}": {
                kind: float(rows[0][f"{kind}[{entry['temperature']:g}K]"]) for kind in ("d", "w")
            }
            for entry in errors["model"]
        },
        "model": _by_temperature(errors["model"]),
        "steps": card["training"]["steps"],
        "taken_over": list(reasons),
        "learning_rate": config.optimisation.learning_rate,
    }


def _by_temperature(entries: list[dict[str, Any]]) -> Errors:
    return {
        f"{entry['temperature']:g}": {"d": entry["displacement"][-1], "w": entry["velocity"][-1]}
        for entry in entries
    }
