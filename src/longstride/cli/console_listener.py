"""Progress of long work on the terminal, one line a part."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


class ConsoleListener:
    """Shows the parts of an experiment as they are made."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def part(self, title: str, total: float | None) -> Iterator[Callable[[float], None]]:
        """A bar while the part runs, and its time when it is done."""
        columns = (TextColumn("  {task.description}"), BarColumn(), TimeElapsedColumn())
        begin = perf_counter()
        # Without a terminal a bar would only leave an empty line.
        hidden = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=hidden) as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.update(task, completed=done)
        self._say(title, f"{perf_counter() - begin:.1f} s")

    def reused(self, title: str) -> None:
        """Says that a part was there already."""
        self._say(title, "there already, used again")

    def _say(self, title: str, note: str) -> None:
        self._console.print(f"  {title}: {note}", highlight=False, soft_wrap=True)
