"""What the pages on metals and alloys tell of one quick suite."""

from collections.abc import Sequence
from typing import Any

from pages.load import Piece
from pages.text import listed, measured

Check = dict[str, Any]


def find_check(piece: Piece, stem: str) -> Check | None:
    """The check of that stem at the piece's temperature, where it was judged."""
    name = f"{stem}[{piece['temperature']:g}K]"
    return next((c for c in piece["verdict"]["checks"] if c["name"] == name), None)


def value(piece: Piece, stem: str, *, sign: bool = False) -> str:
    """A relative error in percent."""
    check = find_check(piece, stem)
    return "" if check is None else measured(100.0 * check["value"], sign=sign)


def overlap(piece: Piece) -> str:
    """Of the vibrational spectra."""
    check = find_check(piece, "nvt.vdos.mismatch")
    return "" if check is None else f"{1.0 - check['value']:.3f}"


def failed(piece: Piece) -> list[Check]:
    """The checks that did."""
    return [check for check in piece["verdict"]["checks"] if not check["passed"]]


def unit_of(check: Check) -> str:
    """Behind a number."""
    return "" if check["unit"] == "1" else f"{check['unit'].removeprefix('1')} "


def above_noise(piece: Piece) -> str:
    """The distance of g(r) over its noise floor: 1 is the reference's own noise."""
    check = find_check(piece, "nvt.rdf.l1")
    return "" if check is None else measured(check["value"] / check["noise_floor"])


def speed_up(piece: Piece) -> str:
    """ns/day over those of the reference."""
    speeds = {s["role"]: s["ns_per_day"] for s in piece["verdict"]["provenance"]["speed"]}
    return measured(speeds["surrogate"] / speeds["reference"]) if len(speeds) == 2 else ""


def passed_of(piece: Piece) -> str:
    """How many checks passed."""
    count, wrong = len(piece["verdict"]["checks"]), len(failed(piece))
    return f"{count - wrong} of {count}" if wrong else f"all {count}"


def failures(pieces: Sequence[Piece]) -> list[str]:
    """What failed, by system."""
    lines = [
        f"- `{piece['name']}`: "
        + listed(
            [
                f"`{check['name']}` {measured(check['value'])} {unit_of(check)}(threshold"
                f" {measured(check['threshold'])})"
                for check in failed(piece)
            ]
        )
        for piece in pieces
        if failed(piece)
    ]
    return ["## What failed\n", "\n".join(lines) + "\n"] if lines else []
