"""docs/metals.md: one recipe for any metal, from benchmarks/results/metals alone."""

from pathlib import Path
from typing import Any, Final

from ase.data import chemical_symbols

from longstride.reference.standard_runs import ROOM
from pages.load import Piece, Results
from pages.quick_row import (
    above_noise,
    failed,
    failures,
    overlap,
    passed_of,
    speed_up,
    value,
)
from pages.text import listed, measured, percent, table

HEAD: Final = """# Any metal by one recipe

Every system here went through the same three commands, with nothing set by hand but the seven
lines of its own recipe in [recipes/metals](../recipes/metals): `longstride generate`, `longstride
train recipes/metals/model.yaml` (`model: auto`, 3 minutes of one core), and `longstride validate
--quick` at half the melting temperature. `cuzr` is a metallic glass, quenched from the melt; the
same settings are far from enough for it. `cu-snap` is a machine-learned potential, with fewer and
shorter runs ([cu-snap.yaml](../recipes/cu-snap.yaml)), judged on 108 atoms. Written by `python
benchmarks/metals.py page` from `benchmarks/results/metals/`, which `python benchmarks/metals.py
run` measures.
"""

COLUMNS: Final = """- *w*, *d*: error of the velocity change and of the displacement after one
stride, relative to their own size, on the reference's trajectories of the suite; *ridge*: that of
the closed-form solution the training starts from, on held-out runs at the temperature next to it.
- *T*: mean kinetic temperature of the surrogate in the bath over that of the reference.
- *g(r)*: L1 distance to the reference's over its noise floor, the distance between two reference
runs; 1 is the reference's own noise.
- *VDOS*: overlap of the vibrational spectra, 1 less their mismatch.
- *speed*: ns/day over those of the reference program at 2 fs, same cores, one round, this system.
- *training*: minutes of processor time, one thread.
"""

HEADER: Final = (
    *("system", "T, K", "stride, fs", "w, %", "ridge w, %", "d, %", "ridge d, %", "T, %"),
    *("g(r)", "VDOS", "speed", "training, min", "quick suite"),
)

ORDER: Final = ("al", "cu", "ni", "fe", "mg", "w", "cuzr", "cuni", "alcu", "cu-snap")


def write_page(results: Path, docs: Path) -> Path:
    """Writes the page; returns its path."""
    pieces = {piece["name"]: piece for piece in Results.read(results).of("metal")}
    found = [pieces[name] for name in ORDER if name in pieces]
    passed = [piece for piece in found if not failed(piece)]
    parts = [
        HEAD,
        f"{len(passed)} of {len(found)} systems pass every check of the quick suite.\n",
        table(HEADER, [_row(piece) for piece in found]) + "\n",
        COLUMNS,
        *failures(found),
        *_proposals(found),
    ]
    path = docs / "metals.md"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _row(piece: Piece) -> list[str]:
    ridge = _nearest(piece["one_stride_errors"]["ridge"], piece["temperature"])
    return [
        f"{piece['name']}: {_elements(piece)}",
        f"{piece['temperature']:g}",
        f"{piece['config']['stage_times'][-1]:g}",
        value(piece, "onestep.w.relative_error"),
        percent(ridge["velocity"][-1]),
        value(piece, "onestep.d.relative_error"),
        percent(ridge["displacement"][-1]),
        value(piece, "nvt.temperature.relative_error", sign=True),
        above_noise(piece),
        overlap(piece),
        speed_up(piece),
        measured(piece["training"]["minutes"]),
        passed_of(piece),
    ]


def _proposals(pieces: list[Piece]) -> list[str]:
    """What ``model: auto`` proposed."""
    rows = []
    for piece in pieces:
        config, regime = piece["config"], piece["regime"]
        low, high = min(regime["temperatures"]), max(regime["temperatures"])
        rows.append(
            [
                piece["name"],
                ", ".join(regime["potentials"]),
                f"{low:g} to {high:g}",
                f"{config['stage_times'][0]:g}",
                f"{config['cutoff']:g}",
                f"{config['inner']:g}",
                f"{regime['n_frames']:,}",
            ]
        )
    header = (
        *("system", "potential", "regime, K", "substep, fs", "cutoff, Å", "inner, Å"),
        "frames trained on",
    )
    return [
        "## What was proposed\n",
        "By the rules of [train.md](train.md#what-model-auto-proposes).\n",
        table(header, rows) + "\n",
        *_without_room(pieces),
    ]


def _without_room(pieces: list[Piece]) -> list[str]:
    """Which systems were measured before standard data had room temperature."""
    names = [
        f"`{piece['name']}`" for piece in pieces if min(piece["regime"]["temperatures"]) > ROOM
    ]
    if not names:
        return []
    return [
        f"The data of {listed(names)} is of an earlier `runs: standard`, which began at a quarter"
        f" of melting; made today it would begin at {ROOM:g} K.\n"
    ]


def _elements(piece: Piece) -> str:
    return "-".join(chemical_symbols[number] for number in piece["config"]["species"])


def _nearest(errors: list[dict[str, Any]], temperature: float) -> dict[str, Any]:
    known = [entry for entry in errors if entry["temperature"] is not None]
    return min(known, key=lambda entry: abs(entry["temperature"] - temperature))
