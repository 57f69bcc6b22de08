"""The speeds of a bench on the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from longstride.cli.check_table import cores as in_words
from longstride.cli.check_table import print_whole
from longstride.validation.bench_record import Bench, BenchRun, Matched

PARTS = ("neighbours", "network", "thermostat", "other")
"""Of a stride's time."""


def print_bench(bench: Bench, console: Console) -> None:
    """A line for each system, and how it was measured; then the same at matched fidelity."""
    _print_table(_columns(bench), map(_row, bench.runs), console)
    settings = bench.settings
    how = (
        f"strides of {bench.stride:g} fs, steps of {settings.time_step:g} fs,"
        f" {settings.temperature:g} K, {in_words(settings.cores)}; medians of"
        f" {settings.rounds} rounds"
    )
    _print_line(how, console)
    _print_line(f"{bench.model['name']}: {_kernel(bench.instructions)}", console)
    if bench.matched is None:
        return
    _print_line("", console)
    if bench.matched.time_step is not None:
        step = f"µs per atom and\nstep of {bench.matched.time_step:.3g} fs"
        columns = ["atoms", step, "matched\nratio (range)"]
        _print_table(columns, map(_matched_row, bench.runs), console)
    for line in matched_in_words(bench.matched):
        _print_line(line, console)


def _kernel(instructions: str | None) -> str:
    """What computed the model, in words."""
    if instructions is None:
        return "not by the compiled kernel"
    return f"by the compiled kernel, instruction set {instructions}"


def _print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], console: Console) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    print_whole(table, console)


def _print_line(text: str, console: Console) -> None:
    console.print(text, highlight=False, soft_wrap=True, markup=False)


def matched_in_words(matched: Matched) -> list[str]:
    """At which steps the reference passes, where it fails, and whether the model passes."""
    suite = f"{matched.checks} checks of the quick suite, {matched.atoms} atoms"
    step = matched.time_step
    passes = "no step passes" if step is None else f"the reference passes in steps of {step:.3g} fs"
    lines = [f"matched fidelity ({suite}): {passes}"]
    for step, names in matched.failed.items():
        lines.append(f"  at {step:.3g} fs it fails {', '.join(names)}")
    if not matched.failed:
        lines.append("  no longer step divides the time between the model's stages")
    failed = ", ".join(matched.model_failed)
    lines.append(f"  the model fails {failed}" if failed else "  the model passes all")
    return lines


def _columns(bench: Bench) -> list[str]:
    columns = ["atoms", "ns/day", "µs per atom\nand stride"]
    if bench.reference:
        columns += ["reference\nns/day", "µs per atom\nand step", "ratio (range)"]
    columns += PARTS
    columns += ["GFLOP/s", "share\nof peak"] if bench.arithmetic else []
    return [*columns, "peak\nMB"]


def _row(run: BenchRun) -> list[str]:
    cells = [str(run.atoms), f"{run.ns_per_day:.3g}", f"{run.us_per_atom_stride:.3g}"]
    if run.ratio is not None:
        cells += [
            f"{run.reference_ns_per_day:.3g}",
            f"{run.reference_us_per_atom_step:.3g}",
            _with_range(run.ratio, run.ratio_range),
        ]
    cells += [f"{100 * run.split[part]:.0f} %" for part in PARTS]
    if run.gflops is not None and run.share_of_peak is not None:
        cells += [f"{run.gflops:.0f}", f"{100 * run.share_of_peak:.0f} %"]
    return [*cells, f"{run.peak_rss_mb:.0f}"]


def _matched_row(run: BenchRun) -> list[str]:
    time = f"{run.matched_us_per_atom_step:.3g}"
    return [str(run.atoms), time, _with_range(run.matched_ratio, run.matched_ratio_range)]


def _with_range(value: float | None, extremes: tuple[float, float] | None) -> str:
    if value is None or extremes is None:
        return "–"
    low, high = extremes
    return f"{value:.3g} ({low:.3g} to {high:.3g})"
