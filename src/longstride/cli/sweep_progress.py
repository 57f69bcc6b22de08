"""How far a sweep is: one live table in a terminal, a line a run elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from longstride.study import Condition, Survey

MOST_ROWS: Final = 30
"""Of the table; those that wait or are finished are left out first."""

STYLES: Final = {"at work": "cyan", "failed": "red", "finished": "green", "stopped": "yellow"}

ORDER: Final = ("failed", "at work", "stopped", "waiting", "finished")
"""What stands first where not everything fits."""


class SweepProgress:
    """Shows the runs of a sweep; a context manager.

    Args:
        console: where to.
        total: runs of the study.
        survey: what was there.
        folders: of the runs that are made.
    """

    def __init__(
        self, console: Console, total: int, survey: Survey, folders: Mapping[str, Path]
    ) -> None:
        self._console, self._total = console, total
        self._before = len(survey.finished)
        self._folders = folders
        self._begun: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._known: dict[str, Condition] = {}
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("runs"), TimeElapsedColumn())
        self._bar = Progress(*columns, console=console)
        self._task = self._bar.add_task("", total=total, completed=self._before)
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def tell(self, conditions: Mapping[str, Condition], reasons: Mapping[str, str]) -> None:
        """Take note of the condition of every run, and why some failed."""
        now = monotonic()
        for name, condition in conditions.items():
            if self._known.get(name, "waiting") == condition:
                continue
            self._known[name] = condition
            if condition == "at work":
                self._begun[name] = now
            elif name in self._begun:
                self._seconds[name] = now - self._begun[name]
            if self._live is None:
                self._print(name, condition, reasons.get(name, ""))
        if self._live is not None:
            self._live.update(self._table(conditions, reasons, now), refresh=True)

    def _ended(self) -> int:
        ends = ("finished", "failed")
        return self._before + sum(one in ends for one in self._known.values())

    def _print(self, name: str, condition: Condition, reason: str) -> None:
        if condition not in ("finished", "failed"):
            return
        took = f" in {self._seconds[name]:.0f} s" if name in self._seconds else ""
        line = f"[{self._ended()}/{self._total}] {name} {condition}{took}"
        line += f": {reason}" if reason else ""
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)

    def _table(
        self, conditions: Mapping[str, Condition], reasons: Mapping[str, str], now: float
    ) -> Group:
        table = Table(box=None, pad_edge=False)
        for title in ("run", "", "time", ""):
            table.add_column(title, no_wrap=title != "", overflow="ellipsis")
        most = max(3, min(MOST_ROWS, self._console.height - 6))
        names = sorted(conditions, key=lambda name: ORDER.index(conditions[name]))
        shown = set(names[:most])
        for name in (one for one in conditions if one in shown):
            condition = conditions[name]
            seconds = self._seconds.get(name)
            if seconds is None and name in self._begun:
                seconds = now - self._begun[name]
            table.add_row(
                Text(name),
                Text(condition, STYLES.get(condition, "dim")),
                "" if seconds is None else f"{seconds:.0f} s",
                Text(reasons.get(name, "")),
            )
        left_out = len(names) - len(shown)
        more = [Text(f"and {left_out} more", "dim")] if left_out else []
        self._bar.update(self._task, completed=self._ended())
        return Group(table, *more, self._bar)
