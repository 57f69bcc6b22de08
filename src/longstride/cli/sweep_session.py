"""A study from its file to its results: plan, survey, make, merge."""

from collections.abc import Sequence
from pathlib import Path

import typer
from pydantic import ValidationError
from rich.console import Console

from longstride.cli.interruption import stoppable
from longstride.cli.run_request import RunRequest, new_request
from longstride.cli.sweep_progress import SweepProgress
from longstride.errors import ConfigError, LongstrideError
from longstride.study import (
    LocalSite,
    PlannedRun,
    Study,
    StudyFolder,
    Survey,
    load_study,
    make_runs,
    plan_study,
    require_parsl,
    summarise,
    usable_cores,
    write_page,
    write_results,
)
from longstride.study.complaint import complaint
from longstride.study.settings import NUMBERS

SOME_FAILED = 1
"""Exit code where all that could be done was done, and runs failed."""


def sweep_session(
    path: Path,
    output: Path | None,
    *,
    workers: int | None,
    redo_changed: bool,
    dry_run: bool,
) -> None:
    """Make what is missing of a study, and write its results.

    Args:
        path: the study.
        output: its folder; None for the study's name without its ending.
        workers: runs at a time on this machine, in place of the study's.
        redo_changed: make runs anew whose inputs have changed.
        dry_run: say what would be made.

    Raises:
        LongstrideError: the study is wrong, or has changed.
        Interrupted: by a signal; finished runs are kept.
        typer.Exit: some runs failed.
    """
    study = _with_workers(load_study(path), workers)
    folder = StudyFolder(_folder(path, output))
    runs = plan_study(study)
    _require_options(study, runs)
    console = Console(stderr=True)
    if dry_run:
        _show(study, folder, folder.survey(runs), Console())
        return
    require_parsl()
    with stoppable("finished runs are kept; the same command goes on"), folder:
        survey = folder.survey(runs)
        folder.prepare(survey, redo_changed=redo_changed)
        console.print(f"{path.name}: {_counts(runs, survey)}", highlight=False, soft_wrap=True)
        folders = {run.job.name: folder.of(run) for run in runs if run not in survey.finished}
        failed: dict[str, str] = {}
        if folders:
            with SweepProgress(console, len(runs), survey, folders) as progress:
                failed = make_runs(folders, study.where, folder.path, progress.tell)
        merged = summarise(path.stem, study, runs, folder, failed)
        written = [*write_results(merged, folder.path), write_page(merged, folder.path)]
    print(f"wrote {', '.join(str(one) for one in written)}")
    for name, reason in (*merged.failed.items(), *merged.unmeasured.items()):
        console.print(f"failed: {name}: {reason}", highlight=False, soft_wrap=True, markup=False)
    if merged.failed or merged.unmeasured:
        n_failed = len(merged.failed) + len(merged.unmeasured)
        print(f"{n_failed} of {len(runs)} runs failed; the same command tries them again")
        raise typer.Exit(SOME_FAILED)


def _folder(path: Path, output: Path | None) -> Path:
    if output is not None:
        return output
    folder = path.with_suffix("")
    if folder == path:
        raise ConfigError(f"{path}: has no ending to leave out; name the study's folder with -o")
    return folder


def _with_workers(study: Study, workers: int | None) -> Study:
    if workers is None:
        return study
    if not isinstance(study.where, LocalSite):
        raise ConfigError(f"--workers {workers}: the runs of this study are jobs of a cluster")
    if workers * study.where.threads > usable_cores():
        raise ConfigError(
            f"--workers {workers}: with {study.where.threads} thread(s) each, more than the"
            f" {usable_cores()} cores of this machine"
        )
    where = study.where.model_copy(update={"workers": workers})
    return study.model_copy(update={"where": where})


def _require_options(study: Study, runs: Sequence[PlannedRun]) -> None:
    """Refuse what 'longstride run' would refuse, before anything is run."""
    if study.kind != "run":
        return
    # Of one run for each model and pressure: options do not depend on the other axes.
    for run in {(run.point.model, run.point.pressure): run for run in runs}.values():
        given = {
            name: value if isinstance(value, bool) or name in NUMBERS else str(value)
            for name, value in study.options.items()
        }
        force = bool(given.pop("force", False))
        try:
            new_request(
                {
                    **given,
                    "model": run.point.model,
                    "structure": run.point.structure,
                    "temperature": f"{run.point.temperature:g}",
                    "pressure": None if run.point.pressure is None else f"{run.point.pressure:g}",
                    "seed": run.point.seed,
                },
                force=force,
            )
        except ValidationError as error:
            said = complaint(error, RunRequest)
            raise ConfigError(f"options of {run.job.name}: {said}") from None
        except LongstrideError as error:
            raise ConfigError(f"options of {run.job.name}: {error}") from None


def _counts(runs: Sequence[PlannedRun], survey: Survey) -> str:
    parts = [f"{len(runs)} run{'' if len(runs) == 1 else 's'}"]
    for words, members in (
        ("finished", survey.finished),
        ("begun", survey.begun),
        ("changed", survey.changed),
    ):
        if members:
            parts.append(f"{len(members)} {words}")
    if survey.foreign:
        parts.append(f"{len(survey.foreign)} others in the folder are not of this study")
    return ", ".join(parts)


def _show(study: Study, folder: StudyFolder, survey: Survey, console: Console) -> None:
    """What would be run."""
    for words, members in (
        ("finished", survey.finished),
        ("to go on with", survey.begun),
        ("changed", survey.changed),
        ("to make", survey.new),
    ):
        for run in members:
            command = " ".join(["longstride", study.kind, *run.job.words])
            line = f"{words:14s} {run.job.name}: {command}"
            console.print(line, highlight=False, soft_wrap=True, markup=False)
    runs = (*survey.finished, *survey.begun, *survey.changed, *survey.new)
    where = study.where
    place = f"{where.n_workers} at a time" if isinstance(where, LocalSite) else f"on {where.kind}"
    console.print(f"{folder.path}: {_counts(runs, survey)}; {place}", highlight=False)
