"""``longstride generate``: reference trajectories from a recipe."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar

from longstride.cli.interruption import stoppable
from longstride.errors import ConfigError
from longstride.reference import Progress, check_output, generate, load_recipe, plan_size


def generate_command(
    recipe: Annotated[Path, typer.Argument(help="Recipe (YAML): structure, engine and runs.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Trajectory file to make (.h5).")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Runs at a time; default: the number of cores."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be made, and make nothing.")
    ] = False,
) -> None:
    """Make reference trajectories with LAMMPS or an ASE calculator.

    The cell is relaxed at every temperature, each run is equilibrated in a Langevin bath, and
    constant-energy segments are cut from it. Finished runs are kept beside the output until all
    are done: the same command takes an interrupted generation up where it stopped.

    Examples:

        longstride generate recipes/al.yaml -o al.h5

        longstride generate recipes/al.yaml --dry-run
    """
    content = load_recipe(recipe)
    if output is not None:
        check_output(output, overwrite or dry_run)
    elif not dry_run:
        raise ConfigError("give the file to make: -o data.h5 (or --dry-run)")
    console = Console(stderr=True)
    size, n_atoms = plan_size(content)
    console.print(
        f"{recipe.name}: {size.runs} runs of {n_atoms} atoms, {size.relaxations} relaxed cells,"
        f" {size.segments} segments, {size.frames} frames, {size.steps} steps,"
        f" about {size.megabytes:.0f} MB",
        highlight=False,
        soft_wrap=True,
    )
    if dry_run or output is None:
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[runs]}/{task.fields[total_runs]} runs"),
        TimeElapsedColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    stopping = stoppable("finished runs are kept; the same command goes on")
    with stopping, Bar(*columns, console=console) as bar:
        task = bar.add_task("starting", total=size.steps, runs=0, total_runs=size.runs)

        def show(progress: Progress) -> None:
            bar.update(
                task,
                description=progress.doing,
                completed=progress.steps,
                runs=progress.runs,
            )

        count = workers or _cores()
        generate(content, output, workers=count, overwrite=overwrite, report=show)
    written = output.stat().st_size / 1e6
    console.print(f"wrote {output} ({written:.0f} MB)", highlight=False, soft_wrap=True)


def _cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
