"""docs/soak.md: long runs of a shipped model, from benchmarks/results/soak alone."""

import os
from math import hypot
from pathlib import Path

from pages.soak_figures import draw
from pages.soak_pieces import (
    DRIFT_LIMIT,
    ENERGY_LIMIT,
    RDF_LIMIT,
    TEMPERATURE_LIMIT,
    TEMPERATURES,
    VARIANTS,
    Piece,
    in_bath,
    judged,
    of_part,
    read,
    walk_error,
)
from pages.text import NOT_MEASURED, measured, table, verdict

ROUNDING = 1e-9
"""Of a drift, %."""

HEAD = """# Long runs

What the shipped model `al` does over nanoseconds: 500 atoms on the lattice its data was relaxed
to at each temperature. Written by `python benchmarks/soak.py page` from
`benchmarks/results/soak/`, which the parts of the same script measure. Errors are one standard
error, from the series' own correlation time.
"""

NVT = """## In a bath

10 ns of a Langevin bath (1 ps) in strides of 60 fs, beside runs of the reference (LAMMPS, `fix
langevin` of the same friction, 2 fs, 200 ps each, other seeds) on the same lattice. *Potential
energy* is what the **reference** potential says of the rollout's frames, less the mean of the
reference's own runs. *g(r)*: relative L1 distance of pieces of the rollout as long as a
reference run to the reference runs, and of the reference runs to each other, the floor, with
standard deviations.
"""

NVE = """## At constant energy

1 ns from 600 K, started in one phase point of the reference. Drift of the total energy over the
whole run in % of the mean kinetic energy ({kinetic:.1f} meV per atom), the slope of a line and
its error, once with the head's potential energy and once with the reference's of the same
frames. The limit is {limit:g} %. The energy of a map that nothing holds walks, which the error
of a line does not know: *error of a walk* is that of the sum of its increments (20 blocks), and
differences between runs are judged by it; it goes with 1/√N. *Scatter* is the standard deviation
of the total energy by the reference around its line, meV per atom; *given* what the corrections
added in all; *temperature* the means of both halves of the run.
"""

VACF = """## What calibrated noise does to the velocity autocorrelation

{starts} phase points at {temperature:g} K, {time:g} ps from each: the map with and without
noise, and the reference. Root mean square difference of the normalised autocorrelation over lags
up to {longest:g} ps, and what the scatter over the starts makes expected where there is no
difference.
"""

COST = """## What energies cost

An evaluation of the head (float64) takes {head:.2f} µs of one core per atom, a stride
{stride:.2f}: {share:.1f} % of a stride. Every {every} strides, as `longstride run` does by
default, that is {run:.1f} % of a run. *`python benchmarks/soak.py cost`: processor time of one
thread, in turns.*
"""


def write_page(results: Path, docs: Path) -> list[Path]:
    """Write the page and its figure; returns the files written."""
    pieces = read(results)
    drawn = draw(pieces, docs / "figures")
    path = docs / "soak.md"
    partial = path.with_name(path.name + ".partial")
    partial.write_text(page(pieces), encoding="utf-8")
    os.replace(partial, path)
    return [path, *drawn]


