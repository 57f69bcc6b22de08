"""The checks as rows of a table, grouped by temperature and family, with their numbers in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from longstride.report.check_names import FAMILIES, OTHER, family_title, plain_name
from longstride.report.conditions import condition_title, group_by_condition
from longstride.validation import Check

_ORDER: Final = (*FAMILIES.values(), OTHER)

_REACH: Final = 1.5
"""Thresholds at the end of a bar."""

_LONGEST_JOINED: Final = 4
"""Letters of a unit that stays on the line of its number."""

_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Row:
    """One check.

    Attributes:
        anchor: id of the row on the page.
        title: plain name, with what the condition says beside the temperature.
        where: the temperature in words, or nothing.
        name: dotted name.
        passed: the verdict.
        value, floor, threshold: numbers in words.
        detail: one sentence.
        fill: length of the bar in percent.
        mark: where on the bar the threshold is, in percent; None for a threshold of zero.
    """

    anchor: str
    title: str
    where: str
    name: str
    passed: bool
    value: str
    floor: str
    threshold: str
    detail: str
    fill: float
    mark: float | None


@dataclass(frozen=True, slots=True)
class Family:
    """Rows under one heading.

    Attributes:
        title: of the family.
        rows: of its checks.
    """

    title: str
    rows: tuple[Row, ...]

    @property
    def n_passed(self) -> int:
        """Checks that passed."""
        return sum(row.passed for row in self.rows)


@dataclass(frozen=True, slots=True)
class Condition:
    """Families at one temperature.

    Attributes:
        title: the temperature in words, or nothing where no heading is needed.
        families: in the order of the page.
    """

    title: str
    families: tuple[Family, ...]


def table_of(checks: Sequence[Check]) -> tuple[Condition, ...]:
    """The rows of all checks, in the order of the page."""
    numbered = list(enumerate(checks))
    found = group_by_condition(numbered, lambda item: _condition(item[1]))
    several = len(found) > 1
    return tuple(
        Condition(title if several else "", _families(members)) for title, members in found
    )


def _condition(check: Check) -> str:
    return check.name.partition("[")[2].rstrip("]")


def _families(members: Sequence[tuple[int, Check]]) -> tuple[Family, ...]:
    rows: dict[str, list[Row]] = {title: [] for title in _ORDER}
    for number, check in members:
        rows[family_title(_stem(check))].append(_row(number, check))
    return tuple(Family(title, tuple(found)) for title, found in rows.items() if found)


def _stem(check: Check) -> str:
    return check.name.partition("[")[0]


def _row(number: int, check: Check) -> Row:
    temperature, _, more = _condition(check).partition(", ")
    title = plain_name(_stem(check))
    return Row(
        anchor=f"check-{number}",
        title=f"{title}, {more}" if more else title,
        where=condition_title(temperature),
        name=check.name,
        passed=check.passed,
        value=in_words(check.value, check.unit),
        floor="–" if check.noise_floor is None else in_words(check.noise_floor, check.unit),
        threshold=in_words(check.threshold, check.unit),
        detail=check.detail,
        fill=_fill(check),
        mark=None if check.threshold == 0.0 else 100.0 / _REACH,
    )


def _fill(check: Check) -> float:
    """Length of the bar in percent: any deviation fills it where none is allowed."""
    if check.threshold == 0.0:
        return 0.0 if check.value == 0.0 else 100.0
    return min(100.0, 100.0 * abs(check.value) / (_REACH * check.threshold))


def in_words(value: float, unit: str) -> str:
    """Three significant digits; numbers without a unit in percent, normal deviates in σ."""
    if unit == "1":
        value, unit = 100.0 * value, "%"
    digits, _, exponent = f"{value:.3g}".partition("e")
    if exponent:
        digits += f" · 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    unit = unit.replace("1σ", "σ")
    space = "\N{NO-BREAK SPACE}" if len(unit) <= _LONGEST_JOINED else " "
    return digits.replace("-", "−").replace(" ", "\N{NO-BREAK SPACE}") + space + unit
