"""``longstride bench``: speed beside the reference, in turns, in one run."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from longstride.cli.check_table import cores as in_words
from longstride.cli.check_table import print_whole
from longstride.cli.interruption import stoppable
from longstride.errors import ConfigError

if TYPE_CHECKING:
    from longstride.state import State
    from longstride.validation.bench_record import Arithmetic, Bench, BenchRun
    from longstride.validation.experiment import Subject


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
) -> None:
    """Time a model beside its reference on the same cores, in turns.

    Every round runs both from the same crystal, so that a change of the machine's load hits both;
    the ratio is taken round by round. Frames are not written. The clock of the model runs over its
    strides with all checks, that of LAMMPS over its steps. Systems of growing size are perfect
    crystals heated to the temperature.

    Examples:

        longstride bench

        longstride bench -m RUN/model --atoms 4000,32000,256000 --json bench.json

        longstride bench --reference none --ranks 1 --atoms 1000
    """
    sizes = _sizes(atoms)
    if reference not in ("lammps", "none"):
        raise ConfigError(f"--reference {reference}: choose lammps or none")
    console = Console(stderr=True)
    with stoppable(console, "what was timed is lost; run it again"):
        bench = _measure(model, sizes, reference, temperature, rounds, ranks, console)
    _print(bench)
    if out is not None:
        _write(out, bench)


def _sizes(text: str) -> tuple[int, ...]:
    """Numbers of atoms, increasing."""
    words = [word.strip().replace("_", "") for word in text.split(",")]
    if not all(word.isdigit() and int(word) >= 32 for word in words):
        raise ConfigError(f"--atoms {text}: write numbers of 32 or more, as in 4000,32000")
    return tuple(sorted({int(word) for word in words}))


def _measure(
    model: str,
    sizes: tuple[int, ...],
    reference: str,
    temperature: float | None,
    rounds: int,
    cores: int,
    console: Console,
) -> "Bench":
    """Everything that is slow to import is imported here."""
    from longstride.cli.console_listener import ConsoleListener
    from longstride.cli.subject import load_subject
    from longstride.reference import make_engine
    from longstride.validation import provenance, system
    from longstride.validation.bench import bench_runs
    from longstride.validation.bench_record import Bench, BenchSettings
    from longstride.validation.suite import usual_temperatures

    subject, potentials, constants = load_subject(model, cores)
    regime = subject.regime
    low, high = regime.temperature
    (middle,) = usual_temperatures(low, high, quick=True)
    kelvin = middle if temperature is None else temperature
    if not low <= kelvin <= high:
        raise ConfigError(f"--temperature {kelvin:g}: the model covers {low:g} to {high:g} K")
    settings = BenchSettings(temperature=kelvin, rounds=rounds, cores=cores)
    lattice = system.lattice_of(regime.species)
    engine = None
    if reference == "lammps":
        engine = make_engine(system.reference_settings(potentials, regime.species, cores))
    constant = system.tabulated_constant(constants, settings.temperature)
    if constant is None:
        raise ConfigError(
            f"{model}: its card has no lattice constant at {settings.temperature:g} K; choose a"
            " temperature it was trained at"
        )

    def crystal(cells: int) -> "State":
        return system.cubic_crystal(regime.species[0], regime.masses[0], lattice, constant, cells)

    cells = dict.fromkeys(system.cells_for(size, lattice) for size in sizes)
    crystals: list[Callable[[], State]] = [partial(crystal, n) for n in cells]
    arithmetic = _arithmetic(subject, crystals[0](), cores)
    runs = tuple(
        bench_runs(subject, engine, crystals, settings, ConsoleListener(console), arithmetic)
    )
    return Bench(
        arithmetic=arithmetic,
        model={"name": subject.name, "sha256": subject.checksum, **subject.description},
        reference={} if engine is None else engine.describe(),
        stride=subject.propagator.stride,
        settings=settings,
        software=provenance.software(),
        machine=provenance.machine(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        runs=runs,
    )


def _arithmetic(subject: "Subject", crystal: "State", cores: int) -> "Arithmetic | None":
    """Operations of a stride, counted with the neighbours of the crystal at rest."""
    from longstride.graph import find_pairs
    from longstride.kernels import ModelPropagator, NativeKick, multiply_adds, peak_rate
    from longstride.model import KickDriftMap
    from longstride.validation.bench_record import Arithmetic

    propagator = subject.propagator
    peak = peak_rate(cores)
    if not isinstance(propagator, ModelPropagator) or peak is None:
        return None
    model = propagator.model
    if not isinstance(model, KickDriftMap) or not NativeKick.has_form(model):
        return None
    pairs = find_pairs(crystal.positions, crystal.cell, crystal.pbc, model.config.cutoff)
    operations = 2.0 * multiply_adds(model, float(pairs.filled.sum(1).mean()))
    return Arithmetic(operations=operations, peak_gflops=2e-9 * peak)


def _print(bench: "Bench") -> None:
    console = Console()
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    columns = ["atoms", "ns/day", "µs per atom\nand stride"]
    if bench.reference:
        columns += ["reference\nns/day", "µs per atom\nand step", "ratio (range)"]
    columns += ["neighbours", "network", "thermostat", "other"]
    columns += ["GFLOP/s", "share\nof peak"] if bench.arithmetic else []
    columns += ["peak\nMB"]
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for run in bench.runs:
        table.add_row(*_row(run))
    print_whole(table, console)
    used = bench.settings.cores
    console.print(
        f"strides of {bench.stride:g} fs, steps of {bench.settings.time_step:g} fs,"
        f" {bench.settings.temperature:g} K, {in_words(used)}; medians of"
        f" {bench.settings.rounds} rounds",
        highlight=False,
        soft_wrap=True,
    )


def _row(run: "BenchRun") -> list[str]:
    cells = [str(run.atoms), f"{run.ns_per_day:.3g}", f"{run.us_per_atom_stride:.3g}"]
    if run.ratio is not None and run.ratio_range is not None:
        low, high = run.ratio_range
        cells += [
            f"{run.reference_ns_per_day:.3g}",
            f"{run.reference_us_per_atom_step:.3g}",
            f"{run.ratio:.3g} ({low:.3g} to {high:.3g})",
        ]
    parts = ("neighbours", "network", "thermostat", "other")
    cells += [f"{100 * run.split[part]:.0f} %" for part in parts]
    if run.gflops is not None and run.share_of_peak is not None:
        cells += [f"{run.gflops:.0f}", f"{100 * run.share_of_peak:.0f} %"]
    return [*cells, f"{run.peak_rss_mb:.0f}"]


def _write(path: Path, bench: "Bench") -> None:
    """Under a temporary name first."""
    partial_path = path.with_name(path.name + ".partial")
    text = json.dumps(bench.model_dump(mode="json"), indent=1)
    try:
        partial_path.write_text(text + "\n", encoding="utf-8")
        os.replace(partial_path, path)
    except OSError as error:
        raise ConfigError(f"--json {path}: {error.strerror}; name another file") from None
