"""docs/alloys.md: one model for many compositions or metals, from the results folders alone."""

from pathlib import Path
from typing import Final

from pages.load import Piece, Results
from pages.quick_row import above_noise, failures, overlap, passed_of, value
from pages.text import measured, table

HEAD: Final = """# One model, many metals

Written by `python benchmarks/alloys.py page` from `benchmarks/results/alloys/`, which the parts
`compositions` and `shared` of the same script measure: `longstride generate`, `train` with
`model: auto`, and `validate --quick` at each row. Columns as in [metals.md](metals.md).
"""

COMPOSITIONS: Final = """## Cu-Ni at compositions never seen

One model for the whole range ([recipes/alloys/cuni-model.yaml](../recipes/alloys/cuni-model.yaml)),
trained for {minutes} min of one core on random solutions of 0, 25, 50, 75 and 100 % nickel, judged
at {temperature:g} K on random solutions between them, of another seed.
"""

SHARED: Final = """## Pure metals together

One model for copper, nickel and aluminium, each with a potential of its own
([recipes/alloys/shared-model.yaml](../recipes/alloys/shared-model.yaml)), trained for {minutes} min
of one core, where each of the single models of [metals.md](metals.md) took 3. It has one cutoff
and one stride for all, {radial} radial functions for each species where a single model has 11, and
made {steps} steps in its time. *single*: the model of that metal alone.
"""

HEADER: Final = ("", "w, %", "d, %", "T, %", "g(r)", "VDOS", "quick suite")


def write_page(results: Path, metals: Path, docs: Path) -> Path:
    """Writes the page; returns its path."""
    found, single = Results.read(results), Results.read(metals)
    parts = [HEAD]
    compositions = sorted(found.of("composition"), key=lambda piece: int(piece["name"]))
    if compositions:
        rows = [_row(f"{int(p['name']) + 0.5:g} % Ni", p) for p in compositions]
        parts += [_told(COMPOSITIONS, compositions), table(HEADER, rows) + "\n"]
        parts += [text.replace("## ", "### ") for text in failures(compositions)]
    shared = found.of("shared")
    if shared:
        alone = {piece["name"]: piece for piece in single.of("metal")}
        rows = []
        for piece in shared:
            name = piece["name"]
            rows.append(_row(f"{name}, shared", piece))
            if name in alone:
                rows.append(_row(f"{name}, single", alone[name]))
        parts += [_told(SHARED, shared), table(HEADER, rows) + "\n"]
        parts += [text.replace("## ", "### ") for text in failures(shared)]
    path = docs / "alloys.md"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _told(text: str, pieces: list[Piece]) -> str:
    first = pieces[0]
    minutes = measured(first["training"]["minutes"])
    return text.format(
        minutes=minutes,
        temperature=first["temperature"],
        radial=first["config"]["network"]["radial"],
        steps=first["training"]["steps"],
    )


def _row(name: str, piece: Piece) -> list[str]:
    return [
        name,
        value(piece, "onestep.w.relative_error"),
        value(piece, "onestep.d.relative_error"),
        value(piece, "nvt.temperature.relative_error", sign=True),
        above_noise(piece),
        overlap(piece),
        passed_of(piece),
    ]
