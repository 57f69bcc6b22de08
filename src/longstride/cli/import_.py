"""``longstride import``: someone else's trajectories."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from longstride.cli.interruption import stoppable
from longstride.errors import ConfigError
from longstride.trajectory import ImportOptions, import_trajectories


def import_command(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="LAMMPS text dumps, extended XYZ or ASE .traj files.", show_default=False
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Trajectory file to make (.h5).")],
    elements: Annotated[
        str | None,
        typer.Option(help="Elements of the LAMMPS atom types 1, 2, ..., as in Al,Cu."),
    ] = None,
    units: Annotated[
        str | None,
        typer.Option(
            help="Units of velocities, times and energies: metal or real (LAMMPS) or ase. Extended "
            "XYZ is in ase units, with times in fs, unless said otherwise."
        ),
    ] = None,
    timestep: Annotated[
        float | None,
        typer.Option(help="MD time step in fs, for dumps that count steps but have no times."),
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(help="Time between frames in fs, for files without steps and times."),
    ] = None,
    temperature: Annotated[
        list[float] | None,
        typer.Option(
            help="Temperature of the runs in K, given once for all files or once for each. "
            "Default: the mean kinetic temperature."
        ),
    ] = None,
    ensemble: Annotated[
        Literal["nve", "nvt"] | None,
        typer.Option(
            help="What the files were recorded in; a validation makes the model's runs likewise. "
            "Where nothing is said it takes nve for granted.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Import trajectories of other programs.

    Each file becomes a segment. Atoms are sorted by id and unwrapped, by image flags or by
    continuity between frames; units become Å, fs and eV. The cell must be fixed and the frames
    evenly spaced.

    Examples:

        longstride import run.lammpstrj -o data.h5 --elements Al --units metal --timestep 2

        longstride import 300K.xyz 600K.xyz -o data.h5 --temperature 300 --temperature 600

        longstride import md.traj -o data.h5 --interval 10
    """
    try:
        options = ImportOptions(
            elements=_symbols(elements),
            units=units,
            timestep=timestep,
            interval=interval,
            temperatures=tuple(temperature or ()),
            ensemble=ensemble,
        )
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0]).removesuffix("s")
        raise ConfigError(
            f"--{name} {problem['input']}: {problem['msg'].lower()}; give a positive number"
        ) from None
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    stopping = stoppable("nothing was written; run it again")
    # Nothing to redraw on paper, where an empty bar would leave an empty line.
    bars = Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    with stopping, bars as bar:
        tasks = {}

        def show(name: str, fraction: float) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=1.0)
            bar.update(tasks[name], completed=fraction)

        imported = import_trajectories(files, output, options, overwrite=overwrite, report=show)
    for segment in imported:
        console.print(
            f"{segment.source} -> {segment.name}: {segment.n_frames} frames of {segment.n_atoms} "
            f"atoms every {segment.interval:g} fs, "
            f"{'with' if segment.has_velocities else 'without'} velocities, "
            f"{segment.temperature:.4g} K ({segment.temperature_source})",
            highlight=False,
            soft_wrap=True,
        )
    console.print(f"wrote {output}", highlight=False, soft_wrap=True)


def _symbols(elements: str | None) -> tuple[str, ...]:
    """The symbols of a comma-separated list."""
    if elements is None:
        return ()
    symbols = tuple(word.strip() for word in elements.split(","))
    if not all(symbols):
        raise ConfigError(
            f"--elements {elements}: an empty name; separate symbols by single commas"
        )
    return symbols
