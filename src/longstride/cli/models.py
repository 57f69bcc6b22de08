"""``longstride models``: what ships."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

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
) -> None:
    """List the shipped models, or show the card of one.

    Examples:

        longstride models

        longstride models al
    """
    console = Console()
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
