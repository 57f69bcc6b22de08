"""``longstride export``: models for other engines, trajectories for other programs."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from longstride.cli.interruption import stoppable
from longstride.errors import ConfigError

MODEL = ".pt"
"""Ending of a metatomic model; every other is that of a trajectory format."""

SKIN = 4.0
"""Å; why so many is measured in docs/interop.md."""


class Precision(StrEnum):
    """Arithmetic of an exported model."""

    single = "float32"
    double = "float64"


def export_command(
    source: Annotated[
        str,
        typer.Argument(
            help="A shipped model or a model folder; or a trajectory file (.h5).",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            help="File to make; its ending says what: .pt a metatomic model; .extxyz or .xyz, "
            ".gsd, .h5md, .lammpstrj or .dump a trajectory; .data or .lmp a frame of it.",
            show_default=False,
        ),
    ],
    precision: Annotated[
        Precision | None,
        typer.Option(help="Arithmetic of the model.", show_default=Precision.single.value),
    ] = None,
    skin: Annotated[
        float | None,
        typer.Option(
            help="Å beyond the cutoff that engines look for neighbours in; a stride in which two "
            "atoms may approach by more is refused.",
            show_default=f"{SKIN:g}",
        ),
    ] = None,
    segment: Annotated[
        str | None,
        typer.Option(help="Segment of the trajectory, where there are several."),
    ] = None,
    frames: Annotated[
        str | None,
        typer.Option(
            help="Frames of the trajectory: a number, or START:STOP:STEP as in Python.",
            show_default="all; of a data file the last",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it exists.")
    ] = False,
) -> None:
    """Export a model for other engines, or a trajectory for other programs.

    A model becomes a metatomic model that gives positions and momenta one stride later; engines
    made for FlashMD run it. Its file holds code: whoever loads it trusts you. A trajectory becomes
    extended XYZ, GSD, plain H5MD, a LAMMPS dump or a LAMMPS data file.

    Examples:

        longstride export al -o al.pt

        longstride export out.h5 -o out.extxyz --frames ::10

        longstride export out.h5 -o last.data
    """
    if output.exists() and not overwrite:
        raise ConfigError(f"{output}: exists; add --overwrite, or choose another name")
    is_model = output.suffix.lower() == MODEL
    given: dict[str, object] = {"--precision": precision, "--skin": skin}
    if is_model:
        given = {"--segment": segment, "--frames": frames}
    for option, value in given.items():
        if value is not None:
            made, other = ("a model", "trajectories") if is_model else ("a trajectory", "models")
            raise ConfigError(f"{option}: {output} is {made}, and the option is for {other}")
    with stoppable("nothing was written; run it again"):
        if is_model:
            done = _export_model(source, output, precision or Precision.single, skin)
        else:
            done = _export_trajectory(source, output, segment, frames)
    Console(stderr=True).print(f"wrote {output}: {done}", highlight=False, soft_wrap=True)


def _export_model(source: str, output: Path, precision: Precision, skin: float | None) -> str:
    from longstride.engines.metatomic import export_model
    from longstride.zoo import resolve

    export_model(
        resolve(source), output, precision=precision.value, skin=SKIN if skin is None else skin
    )
    return f"{source} as a metatomic model in {precision.value}"


def _export_trajectory(source: str, output: Path, segment: str | None, frames: str | None) -> str:
    from longstride.trajectory import convert_trajectory

    count = convert_trajectory(
        Path(source), output, segment=segment, frames=None if frames is None else _frames(frames)
    )
    return f"{count} frame{'s' * (count != 1)}"


def _frames(text: str) -> int | slice:
    """A number, or a slice from ``START:STOP:STEP``.

    Raises:
        ConfigError: neither, or a step that is not positive.
    """
    words = text.split(":")
    try:
        numbers = [int(word) if word.strip() else None for word in words]
    except ValueError:
        numbers = []
    if len(numbers) == 1 and numbers[0] is not None:
        return numbers[0]
    if len(numbers) in (2, 3) and (len(numbers) < 3 or numbers[2] is None or numbers[2] > 0):
        return slice(*numbers)
    raise ConfigError(
        f"--frames {text}: write a number, or START:STOP:STEP with a positive step, as in 0:100:10"
    )
