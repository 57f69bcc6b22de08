"""Rooms whose names are imported at their first use (PEP 562).

A room of networks that is asked for its plain parts, as the card of a model, need not load torch.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def at_first_use(room: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a room's ``__init__``.

    Type checkers do not see what it gives: the room imports the same names for them where
    ``TYPE_CHECKING`` holds. No name may be that of a file of the room, which it would hide.

    Args:
        room: the package, ``__name__``.
        names: those of each file of the room, by the file's name.
    """
    places = {name: f"{room}.{file}" for file, those in names.items() for name in those}

    def find(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        value = getattr(import_module(places[name]), name)
        setattr(sys.modules[room], name, value)
        return value

    return find
