"""``longstride models``: what ships, and what others have."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from longstride.errors import ConfigError
from longstride.zoo import ModelSummary, resolve, shipped, summarise

COLUMNS = ("species", "stride", "temperature", "trained on")
"""What the list shows of each model; the rest is on its own page."""


def models_command(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A shipped model or a model folder, to see its card.", show_default=False
        ),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option(
            metavar="OWNER/REPOSITORY/NAME", help="Put the model on the Hugging Face hub."
        ),
    ] = None,
    pull: Annotated[
        str | None,
        typer.Option(
            metavar="OWNER/REPOSITORY/NAME", help="Fetch a model from the Hugging Face hub."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder of the fetched model.", show_default="its name"
        ),
    ] = None,
    revision: Annotated[
        str | None, typer.Option(help="Branch, tag or commit to fetch from.")
    ] = None,
    sha256: Annotated[
        str | None, typer.Option(help="Checksum that the fetched model must have.")
    ] = None,
) -> None:
    """List the shipped models, show the card of one, or exchange models.

    The hub needs the extra 'hub' and, to push, a login by its own program. A fetched model is used
    only where its SHA-256 checksums hold; nothing in it can run code.

    Examples:

        longstride models

        longstride models al

        longstride models RUN/model --push lab/metals/al

        longstride models --pull lab/metals/al -o al-of-the-lab
    """
    _require_combination(name, push, pull, output=output, revision=revision, sha256=sha256)
    console = Console()
    if push is not None or pull is not None:
        from longstride.cli.model_exchange import pull_from_hub, push_to_hub

        if push is not None:
            push_to_hub(str(name), push)
        else:
            pull_from_hub(str(pull), output, revision, sha256)
        return
    if name is not None:
        _show(name, console)
        return
    if not shipped():
        console.print("no models ship with this installation")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("model", *COLUMNS):
        table.add_column(column, overflow="fold")
    for model in shipped():
        facts = _facts(summarise(resolve(model)))
        table.add_row(model, *(facts[column] for column in COLUMNS))
    console.print(table)


def _require_combination(
    name: str | None, push: str | None, pull: str | None, **of_pull: object
) -> None:
    """Options that go together."""
    if push is not None and (pull is not None or name is None):
        raise ConfigError("--push: name one model to push, and do not pull at once")
    if pull is not None and name is not None:
        raise ConfigError(f"--pull: fetches a model; leave out '{name}'")
    for option, value in of_pull.items():
        if value is not None and pull is None:
            raise ConfigError(f"--{option}: goes with --pull")


def _show(name: str, console: Console) -> None:
    summary = summarise(resolve(name))
    lines = [f"{name}: {summary.folder}"]
    lines += [f"  {label}: {fact}" for label, fact in _facts(summary).items()]
    if summary.card is not None:
        lines += ["", summary.card.strip()]
    console.print("\n".join(lines), highlight=False, soft_wrap=True, markup=False)


def _facts(summary: ModelSummary) -> dict[str, str]:
    # A third of a second to import, which the list of commands should not wait for.
    from ase.data import chemical_symbols

    stages = ", ".join(f"{time:g}" for time in summary.stage_times)
    return {
        "species": " ".join(chemical_symbols[number] for number in summary.species),
        "stride": f"{summary.stride:g} fs",
        "stages": f"{stages} fs",
        "temperature": _span(summary.temperature, "g", "K"),
        "density": _span(summary.density, ".4f", "atoms/Å³"),
        "trained on": "; ".join(summary.potentials) or "not stated",
    }


def _span(values: tuple[float, float] | None, form: str, unit: str) -> str:
    if values is None:
        return "not stated"
    low, high = (format(value, form) for value in values)
    return f"{low} {unit}" if low == high else f"{low} to {high} {unit}"
