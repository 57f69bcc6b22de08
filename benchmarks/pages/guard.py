"""docs/guard.md and its figure, from benchmarks/results/guard alone."""

import os
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from pages.figures import SETTINGS
from pages.load import Piece, Results
from pages.text import NOT_MEASURED, listed, table

HEAD = """# The regime guard

A learned map is right where it was trained. `longstride run` therefore looks, every ten strides by
default (`--guard-every`), how unlike the training data the neighbourhood of every atom is, and acts
where one is farther out than the data ever was (`--on-leave`).

```console
$ longstride run -m al -s al.h5 --temperature 600 --time 100ps -o out.h5
$ longstride run --resume --on-leave warn -o out.h5      # where it stopped, with exit code 3
$ longstride run -m al -s al.h5 --temperature 300:1500 --force --on-leave reference \\
    --time 60ps -o melted.h5
```

Where an atom is outside,

- `stop` ends the run with one line that names the atom, the time, the signal and its limit, and
  with exit code 3. Frames, record and restart point are whole, and `--resume` goes on from there.
- `warn` goes on, says so once, and counts the looks that found atoms outside at the end.
- `reference` lets LAMMPS, with the potential on the model's card, do the strides (velocity Verlet
  at 2 fs, inside the same thermostat) until ten looks in a row, one a stride, found every signal
  below 0.9 of its limit. The record and the summary tell how many strides it did.

`stop` is the default: a stopped run loses nothing, since one word lets it go on, while a wrong one
may be believed. With `--force` the default is `warn`: who leaves the regime on purpose wants to be
told, not stopped. All three are deterministic, and a killed run is resumed to the same bits. At
constant pressure `reference` is refused, because the barostat would go on with the model's stress.

Every look is a line of `.thermo.csv`: the largest and the mean of each signal, the number of atoms
outside, and the strides that the reference did so far; between two looks the first are `nan`.

## Signals

All are read in float64 from what the kicks are computed from
([`novelty.py`](../src/longstride/model/novelty.py); in C++ where kicks are).

- `distance`: Mahalanobis distance of an atom's whitened invariants to the training data, species by
  species, over the root of their number. Every temperature of the data counts the same in the
  covariance, or the hottest atoms would decide alone.
- `neighbourhood`: mean distance of an atom and all its neighbours inside the cutoff. The distance
  of one atom has heavy tails in a hot crystal, that of a whole neighbourhood has not: it sees what
  is common to neighbours.
- `disagreement_eV`: difference of two energies of the atom, read out by two closed-form fits to
  disjoint halves of the training data.

## Limits

Hot atoms are far from the mean of the data, so limits are functions of the temperature: a limit is
the level that an atom exceeds in one look with a probability of 10⁻⁸, at each temperature of the
validation data, in whichever of its runs it is the highest. No validation data is that large, so
the tail above the 99th percentile is fitted (generalised Pareto distribution, peaks over threshold,
[`tail.py`](../src/longstride/training/tail.py)) and read beyond the data. In a run, the limits are
those of the kinetic temperature, read three of its standard deviations higher, because it
fluctuates and the structure does not follow.

256 atoms for a nanosecond of 60 fs strides, with a look every ten, are 4 × 10⁵ looks at atoms: one
such run in eighty alarms by chance, at one of three signals, if the tails are what they were fitted
to be.
"""

