"""The checks and speeds of results on the terminal."""

from rich.console import Console
from rich.table import Table

from longstride.validation import Check, Results

WIDTH = 160
"""Columns of the table where it goes to a file."""


def print_results(results: Results, console: Console) -> None:
    """A line for each check and each speed."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("check", no_wrap=True)
    for column in ("value", "noise", "limit"):
        table.add_column(column, justify="right", no_wrap=True)
    for _ in ("unit", "verdict"):
        table.add_column("", no_wrap=True)
    for check in results.checks:
        table.add_row(*_row(check))
    print_whole(table, console)
    for speed in results.provenance.speed:
        how = [speed.detail, cores(speed.cores)]
        if speed.role == "surrogate" and results.provenance.instructions is not None:
            how.append(f"instruction set {results.provenance.instructions}")
        console.print(
            f"{speed.program}: {speed.ns_per_day:.3g} ns/day ({', '.join(how)})",
            highlight=False,
            soft_wrap=True,
        )


def print_whole(table: Table, console: Console) -> None:
    """A file has no width; in a narrow terminal a name may be cut, in a file nothing."""
    if not console.is_terminal:
        console.width = WIDTH
    console.print(table)


def cores(count: int) -> str:
    """A number of cores in words."""
    return "1 core" if count == 1 else f"{count} cores"


def _row(check: Check) -> tuple[str, ...]:
    scale, unit = (100.0, "%") if check.unit == "1" else (1.0, check.unit)
    floor = "–" if check.noise_floor is None else f"{scale * check.noise_floor:.3g}"
    verdict = "[green]pass[/]" if check.passed else "[red]fail[/]"
    name = check.name.replace("[", r"\[")
    numbers = (f"{scale * check.value:.3g}", floor, f"{scale * check.threshold:.3g}")
    return name, *numbers, unit, verdict
