"""The section "Pareto front" of docs/performance.md, and its figure."""

from math import log
from pathlib import Path

from longstride.units import PS
from pages.front import SHOWN, TEMPERATURES, Front, Mark
from pages.front_figure import STYLES, WORDS, draw
from pages.targets import NVE_DRIFT
from pages.text import listed, measured, percent, table

FIGURE = "pareto.png"

SAME_COST = 0.03
"""Costs that differ by less, as a logarithm, are not told apart."""

METHOD = """## Pareto front

Accuracy is bought with evaluations per ps and with the size of one: neighbours inside the cutoff,
radial functions, width. Points of `recipes/compare/pareto.yaml`, each trained for {steps} steps on
the data of `al`, one thread, one seed; the shipped models are trained longer. Names are what a
point changes of its base: {base}.
Names of several changes are cutoff, radial functions and width; those of kicks, substeps × kicks.

- **Error rate**: the root mean square error of a velocity after one stride over the thermal
  velocity √(kT/m), as it would add up over the strides of 1 ps if they were independent:
  ε √(1 ps / stride). Held-out data, {windows} windows a temperature.
- **After {horizon:g} fs**: the same relative error at {shown} K, measured after so many fs in
  strides: no assumption, but chaos is in it.
- **Drift**: total energy of {atoms:,} atoms at constant energy and {hot:g} K, over 100 ps, in % of
  the kinetic energy; from {length:g} ps. Maps that drift by more than {limit:g} % are hollow in the
  figure and not on the front.
- **Cost**: per atom and ps, all points in turns in one run, {cost_atoms:,} atoms in a Langevin bath
  at {cost_temperature:g} K, {threads}, median of {rounds} rounds, {machine}, {date}.
  Operations are counted as above, with the neighbours inside the cutoff at that temperature.

Names in bold are on the front: no other map is both cheaper and more accurate.
"""

ERRORS = """
Relative errors of w and d after one stride in %, and the root mean square error of the displacement
in Å:
"""

CHANGES = """
### One change at a time

Error rate at {shown} K and cost in units of those of the base. The last column is how much error
one pays for cost saved, or saves for cost paid: the ratio of the logarithms. A saving is worth it
below one, an expense above.
"""

KICKS = """
How many kicks there are says little of the error as long as a substep has two or more of them (with
one, the same function is applied again and again). What fewer kicks cost is energy, and not by the
time between them alone: a map also repeats itself every substep, and a drive of that longer period
would heat as one of kicks does ([maps](maps.md)). The longest substep drifts most. One run each;
the error of a drift is that of its fit.
"""

NO_ATTENTION = (
    "- Attention is not among the points: it makes an evaluation several times as expensive, and"
    " did not help at equal time of training ([maps](maps.md))."
)


def section(results: Path, figures: Path) -> str:
    """The section, with its figure drawn; empty where nothing was measured.

    Args:
        results: folder of the points and of cost.json.
        figures: folder of the figure.
    """
    front = Front.read(results)
    if front is None:
        return ""
    draw(front, figures / FIGURE)
    parts = [
        _method(front),
        f"![error rate against cost](figures/{FIGURE})\n",
        _costs(front),
        ERRORS,
        _errors(front),
        *_changes(front),
        *_verdicts(front),
    ]
    return "\n".join(parts)


def _method(front: Front) -> str:
    piece, timing = front.marks[0].piece, front.timing
    measured_with, threads = piece["settings"], timing["settings"]["threads"]
    return METHOD.format(
        steps=piece["model"]["steps"],
        base=_settings(front),
        windows=measured_with["windows"],
        horizon=front.horizon,
        shown=SHOWN,
        atoms=piece["result"]["n_atoms"],
        hot=measured_with["hot"],
        length=measured_with["nve"]["time"] / PS,
        limit=NVE_DRIFT,
        cost_atoms=timing["result"]["n_atoms"],
        cost_temperature=timing["settings"]["temperature"],
        threads="processor time of 1 thread" if threads == 1 else f"{threads} threads",
        rounds=timing["settings"]["rounds"],
        machine=timing["provenance"]["machine"]["processor"],
        date=timing["provenance"]["date"][:10],
    )


def _settings(front: Front) -> str:
    base = front.base or front.marks[0]
    config, network = base.config, base.config["network"]
    kicks = config["substeps"] * config["kicks"]
    stride = config["stage_times"][-1]
    return (
        f"a stride of {stride:g} fs, kicks every {stride / kicks:.3g} fs, a cutoff of"
        f" {config['cutoff']:g} Å, {network['radial']} radial functions, width"
        f" {network['hidden']}"
    )