TAIL = """## What falls short

- The limits hold for conditions like those of the validation data: for `al` and `al-fast` bulk
  crystals at rest and at ±2 % of strain (`recipes/al-guard.yaml`, never trained on), for `cu-snap`
  those of its recipe.
- The tail of `distance` is heavy: its limits, read six decades beyond the 99th percentile, are
  several times the largest distance in the data at high temperature, and only a violent event such
  as two colliding atoms exceeds them. `neighbourhood` does most of the work.
- Hot crystals hide small defects: a vacancy touches the limit now and then at 300 K and stays well
  inside at 600 K. Energy and g(r) of these rollouts did not go wrong, which says nothing about the
  rate at which a vacancy moves.
- Strain that changes the shape alone adds nothing of first order to invariants, so it is seen late.
- The noise floor is that of two runs. Heated, one of them melts before the other; around that time
  their difference is that of melt and crystal, and no energy can be called wrong.
- There is no limit on the mean over all atoms, which is only recorded.
- The data of `cu-snap` is unstrained inside of its regime: at one temperature, the density of a much
  hotter crystal is outside, although the regime on its card allows it.
- Models with attention are read by torch, which is slower; staged maps have no guard. The dynamics
  of ASE ([ase.md](ase.md)) does not look.

## From Python

```python
from longstride.dynamics import Watch, start_run

watch = Watch(propagator.gauge, every=10, stops=True)  # propagator of load_propagator(folder)
start_run(ensemble, state, rng, plan, out, observers=[watch])
print(watch.findings)
```

A watch is an observer: anything with its methods can add columns to `.thermo.csv`, keep a memory in
the restart file, and end a run ([`observer.py`](../src/longstride/dynamics/observer.py)).

## Adding a guard to a model

`model.guard: true` in a recipe makes `longstride train` measure and calibrate one at its end, from
training and validation part. `python benchmarks/attach_guard.py MODEL DATA...` does so for a model
that was trained before, and leaves its weights as they are.
"""

RULES = """`python benchmarks/guard.py run`: the model, looking every stride and not stopped, beside
two runs of LAMMPS under the same protocol, in a Langevin bath of 0.5 ps. A rollout is wrong where
the energy of its frames by the reference's potential, or their g(r), both over windows of 2.4 ps,
is off by more than three times the difference of the two reference runs (root mean square over
eleven windows), or where it breaks down. Times in ps."""

COLUMNS = (
    "case",
    "model",
    "fires",
    "by",
    "energy wrong",
    "g(r) wrong",
    "breaks down",
    "looks outside",
)

FIGURE, SHOWN = "guard.png", "al"
"""The picture, and the model that is in it."""


def write(results: Path, docs: Path) -> list[Path]:
    """Write the page and its figure; returns the files written."""
    found = Results.read(results)
    pieces = [piece for piece in found.of("guard") if piece["leaves"]]
    shipped = [piece for piece in pieces if piece["model"]["name"] == SHOWN]
    drawn = _draw(shipped, docs / "figures")
    parts = [HEAD, *_cost(found), *_left(found, pieces), *drawn[1], *_relay(found)]
    parts += [*_stays(found), *_species(found), TAIL]
    target = docs / "guard.md"
    partial = target.with_name(target.name + ".partial")
    partial.write_text("\n".join(parts), encoding="utf-8")
    os.replace(partial, target)
    return [target, *drawn[0]]


def _left(found: Results, pieces: list[Piece]) -> list[str]:
    if not pieces:
        return [f"## Out of the regime\n\n{NOT_MEASURED}\n"]
    rows = [_row(piece) for piece in pieces]
    late = [_named(piece) for piece in pieces if _too_late(piece["result"])]
    silent = [
        _named(piece)
        for piece in pieces
        if piece["result"]["fires_at"] is None and piece["result"]["wrong_at"] is None
    ]
    lines = [
        "## Out of the regime",
        "",
        RULES,
        "",
        table(
            COLUMNS,
            rows,
        ),
        "",
    ]
    if late:
        lines += [f"**The guard was late or silent in: {listed(late)}.**", ""]
    if silent:
        lines += [
            f"Neither did the guard fire nor the rollout go wrong in: {listed(silent)}.",
            "",
        ]
    return [*lines, *found.provenance("guard"), ""]


def _named(piece: Piece) -> str:
    return f"{piece['title']} (`{piece['model']['name']}`)"


def _too_late(result: dict[str, Any]) -> bool:
    wrong, fires = result["wrong_at"], result["fires_at"]
    return wrong is not None and (fires is None or fires > wrong)


def _row(piece: Piece) -> list[str]:
    result = piece["result"]
    times = [result[k] for k in ("energy_wrong_at", "rdf_wrong_at", "broke_at")]
    return [
        piece["title"],
        piece["model"]["name"],
        _time(result["fires_at"]),
        (result["by"] or "–").removesuffix("_eV"),
        *(_time(time) for time in times),
        f"{result['looks_outside']} of {result['looks']}",
    ]


