"""Rounds of training, looking for frames outside of the data, and labelling them.

    round 0: train on the data
    round k: roll out the model of round k - 1 → frames where its guard fires → labels by the engine
             of the data → ACTIVE-k.h5 → train on all data, from the last weights

The validation part of the data stays what it was in round 0; of the new segments, one in four
joins it, for the guard to be calibrated on. What is finished is not done again: a round with its
file of labels does not look for frames, one with its model does not train.
"""

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from longstride.active.explore import explore
from longstride.active.label import label, run_names
from longstride.active.origin import Origin, origin_of
from longstride.dataset import TrajectorySet, run_of
from longstride.documents import read_json
from longstride.errors import ConfigError
from longstride.kernels import load_propagator
from longstride.model import load_checkpoint
from longstride.training import (
    Silent,
    StrideErrors,
    TrainConfig,
    TrainingReport,
    in_one_line,
    one_stride_errors,
    train,
)
from longstride.training.active_config import ActiveConfig
from longstride.training.config import ParentConfig
from longstride.training.outcome import FINAL_WINDOWS
from longstride.training.run_folder import RunFolder, write_json
from longstride.training.sources import make_sources
from longstride.trajectory import TrajectoryFile
from longstride.zoo import model_checksum

HEATED = 1.15
"""Times the highest temperature of the regime: where rollouts go, too, by default."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round came to.

    Attributes:
        number: from 1.
        looks: states of the rollouts that were looked at.
        flagged: of them, with an atom outside of the data.
        chosen: frames given to the reference.
        labelled: segments it made of them; from the others it broke down.
        before, after: errors on the validation part with the round's own segments, of the model
            before and after it.
    """

    number: int
    looks: int
    flagged: int
    chosen: int
    labelled: int
    before: list[StrideErrors]
    after: list[StrideErrors]


def train_actively(
    config: TrainConfig,
    folder: Path,
    rounds: int,
    *,
    parent: Path | None = None,
    resume: bool = False,
    report: TrainingReport | None = None,
) -> list[Round]:
    """Runs a recipe with so many rounds of new data; ``folder/model`` is the last model.

    Args:
        config: the recipe; its budget is that of every round.
        folder: made by this call, or continued with ``resume``.
        rounds: of new data.
        parent: folder of the model that ``config.parent`` names, where round 0 starts.
        resume: go on where it stopped.
        report: told what happens.

    Raises:
        ConfigError: the model has no guard, the data records no engine, or the folder is taken.
        EngineError: the engine is missing, or broke down from every frame of a round.
        TrainingError, TrainingInterrupted: of a training.
    """
    report = report or Silent()
    if not config.model.guard:
        raise ConfigError("--active needs model.guard: it tells what is outside of the data")
    if folder.exists() and not resume and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            f"{folder} is not empty: continue it with --resume, or choose another folder with -o"
        )
    if config.data.velocities != "stored":
        raise ConfigError("--active needs data.velocities: stored, which rollouts can start from")
    with TrajectorySet(config.data.files) as data:
        origin = origin_of(data)
        sources = make_sources(config, data)
        held_out = {run_of(block.segment) for block in sources.validation_blocks}
        active = _resolved(config, sources.coverage["temperatures"])
    config = config.model_copy(update={"active": active})
    model = _train(config, folder / "round-0", parent, report)
    current, done = config, list[Round]()
    for number in range(1, rounds + 1):
        report.started(f"round {number} of {rounds}")
        labels = folder / f"active-{number}.h5"
        if not labels.exists() and not _look(
            current, active, model, origin, labels, number, report
        ):
            break
        current = with_labels(config, folder, number, held_out, model)
        old, model = model, _train(current, folder / f"round-{number}", model, report)
        done.append(_judge(current, labels, old, folder / f"round-{number}", number))
        write_json(folder / "active.json", [asdict(one) for one in done])
        report.started(_told(done[-1]))
    _publish(model, folder / "model")
    return done