def _costs(front: Front) -> str:
    header = ["", "kicks per ps", "neighbours", "kFLOP", "µs", "range"]
    header += [f"error rate {t} K, %" for t in TEMPERATURES]
    header += [f"after {front.horizon:g} fs, %", "drift, %"]
    best = front.best
    return table(header, [_cost_row(mark, mark in best) for mark in front.marks])


def _cost_row(mark: Mark, best: bool) -> list[str]:
    cost, later = mark.cost, mark.result["errors"][SHOWN]["later"]
    return [
        f"**{mark.label}**" if best else mark.label,
        f"{cost['evaluations']:.0f}",
        f"{cost['neighbours']:.0f}",
        "" if cost["kflop"] is None else f"{cost['kflop']:,.0f}",
        measured(cost["microseconds"]),
        f"{measured(cost['lowest'])} to {measured(cost['highest'])}",
        *(f"{mark.rate(t):.1f}" for t in TEMPERATURES),
        percent(later["value"], later["error"]),
        _drift(mark),
    ]


def _drift(mark: Mark) -> str:
    if mark.broke is not None:
        return f"broke down after {mark.broke:.3g} ps"
    return "" if mark.drift is None else measured(*mark.drift, sign=True)


def _changes(front: Front) -> list[str]:
    """Ratios to the base, where it was measured."""
    base = front.base
    if base is None:
        return []
    rows = []
    order = list(STYLES)
    for mark in sorted(front.marks, key=lambda mark: (order.index(mark.varies), mark.name)):
        if mark is not base:
            error, cost = mark.rate() / base.rate(), mark.microseconds / base.microseconds
            rows.append(
                [
                    f"{WORDS[mark.varies]}: {mark.label}",
                    f"{error:.2f}",
                    f"{cost:.2f}",
                    _price(error, cost),
                ]
            )
    header = ["", "error rate", "cost", "error for cost"]
    return [CHANGES.format(shown=SHOWN), table(header, rows)]


def _price(error: float, cost: float) -> str:
    """Of one in units of the other, where one is paid for the other."""
    if abs(log(cost)) < SAME_COST:
        return ""
    if (error < 1.0) == (cost < 1.0):
        return "both better" if cost < 1.0 else "both worse"
    return f"{-log(error) / log(cost):.2f}"


def _verdicts(front: Front) -> list[str]:
    """What the tables say of the settings that ship, and of those that could."""
    best = [mark.label for mark in front.best]
    lines = [f"- On the front, from the cheapest on: {listed(best)}."]
    for mark in front.marks:
        if mark.ships:
            beaten = [
                other.label
                for other in front.marks
                if other.steady and other.rate() <= mark.rate()
                if other.microseconds < mark.microseconds
            ]
            verb = "are" if len(beaten) > 1 else "is"
            lines.append(
                f"- `{mark.label}`: {listed(beaten) or 'no other steady map'} {verb} as accurate"
                " and cheaper."
            )
    lost = [f"{mark.label} ({_drift(mark)} %)" for mark in front.marks if not mark.steady]
    if lost:
        lines.append(f"- Drift of more than {NVE_DRIFT:g} %: {listed(lost)}.")
    if not any(mark.varies == "attention" for mark in front.marks):
        lines.append(NO_ATTENTION)
    return ["\n### What follows\n", *lines, *_of_kicks(front)]


def _of_kicks(front: Front) -> list[str]:
    """Why points that differ in substeps and kicks alone differ in drift."""
    base = front.base
    others = [mark for mark in front.marks if mark.varies == "kicks"]
    if base is None or not others:
        return []
    rows = []
    for mark in sorted([base, *others], key=lambda mark: -mark.substep):
        rows.append(
            [
                mark.label,
                f"{mark.substep:g}",
                f"{mark.substep / mark.config['kicks']:.3g}",
                f"{mark.rate():.1f}",
                _drift(mark),
            ]
        )
    header = ["", "substep, fs", "between kicks, fs", f"error rate {SHOWN} K, %", "drift, %"]
    return [KICKS, table(header, rows)]


def _errors(front: Front) -> str:
    header = ["", *(f"{s}, {t} K" for s in "wd" for t in TEMPERATURES)]
    header += [f"Å, {t} K" for t in TEMPERATURES]
    rows = []
    for mark in front.marks:
        one = [mark.result["errors"][t]["one_stride"] for t in TEMPERATURES]
        relative = [
            percent(errors[key][-1], errors[f"{key}_uncertainty"][-1])
            for key in ("velocity", "displacement")
            for errors in one
        ]
        rows.append(
            [mark.label, *relative, *(f"{errors['displacement_rmse'][-1]:.4f}" for errors in one)]
        )
    return table(header, rows)
