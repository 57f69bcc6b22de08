"""``longstride sweep``: many runs of a study, on this machine or a cluster."""

from pathlib import Path
from typing import Annotated

import typer


def sweep_command(
    study: Annotated[Path, typer.Argument(help="Study (YAML): a command, its axes and options.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder of the study.", show_default="STUDY without .yaml"
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="Runs at a time on this machine.",
            show_default="the study's, or as many as fit the cores",
        ),
    ] = None,
    redo_changed: Annotated[
        bool,
        typer.Option(
            "--redo-changed", help="Throw away and make anew runs whose inputs have changed."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be run, and run nothing.")
    ] = False,
) -> None:
    """Run a study: many runs over temperatures, structures, seeds, and their results.

    Every combination of temperatures, strains or pressures, structures, models and seeds is one
    'run', 'generate' or 'validate'.

    The same command goes on where a sweep was stopped or killed: finished runs are not repeated,
    and a rollout goes on from its restart point. A run that fails does not stop the others; it is
    tried again by the next call. In the end there is one table of all runs (sweep.csv), their
    means, fits and failures (sweep.json), and a page with figures (sweep.html).

    Runs are processes of this machine, or jobs of Slurm, PBS or Flux, as 'where' in the study says.
    It needs Parsl: pip install 'longstride[sweep]'.

    Exit code 0: every run finished; 1: some failed; 2: wrong input.

    Examples:

        longstride sweep npt.yaml --dry-run

        longstride sweep npt.yaml -o npt

        longstride sweep npt.yaml -o npt --workers 2

    where npt.yaml is:

        kind: run

        models: al

        structures: {al: {lattice: fcc, element: Al, lattice_constant: 4.05, repeat: [4, 4, 4]}}

        temperatures: [300, 450, 600, 750, 900]

        pressures: [0]

        seeds: [1, 2, 3]

        options: {time: 60ps}
    """
    # What a study needs takes a second to import, which the help page should not wait for.
    from longstride.cli.sweep_session import sweep_session

    sweep_session(study, output, workers=workers, redo_changed=redo_changed, dry_run=dry_run)
