"""``longstride run``: a model rolled out from a structure."""

from pathlib import Path
from typing import Annotated

import typer

from longstride.cli.barostat_name import BarostatName
from longstride.cli.engine_name import EngineName, ExchangeName
from longstride.cli.ensemble_name import EnsembleName
from longstride.cli.noise_name import NoiseName
from longstride.cli.on_leave_name import OnLeave


def run_command(
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Trajectory file to make (.h5).", show_default=False),
    ],
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", help="A shipped model ('longstride models') or a folder."),
    ] = None,
    structure: Annotated[
        Path | None,
        typer.Option(
            "--structure",
            "-s",
            help="XYZ, CIF, POSCAR, LAMMPS data, ..., or the .h5 of a run.",
        ),
    ] = None,
    ensemble: Annotated[
        EnsembleName | None,
        typer.Option(help="nve, langevin or csvr.", show_default="langevin"),
    ] = None,
    temperature: Annotated[
        str | None,
        typer.Option(
            "--temperature",
            "-T",
            help="K; of the thermostat and of drawn velocities. 300:900 is a ramp over the run.",
        ),
    ] = None,
    pressure: Annotated[
        str | None,
        typer.Option(
            "--pressure",
            "-P",
            help="GPa; lets the cell move, for models with an energy head. 0:10 is a ramp.",
            show_default="constant volume",
        ),
    ] = None,
    time: Annotated[
        str | None, typer.Option(help="Length of the run, as in 100ps, 0.5ns or 60fs.")
    ] = None,
    friction_time: Annotated[
        str | None,
        typer.Option(help="Time constant of the thermostat.", show_default="1ps"),
    ] = None,
    barostat: Annotated[
        BarostatName | None,
        typer.Option(help="The volume alone, or the shape too.", show_default="iso"),
    ] = None,
    barostat_time: Annotated[
        str | None,
        typer.Option(help="Time constant of the barostat.", show_default="1ps"),
    ] = None,
    compressibility: Annotated[
        float | None,
        typer.Option(help="1/GPa; an estimate, for the barostat's rate.", show_default="0.01"),
    ] = None,
    energy_correction: Annotated[
        str | None,
        typer.Option(
            help="Holds the total energy in NVE, as the energy head tells it: the time in which "
            "it is pulled back, as in 1ps.",
            show_default="off",
        ),
    ] = None,
    noise: Annotated[
        NoiseName | None,
        typer.Option(help="Gives back what a stride leaves unexplained.", show_default="none"),
    ] = None,
    energy_every: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Strides between energies in .thermo.csv, for models with an energy head; "
            "0 for none.",
            show_default="5",
        ),
    ] = None,
    every: Annotated[
        int | None, typer.Option(min=1, help="Strides between frames.", show_default="1")
    ] = None,
    substride: Annotated[
        bool, typer.Option("--substride", help="Write the states inside every stride too.")
    ] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of all random numbers.", show_default="0")
    ] = None,
    repeat: Annotated[
        str | None, typer.Option(help="Copies of the structure along its cell, as in 5x5x5.")
    ] = None,
    guard_every: Annotated[
        int | None,
        typer.Option(
            min=0, help="Strides between looks at the regime; 0: none.", show_default="10"
        ),
    ] = None,
    on_leave: Annotated[
        OnLeave | None,
        typer.Option(
            help="Where atoms leave the regime: stop, warn, or let the reference go on.",
            show_default="stop; with --force warn",
        ),
    ] = None,
    extxyz: Annotated[
        Path | None, typer.Option(help="Write the frames as extended XYZ too.")
    ] = None,
    engine: Annotated[
        EngineName | None,
        typer.Option(help="lammps: over MPI, a domain a rank.", show_default="longstride"),
    ] = None,
    ranks: Annotated[
        int | None, typer.Option(min=1, help="MPI processes of LAMMPS.", show_default="1")
    ] = None,
    exchange: Annotated[
        ExchangeName | None,
        typer.Option(help="When ranks exchange their halos.", show_default="kick"),
    ] = None,
    lammps_commands: Annotated[
        Path | None,
        typer.Option(help="LAMMPS commands to run before the first stride: dumps, computes."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the interrupted run that writes OUTPUT.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Run outside the model's regime, with a warning.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUTPUT, or an interrupted run of it.")
    ] = False,
) -> None:
    """Roll a model out from a structure.

    Velocities come from the structure file, without their total momentum, or are drawn at the
    temperature. The run stops where atoms overlap or the state is not finite, and keeps the
    frames before. It stops with exit code 3 where atoms leave the regime that the model was made
    for, and can go on from there with --resume --on-leave warn or reference. A run that was
    interrupted or killed goes on with --resume and gives the same result to the last bit.

    Beside OUTPUT it writes OUTPUT's name with .thermo.csv (time, temperature, kinetic energy and
    momentum of every stride; the volume at constant pressure; potential and total energy and the
    pressure every fifth stride, where the model has an energy head; what the guard saw) and with
    .temperature.png.

    Examples:

        longstride run -m al -s al.cif --repeat 6x6x6 --temperature 600 --time 100ps -o al.h5

        longstride run -m al -s al.h5 --ensemble nve --time 50ps --every 10 -o nve.h5

        longstride run -m al -s al.h5 --temperature 300:900 --time 200ps -o heated.h5

        longstride run -m al -s al.h5 --ensemble nve --energy-correction 1ps --time 1ns -o held.h5

        longstride run -m al -s al.cif --repeat 40x40x40 -T 600 --time 6ps --every 100
        --engine lammps --ranks 2 -o al.h5

        longstride run --resume -o al.h5

        longstride run --resume --on-leave reference -o al.h5     (after a stop outside the regime)
    """
    given = {
        "model": model,
        "structure": structure,
        "ensemble": ensemble,
        "temperature": temperature,
        "time": time,
        "friction_time": friction_time,
        "pressure": pressure,
        "barostat": barostat,
        "barostat_time": barostat_time,
        "compressibility": compressibility,
        "energy_correction": energy_correction,
        "noise": noise,
        "energy_every": energy_every,
        "every": every,
        "substride": substride or None,
        "seed": seed,
        "repeat": repeat,
        "extxyz": extxyz,
        "guard_every": guard_every,
        "on_leave": on_leave,
        "engine": engine,
        "ranks": ranks,
        "exchange": exchange,
        "lammps_commands": lammps_commands,
    }
    # What a rollout needs takes a second to import, which the help page should not wait for.
    from longstride.cli.run_session import run_session

    run_session(output, given, resume=resume, force=force, overwrite=overwrite)
