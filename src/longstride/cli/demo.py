"""``longstride demo``: the shipped model beside its reference, with a report."""

import shlex
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console

from longstride.cli.check_table import cores, print_results
from longstride.cli.console_listener import ConsoleListener
from longstride.cli.interruption import stoppable
from longstride.cli.quantities import parse_time
from longstride.cli.subject import load_subject
from longstride.errors import ConfigError
from longstride.validation import Results
from longstride.validation.experiment import SideBySideSettings


def demo_command(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the report and everything behind it.")
    ] = Path("longstride-demo"),
    model: Annotated[
        str, typer.Option("--model", "-m", help="A shipped model or a model folder.")
    ] = "al",
    atoms: Annotated[int, typer.Option("--atoms", min=32, help="Atoms, about.")] = 4000,
    temperature: Annotated[float, typer.Option("--temperature", "-T", help="K.")] = 600.0,
    time: Annotated[str, typer.Option("--time", help="Length of each run.")] = "10ps",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all random numbers.")] = 1,
    ranks: Annotated[int, typer.Option("--ranks", min=1, help="Cores: MPI ranks and threads.")] = 2,
) -> None:
    """Run the shipped model and its reference side by side, and write a report.

    LAMMPS equilibrates a crystal; from that phase point the model and LAMMPS run in the same
    Langevin bath on the same cores. Structure, vibrations, temperatures and speed of both go to
    report.html, the numbers to results.json. Parts that are there from before are used again.

    Examples:

        longstride demo

        longstride demo --out hot --temperature 900 --time 5ps
    """
    settings = _settings(temperature, time, seed, ranks)
    console = Console(stderr=True)
    begin = perf_counter()
    with stoppable("the same command goes on with what is finished"):
        results = _run(out, model, atoms, settings, console)
        from longstride.report import write_report
        from longstride.validation import RESULTS_NAME

        report = write_report(out / RESULTS_NAME)
    print_results(results, Console())
    print(f"report: {report} ({perf_counter() - begin:.0f} s)")


def _settings(temperature: float, time: str, seed: int, ranks: int) -> SideBySideSettings:
    length = parse_time(time, "--time")
    if not temperature > 0:
        raise ConfigError(f"--temperature {temperature:g}: give a positive temperature in K")
    return SideBySideSettings(temperature=temperature, time=length, seed=seed, cores=ranks)


def _run(
    out: Path, model: str, atoms: int, settings: SideBySideSettings, console: Console
) -> Results:
    """The experiment; everything that is slow to import is imported here."""
    from longstride.reference import make_engine
    from longstride.validation.lattice import known_lengths
    from longstride.validation.side_by_side import SideBySide
    from longstride.validation.system import reference_settings

    subject, potentials, make_lattice = load_subject(model, settings.cores)
    regime = subject.regime
    lattice = make_lattice()
    engine = make_engine(reference_settings(potentials, regime.species, settings.cores))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {out}: {error.strerror}; name another folder") from None
    listener = ConsoleListener(console)
    lengths = known_lengths(
        lattice,
        engine,
        settings.temperature,
        seed=settings.seed + 1,
        folder=out,
        listener=listener,
    )
    crystal = lattice.crystal(lattice.repeats(atoms), lengths)
    console.print(
        f"{subject.name}: {crystal.n_atoms} atoms, {lattice.in_words(lengths)},"
        f" {settings.temperature:g} K, {cores(settings.cores)}, in {out}",
        highlight=False,
        soft_wrap=True,
    )
    run = SideBySide(subject, engine, crystal, settings, out, listener)
    return run.run(_command_line(out, model, atoms, settings))


def _command_line(out: Path, model: str, atoms: int, settings: SideBySideSettings) -> str:
    return shlex.join(
        [
            *("longstride", "demo", "--out", str(out), "--model", model, "--atoms", str(atoms)),
            *("--temperature", f"{settings.temperature:g}", "--time", f"{settings.time:g}fs"),
            *("--seed", str(settings.seed), "--ranks", str(settings.cores)),
        ]
    )