def page(pieces: list[Piece]) -> str:
    """The whole page."""
    parts = [HEAD, *_nvt(pieces), *_nve(pieces), *_vacf(pieces), *_cost(pieces)]
    parts += ["## What falls short\n", _short(pieces)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _nvt(pieces: list[Piece]) -> list[str]:
    rows = []
    for temperature in TEMPERATURES:
        piece = in_bath(pieces, temperature)
        if piece is None:
            rows.append([f"{temperature:g} K", NOT_MEASURED, *[""] * 5])
            continue
        result = piece["result"]
        if result["broke"]:
            rows.append([f"{temperature:g} K", "**broke down**", *[""] * 5])
            continue
        checks = judged(result, temperature)
        rdf = result["rdf"]
        rows.append(
            [
                f"{temperature:g} K",
                f"{result['length'] / 1000:.2f}",
                measured(*checks["temperature"][:2], sign=True),
                measured(*checks["energy"][:2], sign=True),
                _spread(rdf["to_references"]),
                _spread(rdf["between_references"]),
                ", ".join(verdict(passed) for _, _, passed in checks.values()),
            ]
        )
    header = [
        "",
        "length, ns",
        "temperature, %",
        "potential energy, meV/atom",
        "g(r) to reference, %",
        "floor, %",
        f"within {TEMPERATURE_LIMIT:g} %, {ENERGY_LIMIT:g} meV, {RDF_LIMIT:g} × floor",
    ]
    return [NVT, table(header, rows), "*`python benchmarks/soak.py nvt`.*\n"]


def _spread(values: dict[str, float]) -> str:
    return f"{100 * values['value']:.3f} ± {100 * values['deviation']:.3f}"


def _nve(pieces: list[Piece]) -> list[str]:
    known = {piece["variant"]: piece["result"] for piece in of_part(pieces, "soak-nve")}
    if not known:
        return []
    rows = []
    for variant, words in VARIANTS.items():
        result = known.get(variant)
        if result is None or result["broke"]:
            rows.append([words, NOT_MEASURED if result is None else "**broke down**", *[""] * 6])
            continue
        halves = result["temperature_halves"]
        passed = abs(result["reference"]["percent"]) < DRIFT_LIMIT
        rows.append(
            [
                words,
                _drift(result["head"]),
                _drift(result["reference"]),
                f"{walk_error(result):.2f}",
                f"{result['reference']['deviation']:.3f}",
                f"{result['given']:+.3f}".replace("-", "−") if "given" in result else "",
                " to ".join(measured(half["value"], half["error"]) for half in halves),
                verdict(passed),
            ]
        )
    header = [
        "",
        "drift, head, %",
        "drift, reference, %",
        "error of a walk, %",
        "scatter",
        "given, meV/atom",
        "temperature, K",
        f"below {DRIFT_LIMIT:g} %",
    ]
    kinetic = next(iter(known.values())).get("kinetic_energy", float("nan"))
    return [
        NVE.format(kinetic=kinetic, limit=DRIFT_LIMIT),
        table(header, rows),
        "*`python benchmarks/soak.py nve`.*\n",
        *_noise_against_plain(known),
        "![Total energy by the reference](figures/soak-nve.png)\n",
    ]


def _drift(drift: Piece) -> str:
    """In %; a correction at once leaves the head's energy no drift but rounding."""
    value, error = drift["percent"], drift["percent_error"]
    return measured(value, error, sign=True) if error > ROUNDING else "0, to rounding"


def _noise_against_plain(known: dict[str, Piece]) -> list[str]:
    """Whether noise changes the drift, in standard errors."""
    whole = {name: result for name, result in known.items() if not result["broke"]}
    lines = []
    for noisy, quiet in (("calibrated", "plain"), ("calibrated-corrected", "corrected")):
        if noisy not in whole:
            continue
        words = VARIANTS[noisy]
        first, second = whole[noisy]["temperature_halves"]
        change = second["value"] - first["value"]
        error = hypot(first["error"], second["error"])
        told = _in_errors(change, error, "K")
        lines.append(f"- Temperature of *{words}*, second half less first: {told}.")
        if quiet in whole:
            one, other = whole[noisy]["reference"], whole[quiet]["reference"]
            change = one["percent"] - other["percent"]
            error = hypot(walk_error(whole[noisy]), walk_error(whole[quiet]))
            told = _in_errors(change, error, "%")
            lines.append(f"- Drift of *{words}* less that of *{VARIANTS[quiet]}*: {told}.")
    return ["\n".join(lines) + "\n"] if lines else []


def _in_errors(change: float, error: float, unit: str) -> str:
    """A change, and how many standard errors it is."""
    return f"{measured(change, error, sign=True)} {unit}, {abs(change) / error:.1f} standard errors"


def _vacf(pieces: list[Piece]) -> list[str]:
    found = of_part(pieces, "soak-vacf")
    if not found:
        return []
    piece = found[0]
    settings, result = piece["settings"], piece["result"]
    names = {
        "calibrated_less_plain": "noise, less the map alone",
        "plain_less_reference": "the map alone, less the reference",
        "calibrated_less_reference": "noise, less the reference",
    }
    rows = [
        [words, *(f"{result[key][name]:.1e}" for name in ("rms", "expected", "largest"))]
        for key, words in names.items()
    ]
    text = VACF.format(
        starts=settings["starts"],
        temperature=piece["temperature"],
        time=settings["time"] / 1000,
        longest=settings["longest"] / 1000,
    )
    return [
        text,
        table(["", "rms", "expected", "largest"], rows),
        "*`python benchmarks/soak.py vacf`.*\n",
        "![Velocity autocorrelation](figures/soak-vacf.png)\n",
    ]


def _cost(pieces: list[Piece]) -> list[str]:
    return [
        COST.format(
            head=result["head_us_per_atom"],
            stride=result["stride_us_per_atom"],
            share=100 * result["head_over_stride"],
            every=result["energy_every"],
            run=100 * result["share_of_run"],
        )
        for result in (piece["result"] for piece in of_part(pieces, "soak-cost"))
    ]


def _short(pieces: list[Piece]) -> str:
    lines = []
    units = {"temperature": "% of temperature", "energy": "meV per atom", "rdf": "times the floor"}
    for temperature in TEMPERATURES:
        piece = in_bath(pieces, temperature)
        if piece is None:
            lines.append(f"- In a bath at {temperature:g} K: {NOT_MEASURED}.")
        elif piece["result"]["broke"]:
            lines.append(f"- In a bath at {temperature:g} K it ended: {piece['result']['broke']}")
        else:
            for name, (value, error, passed) in judged(piece["result"], temperature).items():
                if not passed:
                    told = f"{measured(value, error, sign=name != 'rdf')} {units[name]}"
                    lines.append(f"- In a bath at {temperature:g} K: {told}.")
    for piece in of_part(pieces, "soak-nve"):
        result, words = piece["result"], VARIANTS[piece["variant"]]
        if result["broke"]:
            lines.append(f"- Constant energy, {words}: {result['broke']}")
        elif abs(result["reference"]["percent"]) >= DRIFT_LIMIT:
            drift = result["reference"]
            value = measured(drift["percent"], drift["percent_error"], sign=True)
            lines.append(f"- Constant energy, {words}: drifts by {value} % in a nanosecond.")
    lines.append("- One start and one seed of each run.")
    return "\n".join(lines)
