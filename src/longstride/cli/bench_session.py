"""A bench from its options to its record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from longstride.cli.console_listener import ConsoleListener
from longstride.cli.subject import load_subject
from longstride.errors import ConfigError
from longstride.graph import find_pairs
from longstride.kernels import ModelPropagator, NativeKick, multiply_adds, peak_rate
from longstride.model import KickDriftMap
from longstride.reference import Engine, LammpsSettings, make_engine
from longstride.state import State
from longstride.validation import provenance, system
from longstride.validation.bench import bench_runs
from longstride.validation.bench_record import Arithmetic, Bench, BenchSettings, Matched
from longstride.validation.checks import FAMILIES
from longstride.validation.experiment import Subject
from longstride.validation.lattice import Lattice
from longstride.validation.matched_fidelity import find_matched
from longstride.validation.suite import Request, SuiteSettings, usual_temperatures
from longstride.validation.suite.crystals import lattice_crystals
from longstride.validation.suite.parts import Parts
from longstride.validation.thresholds import packaged_thresholds

JUDGED_ATOMS = 500
"""Atoms, about, of the crystal that matched fidelity is judged on."""


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """Those of ``longstride bench``, checked; ``sizes`` are numbers of atoms."""

    model: str
    sizes: tuple[int, ...]
    lammps: bool
    temperature: float | None
    rounds: int
    cores: int
    matched: bool
    cache: Path | None


def measure(options: BenchOptions, console: Console) -> Bench:
    """Time every size, after the search for the time step of matched fidelity if it is asked for.

    Raises:
        LongstrideError: the model or its reference cannot be run so.
    """
    cores = options.cores
    subject, potentials, make_lattice = load_subject(options.model, cores)
    regime = subject.regime
    (middle,) = usual_temperatures(*regime.temperature, quick=True)
    kelvin = middle if options.temperature is None else options.temperature
    settings = BenchSettings(temperature=kelvin, rounds=options.rounds, cores=cores)
    lattice = make_lattice()
    chosen: LammpsSettings | None = None
    engine: Engine | None = None
    if options.lammps:
        chosen = system.reference_settings(potentials, regime.species, cores)
        engine = make_engine(chosen)
    lengths = lattice.tabulated(kelvin)
    if lengths is None:
        raise ConfigError(
            f"{options.model}: its card has no lattice constant at {kelvin:g} K; choose a"
            " temperature it was trained at"
        )

    sizes = dict.fromkeys(lattice.repeats(size) for size in options.sizes)
    crystals: list[Callable[[], State]] = [
        partial(lattice.crystal, repeats, lengths) for repeats in sizes
    ]
    listener = ConsoleListener(console)
    matched: Matched | None = None
    if options.matched and chosen is not None:
        matched = _matched(subject, chosen, lattice, settings, options.cache, listener)
    # A crystal of any size has the same neighbours; a large one takes memory that is reported.
    arithmetic = _arithmetic(subject, lattice.crystal((2, 2, 2), lengths), cores)
    runs = bench_runs(
        subject,
        engine,
        crystals,
        settings,
        listener,
        arithmetic,
        None if matched is None else matched.time_step,
    )
    return Bench(
        arithmetic=arithmetic,
        model={"name": subject.name, "sha256": subject.checksum, **subject.description},
        reference={} if engine is None else engine.describe(),
        stride=subject.propagator.stride,
        settings=settings,
        software=provenance.software(),
        machine=provenance.machine(subject.instructions),
        instructions=subject.instructions,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        runs=tuple(runs),
        matched=matched,
    )


def _matched(
    subject: Subject,
    chosen: LammpsSettings,
    lattice: Lattice,
    settings: BenchSettings,
    cache: Path | None,
    listener: ConsoleListener,
) -> Matched:
    """Judged at the bench's temperature; what breaks down leaves no folders behind."""
    with TemporaryDirectory(prefix="longstride-") as scratch:
        parts_folder = cache or Path(scratch) / "parts"
        try:
            parts_folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--cache {cache}: {error.strerror}; name another folder") from None
        request = Request(
            families=tuple(FAMILIES),
            required=True,
            settings=SuiteSettings.quick(
                temperatures=(settings.temperature,),
                seed=settings.seed,
                cores=settings.cores,
                largest_step=settings.time_step,
                speed_rounds=0,
            ),
            thresholds=packaged_thresholds(),
            folder=parts_folder,
            cache=parts_folder,
        )
        engine, coarse = make_engine(chosen), make_engine(chosen, Path(scratch) / "steps")
        crystals = lattice_crystals(lattice, engine, JUDGED_ATOMS, Parts(parts_folder, listener))
        return find_matched(subject, engine, coarse, crystals, request, listener)


def _arithmetic(subject: Subject, crystal: State, cores: int) -> Arithmetic | None:
    """Operations of a stride, counted with the neighbours of the crystal at rest."""
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
