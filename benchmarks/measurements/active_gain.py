"""What frames chosen by the guard are worth, against random frames of the same rollouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longstride.active.explore import Found, explore
from longstride.active.label import label
from longstride.active.origin import origin_of
from longstride.active.rounds import with_labels
from longstride.dataset import (
    Block,
    TrajectorySet,
    WindowShape,
    WindowSource,
    run_of,
    split_segments,
)
from longstride.dynamics import draw_velocities, langevin, rollout
from longstride.errors import RolloutError
from longstride.kernels import load_propagator
from longstride.model import load_checkpoint
from longstride.training import one_stride_errors, train
from longstride.training.config import TrainConfig, parse_config
from longstride.training.sources import make_sources
from longstride.trajectory import Segment, TrajectoryFile
from measurements.subset import write_subset

TEMPERATURES = (250.0, 300.0, 400.0, 500.0, 600.0)
"""Of the data at the beginning, K: two runs to train on and one held out."""

SEGMENTS, HELD_OUT = 4, 2
"""Of each run."""

STRAINED = "T950_strain"
"""Begins the names of the strained runs that errors are measured on."""

STRAINED_EVERY = 5
"""Of their segments, every which."""

WINDOWS = 48
"""Of each set of held-out frames."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Of the comparison; times in fs.

    Attributes:
        temperatures, strains: of the rollouts.
        time: of each.
        frames: labelled.
        minutes: processor time of the first training, and of the second.
        alarm_temperature, alarm_time: of the rollouts whose alarms are counted.
    """

    temperatures: tuple[float, ...] = (300.0, 450.0, 600.0, 750.0, 900.0)
    strains: tuple[float, ...] = (0.0, 0.02)
    time: float = 2400.0
    frames: int = 24
    minutes: tuple[float, float] = (0.6, 0.4)
    alarm_temperature: float = 900.0
    alarm_time: float = 3000.0


def recipe(data: Path, settings: Settings) -> TrainConfig:
    """The settings of ``al-fast``, on the narrow data."""
    return parse_config(
        {
            "data": {
                "files": [str(data)],
                "split": {"validation_runs": [f"T{t:g}_seed3" for t in TEMPERATURES]},
            },
            "model": {
                "stage_times": [20.0, 40.0, 60.0],
                "substeps": 3,
                "kicks": 3,
                "species": [13],
                "masses": [26.9815385],
                "cutoff": 5.3,
                "network": {"radial": 9, "hidden": 16, "attention": False, "bound": "hidden"},
                "guard": True,
            },
            "budget": {"minutes": settings.minutes[0]},
            "optimisation": {"learning_rate": 4.0e-3, "warmup_steps": 100, "batch_windows": 2},
            "loss": {"displacement": 1.5},
            "initialise_windows": 4,
            "validation_windows": 4,
            "threads": 1,
            "device": "cpu",
            "active": {
                "temperatures": list(settings.temperatures),
                "strains": list(settings.strains),
                "time": settings.time,
                "frames": settings.frames,
            },
        },
        "active",
    )


def measure(source: Path, test: Path, settings: Settings, work: Path) -> dict[str, Any]:
    """Train on the cold data, then once more with guarded and with random frames beside it.

    Args:
        source: data of recipes/al.yaml.
        test: held-out data of recipes/al-test.yaml.
        settings: of the comparison.
        work: for data and trainings; the first training is taken from there if it is done.
    """
    config = recipe(write_subset(source, _narrow(source), work / "cold.h5"), settings)
    if not (work / "round-0" / "model" / "model.safetensors").is_file():
        train(config, work / "round-0")
    model = work / "round-0" / "model"
    with TrajectorySet(config.data.files) as data:
        origin = origin_of(data)
        blocks = make_sources(config, data).training_blocks
        held_out = {run_of(b.segment) for b in split_segments(data.segments, config.data.split)[1]}
        active = config.active
        assert active is not None
        exploration = explore(load_propagator(model), blocks, active, 1)
    rng = np.random.default_rng(1)
    count = min(len(exploration.found), len(exploration.seen))
    drawn = rng.choice(len(exploration.seen), count, replace=False)
    choices = {
        "guard": exploration.found,
        "random": tuple(exploration.seen[k] for k in sorted(drawn)),
    }
    result: dict[str, Any] = {
        "looks": exploration.looks,
        "flagged": exploration.flagged,
        "seen": len(exploration.seen),
        "before": _judged(model, config, source, test, settings),
    }
    for kind, found in choices.items():
        folder = work / kind
        folder.mkdir(exist_ok=True)
        length = active.segment_length
        label(found, origin, length, folder / "active-1.h5", 1, {"chosen_by": kind})
        after = with_labels(config, folder, 1, held_out, model)
        budget = after.budget.model_copy(update={"minutes": settings.minutes[1]})
        train(after.model_copy(update={"budget": budget}), folder / "run", parent=model)
        result[kind] = {
            **_judged(folder / "run" / "model", config, source, test, settings),
            "frames": len(found),
            "outside": sum(frame.share > 1.0 for frame in found),
            "temperatures": _counted(found),
        }
    return result


def _narrow(source: Path) -> list[str]:
    """Names of the segments at the beginning."""
    with TrajectoryFile(source) as file:
        return [
            f"T{temperature:g}_seed{seed}_{number:03d}"
            for temperature in TEMPERATURES
            for seed in (1, 2, 3)
            for number in range(HELD_OUT if seed == 3 else SEGMENTS)
            if f"T{temperature:g}_seed{seed}_{number:03d}" in file.segments
        ]


def _counted(found: Sequence[Found]) -> dict[str, int]:
    temperatures = sorted({frame.temperature for frame in found})
    return {f"{t:g}": sum(frame.temperature == t for frame in found) for t in temperatures}


def _judged(
    model: Path, config: TrainConfig, source: Path, test: Path, settings: Settings
) -> dict[str, Any]:
    """One-stride errors on held-out frames, and looks of hot rollouts that find atoms outside."""
    with TrajectoryFile(test) as file, TrajectoryFile(source) as other:
        hot = [segment for segment in file if segment.metadata["temperature"] == 900.0]
        cold = [segment for segment in file if segment.metadata["temperature"] == 300.0]
        strained = [s for s in other if run_of(s).startswith(STRAINED)][::STRAINED_EVERY]
        errors = {
            "300 K": _errors(model, config, cold),
            "900 K": _errors(model, config, hot),
            "950 K, ±2 %": _errors(model, config, strained),
        }
        looks, outside, broke = _alarms(model, hot, settings)
    return {"errors": errors, "alarms": {"looks": looks, "outside": outside, "broke": broke}}


def _errors(model: Path, config: TrainConfig, segments: Sequence[Segment]) -> dict[str, float]:
    blocks = [Block(segment, 0, segment.n_frames) for segment in segments]
    shape = WindowShape(config.model.stage_times)
    windows = WindowSource(blocks, shape, cutoff=config.model.cutoff, species=config.model.species)
    (errors,) = one_stride_errors(load_checkpoint(model), windows, n_windows=WINDOWS)
    return {"d": errors.displacement[-1], "w": errors.velocity[-1]}


def _alarms(model: Path, segments: Sequence[Segment], settings: Settings) -> tuple[int, int, int]:
    """Looks, looks with an atom outside, and rollouts that broke down: one from each segment."""
    propagator = load_propagator(model)
    gauge = propagator.gauge
    assert gauge is not None
    looks = outside = broke = 0
    for number, segment in enumerate(segments):
        rng = np.random.default_rng([7, number])
        state = draw_velocities(segment.state(0), settings.alarm_temperature, rng)
        ensemble = langevin(propagator, settings.alarm_temperature, 500.0)
        strides = round(settings.alarm_time / ensemble.stride)
        try:
            for stride in rollout(ensemble, state, rng, strides, shortest_distance=1.0):
                signals = gauge.look(stride.end)
                looks += 1
                outside += any(bool((s.values > s.limits).any()) for s in signals)
        except RolloutError:
            broke += 1
    return looks, outside, broke
