"""Numbers and tables as Markdown."""

from collections.abc import Sequence
from math import floor, log10
from pathlib import Path

NOT_MEASURED = "not measured"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    lines = [header, rule, *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def measured(value: float, error: float | None = None, sign: bool = False) -> str:
    """A value with as many digits as its error allows: ``1.24 ± 0.03``."""
    form = "+" if sign else ""
    if error is None or not error > 0.0:
        return f"{value:{form}.3g}".replace("-", "−")
    decimals = max(0, 1 - floor(log10(error)))
    return f"{value:{form}.{decimals}f} ± {error:.{decimals}f}".replace("-", "−")


def percent(value: float, error: float | None = None) -> str:
    """A fraction in percent, without the sign %."""
    return measured(100.0 * value, None if error is None else 100.0 * error)


def verdict(passed: bool | None) -> str:
    """One word."""
    return NOT_MEASURED if passed is None else "pass" if passed else "**miss**"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def figure(drawn: dict[str, Path], key: str, label: str) -> list[str]:
    """A link to a figure, where it was drawn."""
    return [f"![{label}](figures/{drawn[key].name})"] if key in drawn else []
