"""The tables of docs/peers.md."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from pages.load import Piece, Results
from pages.text import measured, percent, table

MODEL: Final = "al"

MISSING: Final = "–"

HEADLINE: Final = 600.0
"""Temperature of the first table, K."""

FRICTION: Final = 1000.0
"""Bath of our validation, fs."""

PEER_FRICTION: Final = 100.0
"""FlashMD's default, fs."""

HELD: Final = 1e-6
"""Drift of an energy, meV per atom and ps, below which an integrator holds it."""

VALUES: Final = {
    "nvt.temperature.relative_error": "T, %",
    "nvt.equipartition.relative_error": "equipartition, %",
    "nvt.rdf.l1": "g(r), %",
    "nvt.amplitude.relative_error": "amplitude, %",
    "nvt.vdos.mismatch": "VDOS, %",
}
"""Checks shown in the table of runs in a bath, all in parts of one."""


def order(names: Iterable[str]) -> list[str]:
    """Ours, LAMMPS, then FlashMD."""
    return sorted(names, key=lambda name: (name != MODEL, not name.startswith("lammps"), name))


def shown(name: str) -> str:
    """A name for readers."""
    if name == MODEL:
        return "`al`"
    if name.startswith("lammps-"):
        return f"LAMMPS, {float(name.removeprefix('lammps-').removesuffix('fs')):g} fs steps"
    return name.replace("flashmd", "FlashMD")


def main(results: Results, trained: Sequence[Piece]) -> str:
    """One row for every contender: what it took, how well it does, how fast it is."""
    of_errors = {piece["model"]["name"]: piece["result"] for piece in results.of("onestep")}
    minutes = {piece["model"]["name"]: piece["result"]["minutes"] for piece in trained}
    described = {p["model"]["name"]: p["model"] for p in results.of("onestep")}
    rows = []
    timed = {name for piece in results.of("time") for name in piece["result"]["rows"]}
    for name in order(of_errors.keys() | timed):
        one = of_errors.get(name, {}).get(f"{HEADLINE:g}", {})
        took = minutes.get(name, described.get(name, {}).get("minutes"))
        rows.append(
            [
                shown(name),
                MISSING if took is None else f"{took:.1f}",
                " / ".join(percent(one[key]) for key in ("d", "w")) if one else MISSING,
                _checks(_run(results, name, FRICTION)),
                _checks(_run(results, name, PEER_FRICTION)),
                _bath_error(_run(results, name, FRICTION)),
                _late(_run(results, name, None)),
                _cost(results, name),
            ]
        )
    header = [
        "",
        "minutes",
        "d / w, %",
        "1 ps bath",
        "0.1 ps bath",
        "T, %",
        "T free, K",
        "cost, µs",
    ]
    return table(header, rows)


def ratios(results: Results) -> str:
    """How many times the errors and the cost of ours every FlashMD has."""
    of_errors = {p["model"]["name"]: p["result"][f"{HEADLINE:g}"] for p in results.of("onestep")}
    costs = {
        name: row["microseconds_per_ps"]
        for piece in results.of("time")
        for name, row in piece["result"]["rows"].items()
    }
    own, lines = of_errors[MODEL], []
    for name in order(of_errors.keys() & costs.keys()):
        if name == MODEL or name.startswith("lammps"):
            continue
        of_d, of_w = (of_errors[name][key] / own[key] for key in ("d", "w"))
        lines.append(
            f"{shown(name)} has {of_d:.1f} times the error of `al` in d, {of_w:.1f} times that in"
            f" w, and costs {costs[name] / costs[MODEL]:.0f} times as much."
        )
    return "\n".join(lines)


def _run(results: Results, name: str, friction_time: float | None) -> Piece | None:
    """The run at the temperature of the first table."""
    for piece in results.of("rollout"):
        same = piece["model"]["name"] == name and piece["friction_time"] == friction_time
        if same and piece["temperature"] == HEADLINE:
            return dict(piece["result"])
    return None


def _checks(run: Piece | None) -> str:
    if run is None:
        return MISSING
    if "checks" not in run:
        return _broken(run)
    return f"{run['passed']} of {run['checks']}" + ("" if run["broke"] is None else "*")


def _broken(run: Piece) -> str:
    return f"broke down after {run['length_ps']:.2f} ps"


def _bath_error(run: Piece | None) -> str:
    if run is None or "values" not in run:
        return MISSING
    return percent(run["values"]["nvt.temperature.relative_error"]["value"])


def _late(run: Piece | None) -> str:
    if run is None:
        return MISSING
    late = f"{run['temperature']['second_half']:.0f}" if "temperature" in run else ""
    if run["broke"] is None:
        return late
    return ", ".join(filter(None, (late, _broken(run))))