def _time(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _cost(found: Results) -> list[str]:
    rows = [
        [
            piece["model"]["name"],
            f"{piece['result']['stride_us_per_atom']:.2f}",
            f"{piece['result']['look_us_per_atom']:.2f}",
            f"{100 * piece['result']['share']:.1f} %",
        ]
        for piece in found.of("cost")
    ]
    if not rows:
        return []
    header = ["model", "stride, µs/atom", "look, µs/atom", "share of a run, a look every ten"]
    return [
        "## Cost",
        "",
        "Processor time of one thread, 2,048 atoms, medians of seven rounds in turns.",
        "",
        table(header, rows),
        "",
        *found.provenance("cost"),
        "",
    ]


def _relay(found: Results) -> list[str]:
    lines = []
    for piece in found.of("relay"):
        result = piece["result"]
        back = result["handed_back_at"]
        end = (
            "had not handed back by its end"
            if result["on_reference_at_the_end"]
            else f"handed back at {back:.2f} ps"
        )
        lines += [
            "With `--on-leave reference`, two atoms pushed to 1.9 Å of each other: the reference"
            f" did {result['reference_strides']} of {result['strides']} strides and {end}.",
            "",
        ]
    return lines


def _stays(found: Results) -> list[str]:
    stays = [piece for piece in found.of("guard") if not piece["leaves"]]
    if not stays:
        return []
    stays.sort(key=lambda piece: float(piece["title"].split()[2]))
    rows = [
        [
            piece["title"],
            piece["model"]["name"],
            f"{piece['duration'] / 1000:g}",
            f"{piece['result']['looks'] * piece['result']['n_atoms']:,}",
            str(piece["result"]["atoms_outside"]),
            f"{piece['result']['largest_share']:.2f}",
        ]
        for piece in stays
    ]
    header = [
        "run",
        "model",
        "ps",
        "atoms × looks",
        "false alarms",
        "largest signal over its limit",
    ]
    return [
        "## Inside of the regime",
        "",
        "The same model, in a Langevin bath at the lattice constant of its temperature,",
        "looking every stride.",
        "",
        table(header, rows),
        "",
    ]


def _species(found: Results) -> list[str]:
    pieces = found.of("species")
    if not pieces:
        return []
    refused = pieces[0]["result"]["refused_with_force"]
    said = "A copper atom in the box is refused before a run begins, with `--force` too: "
    return [f"{said}“{refused}”.", ""]


def _draw(pieces: list[Piece], folder: Path) -> tuple[list[Path], list[str]]:
    """The largest signal and the error of the energy against time, a column for each case."""
    if not pieces:
        return [], []
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(2.7 * len(pieces), 4.6), layout="constrained")
        axes = figure.subplots(2, len(pieces), squeeze=False)
        for (top, bottom), piece in zip(axes.T, pieces, strict=True):
            result, series = piece["result"], piece["result"]["series"]
            top.plot(series["look_time"], series["share"], "k-", linewidth=0.8)
            top.axhline(1.0, color="tab:red", linestyle=":")
            top.set(title=f"{piece['model']['name']}: {piece['case']}", yscale="log")
            off = [
                1e3 * abs(a - b)
                for a, b in zip(series["energy"], series["reference_energy"], strict=True)
            ]
            bottom.plot(series["window_time"], off, "k-")
            limit = [1e3 * value for value in series["energy_limit"]]
            bottom.plot(series["window_time"], limit, color="0.6", linestyle="--")
            bottom.set(xlabel="time (ps)", yscale="log")
            for ax in (top, bottom):
                if result["fires_at"] is not None:
                    ax.axvline(result["fires_at"], color="tab:red", linewidth=1)
                if result["wrong_at"] is not None:
                    ax.axvline(result["wrong_at"], color="tab:blue", linestyle="--", linewidth=1)
        axes[0, 0].set_ylabel("largest signal over its limit")
        axes[1, 0].set_ylabel("error of the energy (meV/atom)")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FIGURE
        figure.savefig(path, dpi=100, metadata={"Software": None})
    caption = (
        "Red: the guard fires. Blue, dashed: the rollout goes wrong. Grey, dashed: three noise"
        " floors of the energy."
    )
    return [path], [f"![Signals and errors against time](figures/{FIGURE})", "", caption, ""]
