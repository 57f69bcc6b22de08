"""Conditions in the names of checks and curves: the temperature first, then what it is told of."""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def group_by_condition(
    items: Iterable[T], condition: Callable[[T], str]
) -> list[tuple[str, list[T]]]:
    """Items of one temperature together, in the order of their first ones, with its title."""
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(condition(item).partition(", ")[0], []).append(item)
    return [(condition_title(name), members) for name, members in groups.items()]


def condition_title(name: str) -> str:
    """A condition for the reader: ``600K`` as 600 K, and nothing where there is only one."""
    if name == "all":
        return ""
    return re.sub(r"^(\d+(?:\.\d+)?)K$", "\\1\N{NO-BREAK SPACE}K", name)