def _cost(results: Results, name: str) -> str:
    for piece in results.of("time"):
        rows: dict[str, Any] = piece["result"]["rows"]
        if name in rows:
            return f"{rows[name]['microseconds_per_ps']:,.0f}"
    return MISSING


def trainings(trained: Sequence[Piece]) -> str:
    """What was trained, on what, for how long."""
    rows = []
    for piece in sorted(trained, key=lambda piece: str(piece["model"]["name"])):
        settings, result = piece["settings"], piece["result"]
        network = settings["network"]
        rows.append(
            [
                shown(piece["model"]["name"]),
                f"{settings['lag']:g}",
                f"{result['minutes']:.1f}",
                f"{result['parameters']:,}",
                f"{network['num_gnn_layers']} × {network['num_attention_layers']}",
                f"{network['d_pet']}, {network['d_node']}",
                f"{result['windows']:,}",
                str(result["epochs"]),
                f"{result['steps']:,}",
                f"{settings['batch_size']}",
                f"{settings['learning_rate']:g}",
            ]
        )
    header = [
        "",
        "stride, fs",
        "core-minutes",
        "parameters",
        "layers × attention",
        "widths",
        "windows",
        "epochs",
        "steps",
        "windows a step",
        "learning rate",
    ]
    return table(header, rows)


def errors(pieces: Sequence[Piece]) -> str:
    """d / w by temperature."""
    by_name = {piece["model"]["name"]: piece["result"] for piece in pieces}
    temperatures = pieces[0]["temperatures"]
    rows = [
        [
            shown(name),
            *(
                f"{percent(one['d'])} / {percent(one['w'])}"
                for one in (by_name[name][f"{temperature:g}"] for temperature in temperatures)
            ),
        ]
        for name in order(by_name)
    ]
    return table(["d / w", *(f"{temperature:g} K" for temperature in temperatures)], rows)


def rollouts(pieces: Sequence[Piece]) -> str:
    """Verdicts in baths."""

    def cells(piece: Piece) -> list[str]:
        result = piece["result"]
        values = result.get("values", {})
        return [
            f"{piece['friction_time'] / 1e3:g}",
            _checks(result),
            *(_value(values.get(name)) for name in VALUES),
        ]

    return _by_temperature(pieces, ["bath, ps", "checks passed", *VALUES.values()], cells)


def failures(pieces: Sequence[Piece]) -> str:
    """Checks that ours and LAMMPS fail, a line for every run that fails some."""
    lines = []
    for piece in sorted(pieces, key=lambda one: (one["temperature"], -one["friction_time"])):
        name, failed = piece["model"]["name"], piece["result"].get("failed", [])
        if failed and (name == MODEL or name.startswith("lammps-")):
            where = f"{piece['temperature']:g} K, bath of {piece['friction_time'] / 1e3:g} ps"
            lines.append(f"- {shown(name)}, {where}: " + ", ".join(f"`{one}`" for one in failed))
    return "\n".join(lines) or "- none"


def _value(check: dict[str, Any] | None) -> str:
    if check is None:
        return MISSING
    text = percent(check["value"])
    return text if check["passed"] else f"**{text}**"


def nve(pieces: Sequence[Piece]) -> str:
    """Temperatures and drifts at constant energy."""

    def cells(piece: Piece) -> list[str]:
        result = piece["result"]
        if "temperature" not in result:
            return [_broken(result), MISSING, MISSING]
        total = result["total"]
        return [
            f"{result['temperature']['first']:.0f}",
            _late(result),
            "held" if abs(total["rate"]) < HELD else _rate(total),
        ]

    return _by_temperature(pieces, ["T, first", "T, second half", "energy, meV/ps"], cells)


def _rate(drift: dict[str, float]) -> str:
    return measured(drift["rate"], drift["rate_error"], sign=True)


def _by_temperature(
    pieces: Sequence[Piece], header: Sequence[str], cells: Callable[[Piece], list[str]]
) -> str:
    names = order({piece["model"]["name"] for piece in pieces})
    ordered = sorted(
        pieces,
        key=lambda piece: (
            piece["temperature"],
            -(piece["friction_time"] or 0.0),
            names.index(piece["model"]["name"]),
        ),
    )
    rows = [
        [shown(one["model"]["name"]), f"{one['temperature']:g}", *cells(one)] for one in ordered
    ]
    return table(["", "K", *header], rows)


def times(rows: dict[str, Any]) -> str:
    """Cost of a stride or step, and of a picosecond."""
    lines = [
        [
            shown(name),
            f"{rows[name]['length']:.3g}",
            measured(rows[name]["microseconds"]),
            f"{rows[name]['lowest']:.3g} to {rows[name]['highest']:.3g}",
            f"{rows[name]['microseconds_per_ps']:,.0f}",
        ]
        for name in order(rows)
    ]
    header = ["", "stride or step, fs", "µs per atom", "range", "µs per atom and ps"]
    return table(header, lines)
