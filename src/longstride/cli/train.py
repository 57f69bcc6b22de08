"""``longstride train``: a recipe becomes a model."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longstride.cli.interruption import Interrupted, stoppable
from longstride.cli.processes import launch, one_voice
from longstride.cli.train_display import Display
from longstride.errors import ConfigError

if TYPE_CHECKING:
    from longstride.training import TrainConfig


def train_command(
    recipe: Annotated[Path, typer.Argument(help="Training recipe, YAML.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Run folder to make.", show_default=False)
    ],
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", help="Trajectory file, instead of data.files; may be repeated."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run in the folder from its checkpoint.")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.0, help="Budget of training time, instead of the recipe's."),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Budget in steps, instead of the recipe's.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Processor threads, instead of the recipe's.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    precision: Annotated[
        str | None, typer.Option(help="fp32, tf32 or bf16, of the products of perceptrons.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=1, help="Processes of this machine that share every step's windows."),
    ] = None,
    parent: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="Start from the weights of a model: the name of a shipped one, or its folder.",
        ),
    ] = None,
    active: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="ROUNDS",
            help="Rounds of rollouts: what the guard flags is labelled by the engine of the data "
            "and trained on.",
        ),
    ] = None,
) -> None:
    """Train a model on trajectories, as a recipe says.

    The run folder gets the recipe with all defaults (config.yaml), provenance.json, the learning
    curve (log.csv, learning.png), checkpoints/, the errors on held-out data beside those of the
    closed-form ridge solution (errors.json) and the model (model/), which 'longstride run --model
    RUN/model' takes.

    A recipe with 'model: auto' leaves stride, substeps and cutoff to be proposed from the data: its
    fastest vibration and its density. What is proposed is printed with the reason. With --from, the
    map's settings come from the model, and little data of another potential or phase is enough.

    Examples:

        longstride train recipes/al-model.yaml -o al-run

        longstride train recipes/al-model.yaml -o quick --data al.h5 --minutes 5 --threads 1

        longstride train recipes/al-model.yaml -o al-run --resume     (after an interruption)

        longstride train recipes/metals/model.yaml --data cu.h5 --from al -o cu

        longstride train recipes/al-model.yaml -o al-run --active 3

        longstride train recipes/al-model.yaml -o al-run --processes 4

        torchrun --nproc-per-node 4 -m longstride.cli.main train recipes/al-model.yaml -o al-run
    """
    from longstride.active import state_heating, train_actively
    from longstride.training import TrainConfig, TrainingInterrupted, train
    from longstride.training.ranks import in_a_group, joined

    again = ["longstride", "train", str(recipe), "-o", str(output)]
    again += [word for file in data or [] for word in ("--data", str(file))]
    given = {
        "minutes": minutes,
        "steps": steps,
        "threads": threads,
        "device": device,
        "precision": precision,
        "processes": processes,
        "from": parent,
        "active": active,
    }
    again += [w for k, v in given.items() if v is not None for w in (f"--{k}", f"{v}")]
    if active is not None and (in_a_group() or (processes or 1) > 1):
        raise ConfigError("--active: its rounds are one process; leave out --processes")
    if (processes or 1) > 1 and not in_a_group():
        program = [sys.executable, "-m", "longstride.cli.main", *again[1:]]
        raise typer.Exit(launch([*program, *(["--resume"] if resume else [])], processes or 1))

    def way_on() -> str:
        more = ["--resume"] if output.exists() else []
        return f"go on with: {shlex.join([*again, *more])}"

    def recipe_as_read() -> str:
        config, reasons = configured(
            recipe, data or [], minutes, steps, threads, device, precision, parent
        )
        for reason in reasons:
            typer.echo(f"{'proposed' if config.parent is None else 'taken over'}: {reason}")
        return config.model_dump_json()

    with joined() as ranks, one_voice(ranks), stoppable(way_on):
        # One rank proposes for all: they must not differ by the rounding of a fit.
        config = TrainConfig.model_validate_json(ranks.text(recipe_as_read))
        start = parent_folder(config)
        with Display(ranks.first) as display:
            try:
                if active is None:
                    train(config, output, parent=start, resume=resume, report=display, ranks=ranks)
                else:
                    train_actively(
                        config, output, active, parent=start, resume=resume, report=display
                    )
                if ranks.first:
                    state_heating(output / "model", config, display)
            except TrainingInterrupted as stop:
                raise Interrupted(stop.number) from None
    if ranks.first:
        typer.echo(f"model: {output / 'model'}")


def configured(
    recipe: Path,
    data: Sequence[Path],
    minutes: float | None,
    steps: int | None,
    threads: int | None,
    device: str | None,
    precision: str | None,
    parent: str | None,
) -> "tuple[TrainConfig, tuple[str, ...]]":
    """The recipe with the options of the command line put over it, and what was proposed and why.

    Raises:
        ConfigError: a wrong recipe or option.
    """
    from longstride.training.config import parse_config, read_recipe, resolve_files
    from longstride.training.error_budget import within_budget
    from longstride.training.proposal import completed
    from longstride.training.transfer import with_parent
    from longstride.zoo import model_checksum, resolve

    if minutes is not None and steps is not None:
        raise ConfigError("--minutes and --steps exclude each other: a budget is one of them")
    raw: dict[str, Any] = read_recipe(recipe)
    if data:
        section = raw.get("data")
        raw["data"] = {**(section if isinstance(section, dict) else {}), "files": list(data)}
    if minutes is not None:
        raw["budget"] = {"minutes": minutes}
    if steps is not None:
        raw["budget"] = {"steps": steps}
    if threads is not None:
        raw["threads"] = threads
    if device is not None:
        raw["device"] = device
    if precision is not None:
        raw["precision"] = precision
    recorded = raw.get("parent")
    if parent is None and isinstance(recorded, dict) and recorded.get("model"):
        parent = str(recorded["model"])
    error = None
    if parent is None:
        raw, reasons, error = completed(raw, recipe.parent)
    else:
        folder = resolve(parent)
        raw, reasons = with_parent(raw, parent, folder, model_checksum(folder), recipe.parent)
    config = resolve_files(parse_config(raw, str(recipe)), recipe.parent)
    if error is not None:
        config, reason = within_budget(config, error)
        reasons = (*reasons, reason)
    return config, reasons


def parent_folder(config: "TrainConfig") -> Path | None:
    """Of the model that a training starts from; None where it starts from scratch."""
    from longstride.zoo import resolve

    return None if config.parent is None else resolve(config.parent.model)
