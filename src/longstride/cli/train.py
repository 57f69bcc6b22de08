"""``longstride train``: a recipe becomes a model."""

import shlex
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from longstride.cli.interruption import Interrupted, stoppable
from longstride.errors import ConfigError

if TYPE_CHECKING:
    from longstride.training import Status, StrideErrors, TrainConfig


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
    """
    from longstride.active import state_heating, train_actively
    from longstride.training import TrainingInterrupted, train

    config, reasons = configured(recipe, data or [], minutes, steps, threads, device, parent)
    for reason in reasons:
        typer.echo(f"{'proposed' if config.parent is None else 'taken over'}: {reason}")
    again = ["longstride", "train", str(recipe), "-o", str(output)]
    again += [word for file in data or [] for word in ("--data", str(file))]
    given = {
        "minutes": minutes,
        "steps": steps,
        "threads": threads,
        "device": device,
        "from": parent,
        "active": active,
    }
    again += [w for k, v in given.items() if v is not None for w in (f"--{k}", f"{v}")]

    def way_on() -> str:
        more = ["--resume"] if output.exists() else []
        return f"go on with: {shlex.join([*again, *more])}"

    with stoppable(way_on), Display() as display:
        try:
            start = parent_folder(config)
            if active is None:
                train(config, output, parent=start, resume=resume, report=display)
            else:
                train_actively(config, output, active, parent=start, resume=resume, report=display)
            state_heating(output / "model", config, display)
        except TrainingInterrupted as stop:
            raise Interrupted(stop.number) from None
    typer.echo(f"model: {output / 'model'}")


def configured(
    recipe: Path,
    data: Sequence[Path],
    minutes: float | None,
    steps: int | None,
    threads: int | None,
    device: str | None,
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


class Display:
    """Shows a training in the terminal: a progress line, a row an evaluation, tables of errors."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._console = Console(soft_wrap=True)
        self._progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:3.0f} %  {task.description}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("", total=1.0, visible=False)

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def started(self, message: str) -> None:
        """Prints what is trained on."""
        self._console.print(message, highlight=False)

    def baseline(self, errors: "Sequence[StrideErrors]") -> None:
        """Prints the errors of the ridge solution."""
        self._console.print(
            "ridge baseline, relative errors after one stride, " + _one_line(errors),
            highlight=False,
            markup=False,
        )

    def stepped(self, status: "Status") -> None:
        """Moves the progress line."""
        text = (
            f"step {status.step}  loss {status.loss:.3g}  skipped {status.skipped}  "
            f"{status.remaining / 60:.1f} min left"
        )
        self._progress.update(self._task, completed=status.progress, description=text, visible=True)

    def evaluated(self, status: "Status", loss: float, errors: "Sequence[StrideErrors]") -> None:
        """Prints a row."""
        train = f"train {status.loss:.3e}" if isfinite(status.loss) else "start"
        self._console.print(
            f"step {status.step:6d}  {status.seconds / 60:6.1f} min  {train}  "
            f"validation {loss:.3e}  skipped {status.skipped}  {_one_line(errors)}",
            highlight=False,
            markup=False,
        )

    def finished(self, ridge: "Sequence[StrideErrors]", errors: "Sequence[StrideErrors]") -> None:
        """Prints the final table."""
        from rich.table import Table

        table = Table(title="relative error after one stride, held-out data")
        for heading in ("temperature", "d ridge", "d model", "w ridge", "w model", "d RMSE / Å"):
            table.add_column(heading, justify="right")
        table.add_column("w RMSE / Å/fs", justify="right")
        for before, after in zip(ridge, errors, strict=True):
            table.add_row(
                after.label,
                f"{100 * before.displacement[-1]:.2f} %",
                _with_uncertainty(after.displacement[-1], after.displacement_uncertainty[-1]),
                f"{100 * before.velocity[-1]:.2f} %",
                _with_uncertainty(after.velocity[-1], after.velocity_uncertainty[-1]),
                f"{after.displacement_rmse[-1]:.2e}",
                f"{after.velocity_rmse[-1]:.2e}",
            )
        self._console.print(table)


def _with_uncertainty(value: float, uncertainty: float) -> str:
    return f"{100 * value:.2f} ± {100 * uncertainty:.2f} %"


def _one_line(errors: "Sequence[StrideErrors]") -> str:
    from longstride.training import in_one_line

    return f"d/w %: {in_one_line(errors)}"
