"""docs/interop.md from the pieces of ``benchmarks/interop.py``."""

import os
from math import log10
from pathlib import Path
from typing import Final

from measurements.hosted_runs import SKIN

from pages.interop_text import APPROACH, HEAD, HOSTED, HUB, READERS, ROUNDING, SHORT, TRAJECTORIES
from pages.load import Piece, Results
from pages.text import NOT_MEASURED, listed, measured, table

ENGINES: Final = {"nve": "FlashMD in ASE", "ipi": "FlashMD in i-PI"}

PHRASES: Final = {
    "nve": "FlashMD {flashmd}'s `VelocityVerlet` of ASE",
    "ipi": "its stepper of i-PI {ipi}",
}

MATERIALS: Final = {"al": "aluminium", "cuni": "copper and nickel at random"}


def write_page(results: Path, docs: Path) -> list[Path]:
    """Write the page; returns the files written."""
    path = docs / "interop.md"
    partial = path.with_name(path.name + ".partial")
    partial.write_text(page(Results.read(results)), encoding="utf-8")
    os.replace(partial, path)
    return [path]


def page(results: Results) -> str:
    """The whole page."""
    hosted = results.of("hosted")
    parts = [HEAD]
    parts += [_hosted(piece) for piece in hosted] or [f"### The same run\n\n{NOT_MEASURED}."]
    parts += [ROUNDING] if hosted else []
    near = results.of("approach")
    parts += [_approach(near)] if near else []
    parts.append(TRAJECTORIES)
    parts += [_readers(piece) for piece in results.of("readers")]
    parts += [HUB, SHORT]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _hosted(piece: Piece) -> str:
    result, settings = piece["result"], piece["settings"]
    name = piece["model"]["name"]
    lines = [
        (f"{ENGINES[one['engine']]}, {one['precision']}, against the run here", one)
        for one in sorted(result["hosted"], key=lambda one: one["precision"], reverse=True)
    ]
    lines += [
        ("here, float32, one atom nudged by a float32 rounding", "one atom nudged by a rounding"),
        ("here, float32, start rounded to float32", "start rounded to float32"),
        ("here, float32 against float64", "float32 against float64"),
    ]
    found = [
        (label, result["controls"][one] if isinstance(one, str) else one) for label, one in lines
    ]
    strides = found[0][1]["strides"]
    rows = [[label, *(f"{x:.1e}" for x in one["position_A"])] for label, one in found]
    cost = {
        one["precision"]: one["microseconds_per_atom"]
        for one in result["hosted"]
        if one["engine"] == "nve"
    }
    bath = result["bath"]
    return HOSTED.format(
        name=name,
        atoms=result["n_atoms"],
        material=MATERIALS.get(name, name),
        strides=settings["strides"],
        stride=result["stride_fs"],
        engines=listed(
            [
                PHRASES[engine].format(**result["versions"])
                for engine in dict.fromkeys(one["engine"] for one in result["hosted"])
            ]
        ),
        table=table(["", *(f"{stride:.0f}" for stride in strides)], rows),
        ratio=measured(_ratio(result)),
        approach=result["largest_approach_A"],
        skin=SKIN,
        friction=settings["friction_time_fs"],
        temperature=measured(bath["temperature_K"], bath["error_K"]),
        bath=int(bath["strides"]),
        **{precision: f"{value:.0f}" for precision, value in cost.items()},
        origin=_origin(piece, result["versions"]),
    )


def _approach(pieces: list[Piece]) -> str:
    rows = [
        [
            f"`{piece['model']['name']}`",
            f"{piece['result']['temperature_K']:g} K",
            f"{piece['result']['atom_strides']:,}",
            f"{piece['result']['median_A']:.2f}",
            f"{piece['result']['largest_A']:.2f}",
        ]
        for piece in pieces
    ]
    header = ["", "bath", "atoms × strides", "median stride", "largest"]
    growth = max(
        (piece["result"]["largest_A"] - piece["result"]["median_A"])
        / log10(piece["settings"]["strides"])
        for piece in pieces
    )
    return APPROACH.format(table=table(header, rows), growth=growth, origin=_origin(pieces[0], {}))


def _ratio(result: Piece) -> float:
    """How far the float32 run in ASE ends, in distances of the nudged run."""
    (hosted,) = (
        one for one in result["hosted"] if one["engine"] == "nve" and one["precision"] == "float32"
    )
    nudged = result["controls"]["one atom nudged by a rounding"]
    return float(hosted["position_A"][-1] / nudged["position_A"][-1])


def _readers(piece: Piece) -> str:
    result = piece["result"]
    programs = list(result["versions"])
    outcomes: dict[tuple[str, str], set[str]] = {}
    for one in result["outcomes"]:
        outcomes.setdefault((one["ending"], one["program"]), set()).add(one["outcome"])
    endings = dict.fromkeys(one["ending"] for one in result["outcomes"])
    rows = [
        [f"`{ending}`", *(_said(outcomes.get((ending, program))) for program in programs)]
        for ending in endings
    ]
    header = ["", *(f"{name} {version}" for name, version in result["versions"].items())]
    return READERS.format(table=table(header, rows), origin=_origin(piece, {}))


def _said(outcomes: set[str] | None) -> str:
    """One word for the tests of one file and program."""
    if outcomes is None:
        return "–"
    return "yes" if outcomes == {"passed"} else "**" + ", ".join(sorted(outcomes)) + "**"


def _origin(piece: Piece, more: dict[str, str]) -> str:
    """When and where it was measured."""
    source = piece["provenance"]
    names = {**source["software"], **{f"there {name}": number for name, number in more.items()}}
    software = ", ".join(f"{name} {number}" for name, number in names.items())
    low, high = source["load_average"]
    return (
        f"{source['date']}; {source['machine']['processor']},"
        f" {source['machine']['usable_cores']} cores, load average {low:g} to {high:g}; {software}."
    )
