"""The ``longstride`` program: finds the command, runs it, and turns errors into one line.

Exit codes: 0 done, 1 ran but a check, or a run of a sweep, failed, 2 wrong input, 3 a run left its
model's regime and was stopped, 70 unexpected error, 130 stopped by Ctrl-C, 143 stopped by SIGTERM.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
import typer.core
import typer.main

from longstride import __version__
from longstride.cli.interruption import Interrupted, orderly
from longstride.errors import LongstrideError, RegimeLeftError


class Entry(NamedTuple):
    """A command: ``module:function`` and the line it has on the help page."""

    function: str
    summary: str


COMMANDS = {
    "demo": Entry(
        "longstride.cli.demo:demo_command",
        "Run the shipped model and its reference side by side, and write a report.",
    ),
    "models": Entry(
        "longstride.cli.models:models_command",
        "List the shipped models, show the card of one, or exchange models.",
    ),
    "generate": Entry(
        "longstride.cli.generate:generate_command",
        "Make reference trajectories with LAMMPS or an ASE calculator.",
    ),
    "import": Entry(
        "longstride.cli.import_:import_command",
        "Import trajectories of other programs.",
    ),
    "train": Entry(
        "longstride.cli.train:train_command",
        "Train a model on trajectories, as a recipe says.",
    ),
    "run": Entry(
        "longstride.cli.run:run_command",
        "Roll a model out from a structure.",
    ),
    "validate": Entry(
        "longstride.cli.validate:validate_command",
        "Judge a model, or a finished rollout, against its reference.",
    ),
    "sweep": Entry(
        "longstride.cli.sweep:sweep_command",
        "Run a study: many runs over temperatures, structures, seeds, and their results.",
    ),
    "bench": Entry(
        "longstride.cli.bench:bench_command",
        "Time a model beside its reference on the same cores, in turns.",
    ),
    "export": Entry(
        "longstride.cli.export:export_command",
        "Export a model for other engines, or a trajectory for other programs.",
    ),
}
"""The commands in the order the help lists them."""

WRONG_INPUT = 2
LEFT_REGIME = 3
UNEXPECTED = 70
INTERRUPTED = 130


class LazyGroup(typer.core.TyperGroup):
    """The commands of ``COMMANDS``; one is imported when it is called, and no other."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, entry in COMMANDS.items():
            self.add_command(typer.core.TyperCommand(name, help=entry.summary))

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of the help page."""
        return list(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command the arguments ask for, imported, and the arguments left to it."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, _load(str(name)), rest


def _load(name: str) -> Any:
    module, function = COMMANDS[name].function.split(":")
    # Markdown, unlike the default, reflows the paragraphs of a docstring to the terminal.
    single = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    single.command(name)(getattr(import_module(module), function))
    return typer.main.get_command(single)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    help="Molecular dynamics in long strides: learn the evolution operator of a potential from "
    "its trajectories, run it without force evaluations, and measure how far it can be trusted.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"longstride {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the full traceback of an error.")
    ] = False,
) -> None:
    """Options of every command; ``--debug`` is acted on by ``main`` before the commands see it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line ``arguments`` (default: the process's own) and return its exit code.

    Args:
        arguments: words after the program name; none prints the help page. ``--debug`` may stand
            anywhere and lets every exception through.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"] or ["--help"]
    program = typer.main.get_command(app)
    try:
        with orderly():
            status = program.main(args=words, prog_name="longstride", standalone_mode=False)
    except Interrupted as stop:
        _say(f"stopped; {stop.way_on}" if stop.way_on else "stopped")
        return stop.status
    except Exception as error:
        if debug:
            raise
        return _report(error)
    return status if isinstance(status, int) else 0


def _report(error: Exception) -> int:
    """Print the one line an error comes down to; returns the exit code."""
    match error:
        case typer.TyperException():
            context = getattr(error, "ctx", None)
            path = context.command_path if context is not None else "longstride"
            _say(f"error: {_one_line(error.format_message())} (see '{path} --help')")
            return WRONG_INPUT
        case typer.Abort():
            _say("interrupted")
            return INTERRUPTED
        case RegimeLeftError():
            _say(f"stopped: {_one_line(str(error))}")
            return LEFT_REGIME
        case LongstrideError():
            _say(f"error: {_one_line(str(error))}")
            return WRONG_INPUT
        case OSError(strerror=str(reason), filename=filename):
            where = f"{filename}: " if filename else ""
            _say(f"error: {where}{reason}")
            return WRONG_INPUT
        case MemoryError():
            _say("error: out of memory; use fewer atoms, a smaller batch or shorter segments")
            return WRONG_INPUT
        case _:
            kind = type(error).__name__
            _say(
                f"unexpected error: {kind}: {_one_line(str(error))} (run with --debug for details)"
            )
            return UNEXPECTED


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _say(line: str) -> None:
    typer.echo(f"longstride: {line}", err=True)


if __name__ == "__main__":
    sys.exit(main())