def _resolved(config: TrainConfig, known: Sequence[float]) -> ActiveConfig:
    """Where to look, with the temperatures written out: rounds do not move them."""
    active = config.active or ActiveConfig()
    if active.temperatures:
        temperatures = active.temperatures
        for temperature in temperatures:
            if not config.data.includes(temperature):
                raise ConfigError(
                    f"active.temperatures: {temperature:g} K is outside of data.temperatures, so "
                    "what is found there would not be used"
                )
    elif known:
        heated = HEATED * max(known)
        temperatures = (*known, *([heated] if config.data.includes(heated) else []))
    else:
        raise ConfigError("the data states no temperatures: give active.temperatures")
    return active.model_copy(update={"temperatures": temperatures})


def with_labels(
    config: TrainConfig, folder: Path, number: int, held_out: set[str], parent: Path
) -> TrainConfig:
    """The recipe of a round: the labels so far beside the data, the last weights as the start."""
    labels = [folder / f"active-{k}.h5" for k in range(1, number + 1)]
    split = config.data.split
    if split.by == "run":
        own = [run_names(k)[1] for k, path in enumerate(labels, start=1) if _holds_out(path, k)]
        split = split.model_copy(update={"validation_runs": (*sorted(held_out), *own)})
    data = config.data.model_copy(update={"files": (*config.data.files, *labels), "split": split})
    name = ParentConfig(model=str(parent), sha256=model_checksum(parent))
    return config.model_copy(update={"data": data, "parent": name})


def _holds_out(labels: Path, number: int) -> bool:
    with TrajectoryFile(labels) as file:
        return any(run_of(segment) == run_names(number)[1] for segment in file)


def _train(config: TrainConfig, folder: Path, parent: Path | None, report: TrainingReport) -> Path:
    """The model of a training in a folder of its own, which is begun, continued or done."""
    run = RunFolder(folder)
    # The weights get their name last.
    if (run.model / "model.safetensors").is_file():
        with TrajectorySet(config.data.files) as data:
            RunFolder.reopen(folder, config, data.sha256())
        report.started(f"{folder.name}: done before")
    else:
        train(config, folder, parent=parent, resume=folder.exists(), report=report)
    return run.model


def _look(
    config: TrainConfig,
    active: ActiveConfig,
    model: Path,
    origin: Origin,
    labels: Path,
    number: int,
    report: TrainingReport,
) -> bool:
    """Find frames and have them labelled; whether there were any."""
    report.started("rolling out, looking for frames outside of the data ...")
    with TrajectorySet(config.data.files) as data:
        blocks = make_sources(config, data).training_blocks
        exploration = explore(load_propagator(model), blocks, active, number)
    report.started(
        f"{exploration.flagged} of {exploration.looks} looks found atoms outside, "
        f"{len(exploration.found)} frames to label"
    )
    if not exploration.found:
        report.started("no frame is outside of the data: there is nothing to add")
        return False
    notes = {
        "looks": exploration.looks,
        "flagged": exploration.flagged,
        "chosen": len(exploration.found),
    }
    label(exploration.found, origin, active.segment_length, labels, number, notes)
    return True


def _judge(config: TrainConfig, labels: Path, old: Path, run: Path, number: int) -> Round:
    """Errors before and after on the same windows, and what the labels say of themselves."""
    with TrajectorySet(config.data.files) as data:
        before = one_stride_errors(
            load_checkpoint(old),
            make_sources(config, data).validation,
            n_windows=FINAL_WINDOWS * config.validation_windows,
            batch_windows=config.optimisation.batch_windows,
        )
    after: list[dict[str, Any]] = read_json(run / "errors.json", "the errors of the round")["model"]
    with TrajectoryFile(labels) as file:
        notes, labelled = file.provenance, len(file.segments)
    return Round(
        number,
        int(notes["looks"]),
        int(notes["flagged"]),
        int(notes["chosen"]),
        labelled,
        before,
        [StrideErrors.from_dict(entry) for entry in after],
    )


def _told(done: Round) -> str:
    """A line on a round."""
    return (
        f"round {done.number}: {done.flagged} of {done.looks} looks outside, {done.labelled} of "
        f"{done.chosen} frames labelled; d/w % before: {in_one_line(done.before)}; "
        f"after: {in_one_line(done.after)}"
    )


def _publish(model: Path, target: Path) -> None:
    """Copy the last model to its place beside the rounds; an older one is replaced."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(model, partial)
    if target.exists():
        shutil.rmtree(target)
    partial.rename(target)
