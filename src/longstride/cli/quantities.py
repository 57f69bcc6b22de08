"""Quantities as people type them: ``100ps``, ``5x5x5``, ``300:900``."""

import re
from math import inf, isfinite
from typing import Final

from longstride.errors import ConfigError
from longstride.units import NS, PS

TIME_UNITS: Final = {"fs": 1.0, "ps": PS, "ns": NS, "us": 1e3 * NS, "µs": 1e3 * NS}
"""Units of time and their length in fs."""

_NUMBER: Final = re.compile(r"\s*((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\D*?)\s*", re.ASCII)


def parse_time(text: str, option: str) -> float:
    """A positive time in fs from ``100ps``, ``60 fs`` or ``0.1ns``.

    Raises:
        ConfigError: not a positive number with a unit; ``option`` is named.
    """
    match = _NUMBER.fullmatch(text)
    unit = match[2] if match else ""
    if match is None or not 0 < float(match[1]) < inf or (unit and unit not in TIME_UNITS):
        raise ConfigError(
            f"{option} {text}: not a positive time; write a number and fs, ps or ns, as in 100ps"
        )
    if not unit:
        raise ConfigError(
            f"{option} {text}: the unit is missing; write {text}fs, {text}ps or {text}ns"
        )
    return float(match[1]) * TIME_UNITS[unit]


def format_time(time: float) -> str:
    """A time in fs with the unit that suits it."""
    for unit, length in (("ns", NS), ("ps", PS)):
        if time >= length:
            return f"{time / length:.6g} {unit}"
    return f"{time:.6g} fs"


def parse_repeat(text: str) -> tuple[int, int, int]:
    """Cells along each axis from ``5x5x4``, or ``5`` for all three.

    Raises:
        ConfigError: not one or three positive whole numbers.
    """
    words = text.lower().split("x")
    if len(words) not in (1, 3) or not all(word.isdecimal() and int(word) > 0 for word in words):
        raise ConfigError(f"--repeat {text}: write cells along each axis, as in 5x5x5")
    numbers = [int(word) for word in words] * (3 // len(words))
    return numbers[0], numbers[1], numbers[2]


def parse_course(text: str, option: str, unit: str) -> float | tuple[float, float]:
    """A value from ``300``, or the two ends of a ramp from ``300:900``.

    Raises:
        ConfigError: not one or two finite numbers; ``option`` is named.
    """
    try:
        numbers = [float(word) for word in text.split(":")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2) or not all(map(isfinite, numbers)):
        raise ConfigError(
            f"{option} {text}: write a number in {unit}, or two for a ramp, as in 300:900"
        )
    return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


def ends_of(course: float | tuple[float, float]) -> tuple[float, float]:
    """First and last value of what :func:`parse_course` made."""
    return course if isinstance(course, tuple) else (course, course)


def format_course(course: float | tuple[float, float], unit: str) -> str:
    """``300 K``, or ``300 to 900 K``."""
    return " to ".join(f"{end:g}" for end in dict.fromkeys(ends_of(course))) + f" {unit}"
