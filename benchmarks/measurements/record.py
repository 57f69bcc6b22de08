"""Pieces of a benchmark on disk: one small JSON file each, made once.

A piece carries the fingerprint of everything that determines it; one that is there already with
the same fingerprint is not made again.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from longstride.validation.provenance import machine, software
from longstride.validation.reuse import fingerprint, read_record, write_record


def say(text: str) -> None:
    """One line of progress, with the time of day."""
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", flush=True)


def make_piece(
    path: Path, determined_by: dict[str, Any], make: Callable[[], dict[str, Any]]
) -> None:
    """Write a piece unless it is there already.

    Args:
        path: of the JSON file.
        determined_by: plain data: part, model, data, settings; kept in the file.
        make: computes the result as plain data.
    """
    if read_record(path, fingerprint(**determined_by)) is not None:
        say(f"{path.name}: there already")
        return
    write_piece(path, determined_by, make)


def write_piece(
    path: Path, determined_by: dict[str, Any], make: Callable[[], dict[str, Any]]
) -> None:
    """Write a piece, over an older one too: what is timed depends on more than can be named."""
    say(f"{path.name}: begins")
    before = os.getloadavg()[0]
    result = make()
    provenance = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "software": software(),
        "machine": machine(),
        "load_average": [round(before, 1), round(os.getloadavg()[0], 1)],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**determined_by, "provenance": provenance, "result": result}
    write_record(path, fingerprint(**determined_by), content)
    say(f"{path.name}: written")


def rounded(values: Any, digits: int = 6) -> Any:
    """Numbers of an array or a nest of lists and dictionaries, to so many significant digits."""
    if isinstance(values, dict):
        return {key: rounded(value, digits) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [rounded(value, digits) for value in values]
    if hasattr(values, "tolist"):
        return rounded(values.tolist(), digits)
    return float(f"{values:.{digits}g}") if isinstance(values, float) else values
