"""``longstride bench``: speed beside the reference, in turns, in one run."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from longstride.cli.interruption import stoppable
from longstride.errors import ConfigError
from longstride.files import write_text

if TYPE_CHECKING:
    from longstride.validation.bench_record import Bench


def bench_command(
    model: Annotated[
        str, typer.Option("--model", "-m", help="A shipped model or a model folder.")
    ] = "al",
    atoms: Annotated[str, typer.Option(help="Atoms, about; several with commas.")] = "4000,32000",
    reference: Annotated[
        str, typer.Option(help="lammps: the model's own potential; none: the model alone.")
    ] = "lammps",
    temperature: Annotated[
        float | None,
        typer.Option("--temperature", "-T", help="K.", show_default="middle of the range"),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="In each, both programs run.")] = 5,
    ranks: Annotated[int, typer.Option(min=1, help="Cores: MPI ranks and threads.")] = 2,
    out: Annotated[
        Path | None, typer.Option("--json", help="File for the numbers.", show_default=False)
    ] = None,
    matched: Annotated[
        bool,
        typer.Option(
            "--matched-fidelity",
            help="Also beside the reference at the largest step that passes the quick suite.",
        ),
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the suite's trajectories, to share them.", show_default="none kept"
        ),
    ] = None,
) -> None:
    """Time a model beside its reference on the same cores, in turns.

    Every round runs both from the same crystal, so that a change of the machine's load hits both;
    the ratio is taken round by round. Frames are not written. The clock of the model runs over its
    strides with all checks, that of LAMMPS over its steps. Systems of growing size are perfect
    crystals heated to the temperature.

    With --matched-fidelity LAMMPS and the model are first judged by the quick suite of 'longstride
    validate', LAMMPS from the longest step downwards until every check passes; every round then
    times LAMMPS at that step, too. For an EAM that takes some minutes.

    Examples:

        longstride bench

        longstride bench -m RUN/model --atoms 4000,32000,256000 --json bench.json

        longstride bench -m al --atoms 4000 --matched-fidelity --cache parts

        longstride bench --reference none --ranks 1 --atoms 1000
    """
    sizes = _sizes(atoms)
    if reference not in ("lammps", "none"):
        raise ConfigError(f"--reference {reference}: choose lammps or none")
    if matched and reference == "none":
        raise ConfigError("--matched-fidelity needs the reference: leave --reference none out")
    if cache is not None and not matched:
        raise ConfigError("--cache keeps what --matched-fidelity makes: give both or neither")
    if out is not None and not out.parent.is_dir():
        raise ConfigError(f"--json {out}: there is no folder {out.parent}; make it first")
    _require_covered(model, temperature)
    console = Console(stderr=True)
    # What measures takes seconds to import, which the help page should not wait for.
    from longstride.cli.bench_session import BenchOptions, measure
    from longstride.cli.bench_table import print_bench

    options = BenchOptions(
        model=model,
        sizes=sizes,
        lammps=reference == "lammps",
        temperature=temperature,
        rounds=rounds,
        cores=ranks,
        matched=matched,
        cache=cache,
    )
    kept = "" if cache is None else f"; trajectories that were finished are in {cache}"
    with stoppable(f"what was timed is lost{kept}; run it again"):
        bench = measure(options, console)
    print_bench(bench, Console())
    if out is not None:
        _write(out, bench)


def _sizes(text: str) -> tuple[int, ...]:
    """Numbers of atoms, increasing."""
    words = [word.strip().replace("_", "") for word in text.split(",")]
    if not all(word.isdigit() and int(word) >= 32 for word in words):
        raise ConfigError(f"--atoms {text}: write numbers of 32 or more, as in 4000,32000")
    return tuple(sorted({int(word) for word in words}))


def _require_covered(model: str, temperature: float | None) -> None:
    """Refuse a temperature in K that the model was not made for, by its card."""
    from longstride.model import Card
    from longstride.zoo import resolve

    low, high = Card.read(resolve(model)).regime.temperature
    if temperature is not None and not low <= temperature <= high:
        raise ConfigError(f"--temperature {temperature:g}: the model covers {low:g} to {high:g} K")


def _write(path: Path, bench: "Bench") -> None:
    """Under a temporary name first."""
    text = json.dumps(bench.model_dump(mode="json"), indent=1)
    write_text(path, text + "\n")
