"""A rollout from its options to its files: start or resume, record, sum up."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from longstride import __version__
from longstride.cli.engine_name import EngineName
from longstride.cli.ensemble_name import EnsembleName
from longstride.cli.interruption import stoppable
from longstride.cli.quantities import ends_of, format_time
from longstride.cli.run_parts import parts_of, require_abilities
from longstride.cli.run_progress import RunProgress, print_summary
from longstride.cli.run_request import RunRequest, new_request, stored_request
from longstride.cli.run_watch import Guarded, guarded, reference_of, summary_of
from longstride.cli.temperature_plot import plot_temperature
from longstride.dynamics import (
    SEGMENT,
    RunFiles,
    RunPlan,
    frame_interval,
    load_restart,
    read_thermo,
    resume_run,
    run_metadata,
    start_run,
    starting_state,
    strides_of_frames,
)
from longstride.errors import ConfigError, RegimeLeftError
from longstride.model import Card
from longstride.trajectory import TrajectoryFile, write_extxyz
from longstride.zoo import model_checksum, resolve


def run_session(
    out: Path, given: dict[str, Any], *, resume: bool, force: bool, overwrite: bool
) -> None:
    """Run, or run on, and write everything there is to write.

    Args:
        out: the trajectory file to make.
        given: the options of the command as they were typed, None where not given.
        resume: go on from the restart file of ``out``.
        force: run outside the model's regime too.
        overwrite: replace existing files.

    Raises:
        LongstrideError: an option is wrong, a file cannot be read, or the rollout had to stop.
        Interrupted: by a signal; it says how to go on.
    """
    files = RunFiles(out)
    _check_names(files, given["extxyz"], resume=resume, overwrite=overwrite)
    console = Console(stderr=True)
    with stoppable(lambda: _way_on(files)), _told_how_to_go_on(files):
        if resume and _is_complete(files):
            done = _Done(_unfinished(files, given), None, [])
        elif resume:
            done = _resume(files, given, console)
        else:
            done = _start(files, given, console, force)
        _finish(files, done)


class _Done(NamedTuple):
    """A run that is complete: what was asked for, ns a day, and rows of its summary."""

    request: RunRequest
    speed: float | None
    told: list[tuple[str, str]]


def _findings(guard: Guarded, n_strides: int, stride: float) -> list[tuple[str, str]]:
    watch = guard.watch
    return [] if watch is None else summary_of(watch.findings, n_strides, stride)


def _start(files: RunFiles, given: dict[str, Any], console: Console, force: bool) -> _Done:
    """Run from the beginning."""
    # What is wrong with the input is said before torch is loaded, which takes longer.
    request = new_request(given, force=force)
    if request.engine == EngineName.lammps:
        return _hosted(request, files, console, None, force=force)
    card = Card.read(resolve(request.model))
    reference = reference_of(request, card)
    require_abilities(request, card)
    state, rng, notes = starting_state(
        Path(request.structure),
        card.regime,
        request.seed,
        repeat=request.repeat,
        temperatures=() if request.temperature is None else ends_of(request.temperature),
        thermostat=request.ensemble != EnsembleName.nve,
        force=force,
    )
    stride = card.config.stride
    interval = request.every * stride
    if interval > request.time * (1 + 1e-9):
        raise ConfigError(
            f"--every {request.every}: a frame every {format_time(interval)} is longer than the "
            f"run's {format_time(request.time)}; give a longer --time or a smaller --every"
        )
    # Refuses frames that the model's stages cannot give.
    frame_interval(card.config, request.every, request.substride)
    propagator = _load(card.folder)
    guard = guarded(request, propagator, reference, console)
    ensemble, observers = parts_of(request, propagator, guard.map)
    plan = RunPlan(
        n_strides=strides_of_frames(request.time, request.every, stride),
        frame_every=request.every,
        substride=request.substride,
        shortest_distance=card.regime.shortest_distance,
        density=None if request.pressure is None or force else card.regime.density,
    )
    name = request.ensemble if request.pressure is None else f"{request.ensemble} with a barostat"
    notes.append(
        f"{state.n_atoms} atoms, {name}, {plan.n_strides} strides of "
        f"{stride:g} fs: {format_time(plan.n_strides * stride)}"
    )
    for note in notes:
        console.print(note, highlight=False, soft_wrap=True, markup=False)
    options = request.model_dump(mode="json")
    with RunProgress(console, plan.n_strides, 0, stride) as progress:
        start_run(
            ensemble,
            state,
            rng,
            plan,
            files.out,
            provenance={"made_by": f"longstride run {__version__}", "options": options},
            metadata=run_metadata(
                files.out,
                model=request.model,
                seed=request.seed,
                ensemble=request.ensemble,
                temperature=request.temperature,
                pressure=request.pressure,
            ),
            options=options,
            monitor=progress,
            observers=(*observers, *guard.observers),
        )
    return _Done(request, progress.ns_per_day, _findings(guard, plan.n_strides, stride))


def _hosted(
    request: RunRequest, files: RunFiles, console: Console, done: int | None, *, force: bool
) -> _Done:
    """Run, or run on where some strides are done, on the ranks of LAMMPS."""
    # Brings the room of the references, which runs in this process do without.
    from longstride.cli.run_hosted import run_hosted

    speed, findings = run_hosted(request, files, console, done, force=force)
    return _Done(request, speed, [] if findings is None else summary_of(findings, 0, 0.0))


def _resume(files: RunFiles, given: dict[str, Any], console: Console) -> _Done:
    """Run on from the last restart point."""
    point = load_restart(files.restart)
    request = stored_request(point.header.options, given, files.out)
    folder = resolve(given["model"] or request.model)
    if model_checksum(folder) != request.model_sha256:
        raise ConfigError(
            f"{folder}: the model has changed since the run was started; "
            "resume with the same model, or start a new run"
        )
    if request.engine == EngineName.lammps:
        return _hosted(request, files, console, point.header.done, force=False)
    card = Card.read(folder)
    reference = reference_of(request, card)
    require_abilities(request, card)
    model = _load(folder)
    guard = guarded(request, model, reference, console)
    ensemble, observers = parts_of(request, model, guard.map)
    console.print(f"resuming at {format_time(point.state.time)}", highlight=False)
    n_strides = point.header.plan.n_strides
    with RunProgress(console, n_strides, point.header.done, ensemble.stride) as progress:
        resume_run(
            ensemble,
            point,
            files.out,
            monitor=progress,
            options=request.model_dump(mode="json"),
            observers=(*observers, *guard.observers),
        )
    return _Done(request, progress.ns_per_day, _findings(guard, n_strides, ensemble.stride))


def _is_complete(files: RunFiles) -> bool:
    return files.out.exists() and not files.restart.exists()


def _unfinished(files: RunFiles, given: dict[str, Any]) -> RunRequest:
    """The request of a complete run that was stopped before its picture or extended XYZ file.

    Raises:
        ConfigError: everything is there.
    """
    with TrajectoryFile(files.out) as file:
        request = stored_request(file.provenance.get("options", {}), given, files.out)
    if all(path.exists() for path in _extras(files, request)):
        raise ConfigError(
            f"{files.out}: the run is complete; continue it with --structure {files.out}"
        )
    return request


def _extras(files: RunFiles, request: RunRequest) -> list[Path]:
    """What is made from a complete run."""
    picture = files.out.with_suffix(".temperature.png")
    return [picture] if request.extxyz is None else [picture, Path(request.extxyz)]


def _finish(files: RunFiles, done: _Done) -> None:
    """Write what is made from a complete run, and say what there is."""
    request = done.request
    thermo = read_thermo(files.thermo)
    extra = _extras(files, request)
    target = None if request.ensemble == EnsembleName.nve else request.temperature
    plot_temperature(thermo, target, extra[0])
    with TrajectoryFile(files.out) as file:
        segment = file[SEGMENT]
        if request.extxyz is not None:
            write_extxyz(request.extxyz, segment)
        sizes = (segment.n_frames, segment.n_atoms)
        print_summary(Console(), files, extra, thermo, *sizes, done.speed, done.told)


def _load(folder: Path) -> Any:
    """The model as a propagator; here torch is loaded."""
    from longstride.kernels import load_propagator

    return load_propagator(folder)


def _check_names(files: RunFiles, extxyz: Path | None, *, resume: bool, overwrite: bool) -> None:
    """Refuse names that cannot be written, or would destroy something."""
    out = files.out
    if out.suffix not in (".h5", ".hdf5"):
        raise ConfigError(f"--output {out}: name a file that ends in .h5")
    if resume:
        return
    if extxyz is not None and not extxyz.parent.is_dir():
        raise ConfigError(
            f"--extxyz {extxyz}: folder {extxyz.parent} does not exist; make it first"
        )
    if overwrite:
        return
    if files.restart.exists():
        raise ConfigError(
            f"{out}: an interrupted run of it is there; go on with --resume or discard it with "
            "--overwrite"
        )
    for path in (out, files.thermo, extxyz):
        if path is not None and path.exists():
            raise ConfigError(f"{path}: exists; choose another name or give --overwrite")


@contextmanager
def _told_how_to_go_on(files: RunFiles) -> Iterator[None]:
    """A run that left its model's regime says how to go on."""
    try:
        yield
    except RegimeLeftError as left:
        again = shlex.join(["longstride", "run", "--resume", "--on-leave", "warn"])
        engine = load_restart(files.restart).header.options.get("engine")
        other = "" if engine == EngineName.lammps else " (or --on-leave reference)"
        raise RegimeLeftError(
            f"{left}; go on from there with: {again} -o {shlex.quote(str(files.out))}{other}"
        ) from None


def _way_on(files: RunFiles) -> str:
    """What to do after a run was stopped."""
    again = shlex.join(["longstride", "run", "--resume", "-o", str(files.out)])
    if files.restart.exists():
        at = format_time(load_restart(files.restart).state.time)
        return f"go on from {at} with: {again}"
    if files.out.exists():
        return f"the run is complete; its picture comes with: {again}"
    return "nothing was recorded yet; run it again"
