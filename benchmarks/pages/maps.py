"""docs/maps.md: the maps compared at equal training cost, and why one of them ships."""

from pathlib import Path

from pages.load import REFERENCE, Results
from pages.sections import NVE_HEADER, nve_rows, speed_table
from pages.targets import NVE_TEMPERATURES, ONESTEP_TEMPERATURES, gain
from pages.text import NOT_MEASURED, listed, measured, percent, table

HEAD = """# The maps, compared

A stride of 60 fs can be crossed by two kinds of map (see [architecture](architecture.md)).

- **kicks**: palindromic kicks and drifts in three substeps of 20 fs. A kick is minus the gradient
  of a learned scalar of the positions, divided by the mass, so a stride is a composition of
  symplectic shears: phase-space volume, time reversal and total momentum are kept to rounding,
  whatever the network computes. Each kick costs one pass forwards and one backwards.
- **staged**: a network for each of three stages that predicts `d` and `w` freely, its features
  computed anew at each predicted geometry. One pass forwards a stage, no structure kept but
  momentum.
- **one-stage**: the same network with a single stage of 60 fs: the plain message-passing
  surrogate of a static graph.
- **kicks-no-attention**: kicks without attention messages between atoms.

The size of the one-stride error does not decide what ships. A finer network
(`recipes/compare/fine-20fs.yaml`: cutoff 6.2 Å, 12 radial functions, a kick every 10 fs) had half
the error of *kicks*, and in single trials heated more at 900 K and ended in two overlapping atoms.
With a kick every 7.5 fs it did not heat visibly, and yet two atoms overlapped after 20 ps, from one
stride to the next: closer than any in its data. Hence a kick every 6.7 fs and superheated,
compressed crystals in the data of the shipped model.

All were trained on the same data with the same budget of processor time on one thread, by
`longstride train recipes/compare/NAME.yaml`; the shipped model is of the same kind as
*kicks-no-attention*, with three kicks a substep, a wider neighbourhood and a first layer that is
bounded in place of its input ([performance](performance.md) says why); it was trained longer, on
more data, and is shown beside them. The page is written by
`python benchmarks/accuracy.py pages` from `benchmarks/results/`; held-out data, conditions and
the meaning of the columns are those of [accuracy](accuracy.md).
"""

VERLET = """Why a kick every 6.7 fs. Kicks every h are a drive of that period, and the crystal
absorbs energy where vibrations add up to the frequency 1/h: many of them (high orders, which are
weak) if h is short. This is not a matter of learning: LAMMPS' own forces, applied every h by
velocity Verlet at {temperature:g} K, heat in the same way. Drift of the total energy over 100 ps in
% of the kinetic energy:
"""

COMPARED = ("kicks", "staged", "one-stage", "kicks-no-attention")
ABLATED = (("kicks", "kicks-no-attention"),)


