"""Tables that both pages show."""

from collections.abc import Sequence

from pages.load import Piece, Results
from pages.text import NOT_MEASURED, measured, percent, table

SPEED = """{atoms} atoms, {cores} threads for the maps and {cores} ranks for LAMMPS, in turns in
one run: median of {rounds} rounds, lowest and highest beside. ns/day is for this number of
atoms. A stride of a map costs the same whatever potential it learned; LAMMPS' cost is that of
{potential}.
"""


NVE_HEADER = [
    "",
    "length, ps",
    "total energy %",
    "meV/atom/ps",
    "ends %",
    "kinetic energy %",
    "ends %",
    "T(k): rms %",
    "expected %",
]


def nve_rows(
    results: Results, names: Sequence[str], temperatures: Sequence[float]
) -> list[list[str]]:
    """One row a temperature and model that was measured."""
    rows = []
    for t in temperatures:
        for name in names:
            piece = results.find("nve", name, t)
            if piece is None:
                continue
            label = f"{t:g} K, {name}"
            if "total" not in piece:
                rows.append([label, f"{piece['broke']['time']:.3g}", "broke down", *[""] * 6])
                continue
            if piece["broke"]:
                label += f" ({_broke(piece)})"
            total, kinetic, waves = piece["total"], piece["kinetic"], piece["wavevectors"]
            rows.append(
                [
                    label,
                    f"{total['length']:.3g}",
                    measured(total["percent"], total["percent_error"], sign=True),
                    measured(total["rate"], total["rate_error"], sign=True),
                    measured(total["ends_percent"], total["ends_percent_error"], sign=True),
                    measured(kinetic["percent"], kinetic["percent_error"], sign=True),
                    measured(kinetic["ends_percent"], kinetic["ends_percent_error"], sign=True),
                    percent(waves["rms"]),
                    percent(waves["noise"]),
                ]
            )
    return rows


def _broke(piece: Piece) -> str:
    return f"broke down after {piece['broke']['time']:.3g} ps"


def speed_table(results: Results, names: Sequence[str]) -> list[str]:
    """Cost of the maps named and of LAMMPS."""
    piece = results.speed
    if piece is None:
        return [NOT_MEASURED + "."]
    settings, result = piece["settings"], piece["result"]
    text = SPEED.format(
        atoms=result["n_atoms"],
        cores=settings["cores"],
        rounds=settings["rounds"],
        potential=piece["reference"]["potential"],
    )
    reference = result["reference"]
    rows = [
        _speed_row(f"map `{name}`, a stride", result["maps"][name], reference)
        for name in names
        if name in result["maps"]
    ]
    rows.append(_speed_row("LAMMPS, a step", reference, reference))
    header = ["", "length, fs", "µs per atom", "range", "ns/day", "speed over LAMMPS"]
    lines = results.provenance("speed")
    return [
        text,
        table(header, rows),
        f"*`python benchmarks/accuracy.py speed`.* Measured {lines[0]}",
    ]


def _speed_row(label: str, row: dict[str, float], reference: dict[str, float]) -> list[str]:
    return [
        label,
        f"{row['length']:g}",
        measured(row["microseconds"]),
        f"{measured(row['lowest'])} to {measured(row['highest'])}",
        measured(row["ns_per_day"]),
        f"{row['ns_per_day'] / reference['ns_per_day']:.2f}",
    ]
