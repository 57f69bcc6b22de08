"""Hook of MkDocs: the page of the command line, from the commands themselves."""

from collections.abc import Iterator
from typing import Any

import typer.main
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from longstride.cli.main import COMMANDS, app

PAGE = "reference/commands.md"

INTRODUCTION = """# Commands

What `longstride COMMAND --help` says, made from the commands of this version. Exit codes: 0 done, 1
ran but a check failed, 2 wrong input, 3 a run left its model's regime and was stopped, 70
unexpected error, 130 stopped by Ctrl-C, 143 by SIGTERM. `--debug` shows the traceback of an error.
"""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page to the pages of the site."""
    files.append(File.generated(config, PAGE, content="\n".join(page())))
    return files


def page() -> Iterator[str]:
    """The page, in pieces of Markdown."""
    yield INTRODUCTION
    group: Any = typer.main.get_command(app)
    with group.make_context("longstride", [], resilient_parsing=True) as above:
        for name in COMMANDS:
            _, command, _ = group.resolve_command(above, [name])
            context = command.make_context(name, [], parent=above, resilient_parsing=True)
            yield from section(name, command, context)


def section(name: str, command: Any, context: Any) -> Iterator[str]:
    """One command: its usage, what it does, and a table of arguments and options."""
    yield f"## longstride {name}\n"
    usage = " ".join(["longstride", name, *command.collect_usage_pieces(context)])
    yield f"```text\n{usage}\n```\n"
    # Examples are indented in the docstring, which is how Markdown knows code.
    yield f"{command.help}\n"
    yield "| argument or option | meaning |\n|---|---|"
    for parameter in command.get_params(context):
        words, meaning = parameter.get_help_record(context)
        yield f"| `{cell(words)}` | {cell(meaning).replace('<', '&lt;')} |"
    yield ""


def cell(text: str) -> str:
    """Text that stays inside of its cell of the table."""
    return " ".join(text.split()).replace("|", "\\|")
