"""``longstride validate``: how far to trust a model or a rollout, as numbers and a report."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.console import Console

from longstride.cli.interruption import stoppable
from longstride.errors import ConfigError

CHECK_FAILED = 1
"""Exit code where everything was judged and a check failed."""

NAMES = ("onestep", "horizon", "nve", "nvt", "structure", "dynamics", "laws")
"""The families of checks, known without loading them."""


def validate_command(
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="Folder for results and report.", show_default=False),
    ],
    model: Annotated[
        str | None, typer.Option("--model", "-m", help="A shipped model or a model folder.")
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(help="Recipe of 'longstride generate': structure and potential to run."),
    ] = None,
    reference: Annotated[
        Path | None, typer.Option(help="Reference trajectories (.h5), in place of a recipe.")
    ] = None,
    rollout: Annotated[
        Path | None,
        typer.Option(help="A finished trajectory (.h5) to judge, in place of a model."),
    ] = None,
    checks: Annotated[
        str | None, typer.Option(help=f"Families of checks: {', '.join(NAMES)}; default: all.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A first answer: shorter runs at one temperature.")
    ] = False,
    temperatures: Annotated[
        str | None, typer.Option("--temperatures", "-T", help="K, as in 300,600,900.")
    ] = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="YAML file of changed thresholds.")
    ] = None,
    atoms: Annotated[
        int, typer.Option(min=32, help="Atoms, about, where neither recipe nor file says.")
    ] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Of all random numbers.")] = 1,
    ranks: Annotated[int, typer.Option(min=1, help="Cores: MPI ranks and threads.")] = 2,
    cache: Annotated[
        Path | None,
        typer.Option(help="Folder of the trajectories, to share them.", show_default="OUT/parts"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Judge outside the model's regime, too.")
    ] = False,
) -> None:
    """Judge a model, or a finished rollout, against its reference.

    With a model, reference trajectories are made by its own potential, by a recipe's, or taken from
    a file; the model starts from the same phase points. Every check stands beside its noise floor:
    the same number between reference runs. Results go to results.json and report.html. What is
    there already is used again.

    Exit code 0: every check passed; 1: one failed; 2: it could not be judged.

    Examples:

        longstride validate -m al --quick -o quick

        longstride validate -m al -T 300,600,900 -o al-validation

        longstride validate -m RUN/model --reference imported.h5 --checks onestep -o onestep

        longstride validate --rollout theirs.h5 --reference md.h5 -o theirs
    """
    families, wanted = _families(checks), _temperatures(temperatures)
    _require_combination(model, recipe, reference, rollout)
    console = Console(stderr=True)
    begin = perf_counter()
    # What judges takes seconds to import, which the help page should not wait for.
    from longstride.cli.check_table import print_results
    from longstride.cli.validate_session import Options, run_session

    options = Options(
        out=out,
        model=model,
        recipe=recipe,
        reference=reference,
        rollout=rollout,
        families=families,
        required=checks is not None,
        quick=quick,
        temperatures=wanted,
        thresholds=thresholds,
        atoms=atoms,
        seed=seed,
        cores=ranks,
        cache=cache,
        force=force,
        command=shlex.join(["longstride", *sys.argv[1:]]),
    )
    with stoppable("the same command goes on with what is finished"):
        results = run_session(options, console)
        from longstride.report import write_report
        from longstride.validation import RESULTS_NAME

        report = write_report(out / RESULTS_NAME)
    print_results(results, Console())
    failed = [check.name for check in results.checks if not check.passed]
    verdict = f"{len(failed)} of {len(results.checks)} checks failed" if failed else "all passed"
    print(f"{verdict}; report: {report} ({perf_counter() - begin:.0f} s)")
    if failed:
        raise typer.Exit(CHECK_FAILED)


def _families(text: str | None) -> tuple[str, ...]:
    """The families asked for, in the suite's order."""
    if text is None:
        return NAMES
    asked = [word.strip() for word in text.split(",") if word.strip()]
    unknown = [name for name in asked if name not in NAMES]
    if unknown or not asked:
        raise ConfigError(f"--checks {text}: choose from {', '.join(NAMES)}, with commas between")
    return tuple(name for name in NAMES if name in asked)


def _temperatures(text: str | None) -> tuple[float, ...]:
    """Positive temperatures in K, increasing; none where none is given."""
    if text is None:
        return ()
    try:
        values = [float(word) for word in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(0 < value < float("inf") for value in values):
        raise ConfigError(f"--temperatures {text}: write temperatures in K, as in 300,600,900")
    return tuple(sorted(set(values)))


def _require_combination(
    model: str | None, recipe: Path | None, reference: Path | None, rollout: Path | None
) -> None:
    """One subject, and at most one kind of reference."""
    if (model is None) == (rollout is None):
        raise ConfigError("give --model to judge a model, or --rollout to judge a trajectory")
    if rollout is not None and reference is None:
        raise ConfigError("--rollout needs --reference: trajectories to compare it with")
    if recipe is not None and (reference is not None or rollout is not None):
        given: Sequence[str] = ["--reference"] if rollout is None else ["--rollout"]
        raise ConfigError(f"give --recipe or {given[0]}, not both")