def page(results: Results, drawn: dict[str, Path]) -> str:
    """The whole page."""
    names = [name for name in COMPARED if name in results.models]
    shipped = [results.shipped] if results.shipped else []
    parts = [HEAD, _training(results, names)]
    parts += ["## One stride\n", *_onestep(results, names, shipped)]
    parts += ["## Gain of stages\n", *_gains(results)]
    parts += ["## Attention\n", *_attention(results)]
    parts += ["## Constant energy\n", *_nve(results, [*shipped, *names])]
    parts += _verlet(results)
    parts += ["## Speed\n", *speed_table(results, [*shipped, *names])]
    parts += ["## Which map ships, and why\n", _choice(results)]
    parts += ["## What falls short\n", _short(results, names)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _training(results: Results, names: list[str]) -> str:
    if not names:
        return ""
    rows = []
    for name in names:
        model = results.models[name]
        minutes = NOT_MEASURED if model["minutes"] is None else f"{model['minutes']:.1f}"
        rows.append([name, minutes, str(model["steps"]), str(model["hidden"])])
    return table(["map", "minutes of training", "steps", "width"], rows)


def _onestep(results: Results, names: list[str], shipped: list[str]) -> list[str]:
    parts = []
    for symbol, key in (("w", "velocity"), ("d", "displacement")):
        rows = []
        for name in [*shipped, *names]:
            for kind, label in (("model", name), ("ridge", f"{name}, ridge start")):
                cells = [_error(results, name, t, kind, key) for t in ONESTEP_TEMPERATURES]
                if any(cells):
                    rows.append([label, *(cell or NOT_MEASURED for cell in cells)])
        if rows:
            header = ["", *(f"{t:g} K" for t in ONESTEP_TEMPERATURES)]
            parts += [f"Relative error of {symbol} after 60 fs, in %:\n", table(header, rows)]
    return [*parts, "*`python benchmarks/accuracy.py onestep`.*"] if parts else [NOT_MEASURED + "."]


def _error(results: Results, name: str, t: float, kind: str, key: str) -> str:
    piece = results.find("onestep", name, t)
    if piece is None or kind not in piece:
        return ""
    errors = piece[kind]
    return percent(errors[key][-1], errors[key + "_uncertainty"][-1])


def _gains(results: Results) -> list[str]:
    rows = []
    for name in ("staged", "kicks"):
        cells = [gain(results, name, t) for t in ONESTEP_TEMPERATURES]
        if any(cells):
            rows.append([name, *(NOT_MEASURED if c is None else f"{c:.2f}" for c in cells)])
    if not rows:
        return [NOT_MEASURED + "."]
    header = ["error of w, one-stage over", *(f"{t:g} K" for t in ONESTEP_TEMPERATURES)]
    return [table(header, rows), "The target is 3 or more."]


def _attention(results: Results) -> list[str]:
    rows = []
    for name, without in ABLATED:
        for symbol, key in (("w", "velocity"), ("d", "displacement")):
            cells = []
            for t in ONESTEP_TEMPERATURES:
                pair = [results.find("onestep", n, t) for n in (name, without)]
                values = [piece["model"][key][-1] for piece in pair if piece]
                cells.append(f"{values[1] / values[0]:.2f}" if len(values) == 2 else "")
            if any(cells):
                rows.append([f"{name}, {symbol}", *(cell or NOT_MEASURED for cell in cells)])
    if not rows:
        return [NOT_MEASURED + "."]
    header = ["error without over with attention", *(f"{t:g} K" for t in ONESTEP_TEMPERATURES)]
    text = (
        "Both trained for the same time; the steps they took in it are in the first table. Above"
        " one, attention helps.\n"
    )
    return [text, table(header, rows)]


def _nve(results: Results, names: list[str]) -> list[str]:
    rows = nve_rows(results, [*names, REFERENCE], NVE_TEMPERATURES)
    if not rows:
        return [NOT_MEASURED + "."]
    return [table(NVE_HEADER, rows), "*`python benchmarks/accuracy.py nve`.*"]


def _verlet(results: Results) -> list[str]:
    parts = []
    for piece in results.of("verlet"):
        rows = []
        for run in piece["result"]["steps"]:
            drift = "atoms lost"
            if not run["broke"]:
                total = run["total"]
                drift = measured(total["percent"], total["percent_error"], sign=True)
            rows.append([f"{run['step']:.3g}", drift])
        parts += [VERLET.format(temperature=piece["temperature"])]
        parts += [table(["time step of LAMMPS, fs", "drift, %"], rows)]
        parts += ["*`python benchmarks/accuracy.py verlet`.*\n"]
    return parts


def _choice(results: Results) -> str:
    """The reasons, each from the numbers; none is given that was not measured."""
    lines = []
    if results.shipped:
        kind = results.models[results.shipped]["map"]
        lines.append(
            f"The shipped model `{results.shipped}` is a"
            f" {'kick-drift' if kind == 'kicks' else 'staged'} map."
        )
    ratios = _ratios(results)
    if ratios:
        lines.append(
            "One stride after equal training: the error of w of kicks is"
            f" {min(ratios):.2f} to {max(ratios):.2f} times that of staged."
        )
    lines += [_drift_sentence(results, t) for t in NVE_TEMPERATURES]
    speeds = results.speed["result"]["maps"] if results.speed else {}
    if {"kicks", "staged"} <= set(speeds):
        ratio = speeds["kicks"]["microseconds"] / speeds["staged"]["microseconds"]
        lines.append(f"A stride of kicks takes {ratio:.2f} times as long as one of staged.")
    lines.append(
        "Beside the numbers: the kick-drift map cannot shrink or expand phase space and is"
        " reversible, by construction and by test (`tests/model/test_laws.py`); the staged map's"
        " drift depends on how its regression errors happen to fall, and a longer training does not"
        " bound it."
    )
    return "\n".join(f"- {line}" for line in lines if line)


def _ratios(results: Results) -> list[float]:
    """Error of w of kicks over that of the staged map, at every temperature both have."""
    found = []
    for t in ONESTEP_TEMPERATURES:
        pair = [results.find("onestep", n, t) for n in ("kicks", "staged")]
        values = [piece["model"]["velocity"][-1] for piece in pair if piece]
        if len(values) == 2:
            found.append(values[0] / values[1])
    return found


def _drift_sentence(results: Results, t: float) -> str:
    told = []
    for name in ("kicks", "staged"):
        piece = results.find("nve", name, t)
        if piece is None:
            continue
        if piece["broke"]:
            told.append(f"{name} broke down after {piece['broke']['time']:.3g} ps")
        else:
            total = piece["total"]
            value = measured(total["percent"], total["percent_error"], sign=True)
            told.append(f"{name} drifts by {value} %")
    if len(told) < 2:
        return ""
    return f"NVE at {t:g} K, total energy over 100 ps in % of the kinetic energy: {listed(told)}."


def _short(results: Results, names: list[str]) -> str:
    lines = []
    for name in ("staged", "kicks"):
        known = [c for t in ONESTEP_TEMPERATURES if (c := gain(results, name, t)) is not None]
        if known and min(known) < 3.0:
            lines.append(
                f"- {name} is {min(known):.2f} to {max(known):.2f} times better in w than one"
                " stage, not 3 times at every temperature."
            )
    for name in names:
        for t in NVE_TEMPERATURES:
            piece = results.find("nve", name, t)
            if piece and piece["broke"]:
                lines.append(
                    f"- {name} broke down in NVE at {t:g} K after {piece['broke']['time']:.3g} ps."
                )
            elif piece and abs(piece["total"]["percent"]) >= 5.0:
                lines.append(
                    f"- {name} drifts by {measured(piece['total']['percent'], sign=True)} % of the"
                    f" kinetic energy in 100 ps of NVE at {t:g} K."
                )
    missing = [name for name in COMPARED if name not in names]
    if missing:
        lines.append(f"- {listed(missing)}: {NOT_MEASURED}.")
    lines.append("- One training run of each map: the scatter between seeds is not known.")
    return "\n".join(lines)
