"""``longstride demo``: the shipped model beside its reference, with a report."""

import hashlib
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from longstride.cli.quantities import parse_time
from longstride.errors import ConfigError
from longstride.validation import Results
from longstride.validation.experiment import SideBySideSettings, Subject


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
    results = _run(out, model, atoms, settings, console)
    from longstride.report import write_report
    from longstride.validation import RESULTS_NAME

    report = write_report(out / RESULTS_NAME)
    _print(results)
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
    from longstride.validation import system
    from longstride.validation.side_by_side import SideBySide

    subject, potentials, constants = _subject(model, settings.cores)
    regime = subject.regime
    lattice = system.lattice_of(regime.species)
    engine = make_engine(system.reference_settings(potentials, regime.species, settings.cores))
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {out}: {error.strerror}; name another folder") from None
    listener = ConsoleListener(console)
    number, mass = regime.species[0], regime.masses[0]
    constant = system.lattice_constant(
        engine,
        constants,
        (number, mass),
        lattice,
        settings.temperature,
        seed=settings.seed + 1,
        folder=out,
        listener=listener,
    )
    cells = system.cells_for(atoms, lattice)
    crystal = system.cubic_crystal(number, mass, lattice, constant, cells)
    console.print(
        f"{subject.name}: {crystal.n_atoms} atoms, {lattice} with a = {constant:.4f} Å,"
        f" {settings.temperature:g} K, {_cores(settings.cores)}, in {out}",
        highlight=False,
        soft_wrap=True,
    )
    run = SideBySide(subject, engine, crystal, settings, out, listener)
    return run.run(_command_line(out, model, atoms, settings))


def _subject(model: str, threads: int) -> tuple[Subject, tuple[str, ...], dict[float, float]]:
    """The surrogate, the potentials it was trained on, and its lattice constants."""
    import torch

    from longstride.kernels import load_propagator
    from longstride.zoo import resolve, summarise

    torch.set_num_threads(threads)
    folder = resolve(model)
    summary = summarise(folder)
    propagator = load_propagator(folder)
    digest = hashlib.sha256()
    for name in ("model.json", "model.safetensors"):
        digest.update((folder / name).read_bytes())
    regime = propagator.regime
    description = {
        "stride_fs": propagator.stride,
        "stage_times_fs": list(propagator.stage_times),
        "species": list(regime.species),
        "temperature_K": list(regime.temperature),
        "density_per_cubic_angstrom": list(regime.density),
        "potential": ", ".join(summary.potentials),
        "map": propagator.model.config.map,
        "parameters": sum(p.numel() for p in propagator.model.parameters()),
    }
    name = model if model == folder.name else folder.parent.name
    subject = Subject(name, propagator, regime, digest.hexdigest(), description)
    return subject, summary.potentials, regime.lattice_constants


def _cores(count: int) -> str:
    return "1 core" if count == 1 else f"{count} cores"


def _command_line(out: Path, model: str, atoms: int, settings: SideBySideSettings) -> str:
    return shlex.join(
        [
            *("longstride", "demo", "--out", str(out), "--model", model, "--atoms", str(atoms)),
            *("--temperature", f"{settings.temperature:g}", "--time", f"{settings.time:g}fs"),
            *("--seed", str(settings.seed), "--ranks", str(settings.cores)),
        ]
    )


class ConsoleListener:
    """Shows the parts of the experiment, one line each."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def part(self, title: str, total: float | None) -> Iterator[Callable[[float], None]]:
        """A bar while the part runs, and its time when it is done."""
        columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
        begin = perf_counter()
        # Without a terminal a bar would only leave an empty line.
        hidden = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=hidden) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=done)
        self._say(title, f"{perf_counter() - begin:.1f} s")

    def reused(self, title: str) -> None:
        """Says that a part was there already."""
        self._say(title, "there already, used again")

    def _say(self, title: str, note: str) -> None:
        self._console.print(f"  {title}: {note}", highlight=False, soft_wrap=True)


def _print(results: Results) -> None:
    """The checks and speeds on stdout."""
    console = Console()
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("check", no_wrap=True)
    for column in ("value", "noise", "limit"):
        table.add_column(column, justify="right")
    table.add_column("")
    table.add_column("")
    for check in results.checks:
        scale, unit = (100.0, "%") if check.unit == "1" else (1.0, check.unit)
        numbers = (check.value, check.noise_floor or 0.0, check.threshold)
        verdict = "[green]pass[/]" if check.passed else "[red]fail[/]"
        name = check.name.replace("[", r"\[")
        table.add_row(name, *(f"{scale * number:.3g}" for number in numbers), unit, verdict)
    console.print(table)
    for speed in results.provenance.speed:
        console.print(
            f"{speed.program}: {speed.ns_per_day:.3g} ns/day ({speed.detail},"
            f" {_cores(speed.cores)})",
            highlight=False,
            soft_wrap=True,
        )
