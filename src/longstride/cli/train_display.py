"""A training in the terminal."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longstride.training import Status, StrideErrors


class Display:
    """Shows a training in the terminal: a progress line, a row an evaluation, tables of errors.

    Args:
        shown: of several processes, one shows anything.
    """

    def __init__(self, shown: bool = True) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        self._console = Console(soft_wrap=True, quiet=not shown)
        self._progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:3.0f} %  {task.description}"),
            console=self._console,
            transient=True,
            disable=not (shown and self._console.is_terminal),
        )
        self._task = self._progress.add_task("", total=1.0, visible=False)

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def started(self, message: str) -> None:
        """Prints what is trained on."""
        self._console.print(message, highlight=False)

    def baseline(self, errors: "Sequence[StrideErrors]") -> None:
        """Prints the errors of the ridge solution."""
        self._console.print(
            "ridge baseline, relative errors after one stride, " + _one_line(errors),
            highlight=False,
            markup=False,
        )

    def stepped(self, status: "Status") -> None:
        """Moves the progress line."""
        text = (
            f"step {status.step}  loss {status.loss:.3g}  skipped {status.skipped}  "
            f"{status.remaining / 60:.1f} min left"
        )
        self._progress.update(self._task, completed=status.progress, description=text, visible=True)

    def evaluated(self, status: "Status", loss: float, errors: "Sequence[StrideErrors]") -> None:
        """Prints a row."""
        train = f"train {status.loss:.3e}" if isfinite(status.loss) else "start"
        self._console.print(
            f"step {status.step:6d}  {status.seconds / 60:6.1f} min  {train}  "
            f"validation {loss:.3e}  skipped {status.skipped}  {_one_line(errors)}",
            highlight=False,
            markup=False,
        )

    def finished(self, ridge: "Sequence[StrideErrors]", errors: "Sequence[StrideErrors]") -> None:
        """Prints the final table."""
        from rich.table import Table

        table = Table(title="relative error after one stride, held-out data")
        for heading in ("temperature", "d ridge", "d model", "w ridge", "w model", "d RMSE / Å"):
            table.add_column(heading, justify="right")
        table.add_column("w RMSE / Å/fs", justify="right")
        for before, after in zip(ridge, errors, strict=True):
            table.add_row(
                after.label,
                f"{100 * before.displacement[-1]:.2f} %",
                _with_uncertainty(after.displacement[-1], after.displacement_uncertainty[-1]),
                f"{100 * before.velocity[-1]:.2f} %",
                _with_uncertainty(after.velocity[-1], after.velocity_uncertainty[-1]),
                f"{after.displacement_rmse[-1]:.2e}",
                f"{after.velocity_rmse[-1]:.2e}",
            )
        self._console.print(table)


def _with_uncertainty(value: float, uncertainty: float) -> str:
    return f"{100 * value:.2f} ± {100 * uncertainty:.2f} %"


def _one_line(errors: "Sequence[StrideErrors]") -> str:
    from longstride.training import in_one_line

    return f"d/w %: {in_one_line(errors)}"
