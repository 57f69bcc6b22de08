"""The last frames in 3D: data and scripts of the view that 3Dmol.js draws in the browser."""

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from ase.data import chemical_symbols, covalent_radii
from ase.data.colors import jmol_colors

from longstride.errors import FileFormatError
from longstride.report.conditions import condition_title
from longstride.validation.snapshots import Snapshot, read_snapshots

VERSION: Final = "2.5.5"
"""Of the vendored 3Dmol.js."""

RADIUS: Final = 0.9
"""Radius of the spheres in covalent radii: atoms of a metal nearly touch."""

_ESCAPES: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
"""So that no text of a file ends the element that carries it."""


@dataclass(frozen=True, slots=True)
class Element:
    """How atoms of one element look.

    Attributes:
        symbol: chemical symbol.
        colour: as ``#rrggbb``, the convention of Jmol.
        radius: of the spheres, Å.
    """

    symbol: str
    colour: str
    radius: float


@dataclass(frozen=True, slots=True)
class View:
    """What the page needs for its 3D view.

    Attributes:
        titles: of the conditions one can choose.
        elements: legend.
        data: JSON for the script, safe inside an HTML element.
        scripts: the library with its licence, and the script that uses it.
        version: of the library.
    """

    titles: tuple[str, ...]
    elements: tuple[Element, ...]
    data: str
    scripts: tuple[str, ...]
    version: str = VERSION


def read_view(path: Path) -> View | None:
    """The view of a file of snapshots; None where there are none.

    Raises:
        FileFormatError: the file is damaged.
    """
    snapshots = read_snapshots(path)
    if not snapshots:
        return None
    for snapshot in snapshots:
        _check(path, snapshot)
    numbers = np.unique(np.concatenate([snapshot.species for snapshot in snapshots]))
    elements = tuple(_element(int(number)) for number in numbers)
    content = {
        "elements": [[e.symbol, e.colour, e.radius] for e in elements],
        "frames": [_frame(snapshot, numbers) for snapshot in snapshots],
    }
    return View(
        titles=tuple(condition_title(snapshot.condition) for snapshot in snapshots),
        elements=elements,
        data=_embedded(content),
        scripts=(_library(), _text("three_d.js")),
    )


def _check(path: Path, snapshot: Snapshot) -> None:
    """Numbers that can be drawn, in arrays that belong together."""
    n = len(snapshot.species)
    shapes = (snapshot.cell.shape, snapshot.surrogate.shape, snapshot.reference.shape)
    if snapshot.species.ndim != 1 or shapes != ((3, 3), (n, 3), (n, 3)):
        raise FileFormatError(f"{path}: '{snapshot.condition}' has arrays of different lengths")
    arrays = (snapshot.cell, snapshot.surrogate, snapshot.reference)
    if not all(np.isfinite(array).all() for array in arrays):
        raise FileFormatError(f"{path}: '{snapshot.condition}' holds a non-finite number")
    if n == 0 or not np.isin(snapshot.species, np.arange(1, len(chemical_symbols))).all():
        raise FileFormatError(f"{path}: '{snapshot.condition}' has atoms of no known element")


def _element(number: int) -> Element:
    red, green, blue = (round(255 * float(part)) for part in jmol_colors[number])
    return Element(
        symbol=chemical_symbols[number],
        colour=f"#{red:02x}{green:02x}{blue:02x}",
        radius=round(RADIUS * float(covalent_radii[number]), 3),
    )


def _frame(snapshot: Snapshot, numbers: np.ndarray) -> dict[str, Any]:
    return {
        "kinds": np.searchsorted(numbers, snapshot.species).tolist(),
        # A cluster has no cell to draw.
        "cell": _rounded(snapshot.cell) if np.linalg.det(snapshot.cell) else None,
        "surrogate": _rounded(snapshot.surrogate),
        "reference": _rounded(snapshot.reference),
    }


def _rounded(vectors: np.ndarray) -> list[list[float]]:
    """To a hundredth of an Å, which is not seen, in a third of the bytes."""
    return [[round(float(x), 2) for x in vector] for vector in vectors]


def _embedded(content: dict[str, Any]) -> str:
    text = json.dumps(content, separators=(",", ":"), allow_nan=False)
    for letter, code in _ESCAPES.items():
        text = text.replace(letter, code)
    return text


def _library() -> str:
    """3Dmol.js behind its licence, which goes wherever the code goes."""
    licence = _text("vendor/3Dmol-LICENSE.txt")
    return f"/*!\n3Dmol.js {VERSION}\n\n{licence}*/\n{_text('vendor/3Dmol-min.js')}"


def _text(name: str) -> str:
    return (files("longstride.report") / name).read_text(encoding="utf-8")
