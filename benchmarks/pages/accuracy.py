"""docs/accuracy.md: the shipped model against what the project asks of it."""

from pathlib import Path

from pages import suite
from pages.load import REFERENCE, Piece, Results
from pages.sections import NVE_HEADER, nve_rows, speed_table
from pages.suite import Example
from pages.targets import (
    NVE_TEMPERATURES,
    ONESTEP_TEMPERATURES,
    all_targets,
    d_target,
    nvt_numbers,
    w_target,
)
from pages.text import NOT_MEASURED, figure, measured, percent, table, verdict

HEAD = """# Accuracy of the shipped model

Every number here was measured by [`benchmarks/accuracy.py`](../benchmarks/accuracy.py) and
stands in `benchmarks/results/`; this page is written by `python benchmarks/accuracy.py pages`.
Aluminium, fcc, 500 atoms, zero pressure; the reference is LAMMPS with the potential the model
was trained on. The held-out data (`recipes/al-test.yaml`) has another size, other seeds and, at
450, 750 and 900 K, other temperatures than the training data. Errors are one standard error.
How the kind of map was chosen is on the page about [the maps](maps.md).
"""

ONESTEP = """`d = q(t+τ) − q(t) − τ v(t)` and `w = v(t+τ) − v(t)` are what free flight does not
explain; a relative error is the RMS error over the RMS of the target. RMSE and MAE are over
components.
"""

NVT = """Langevin bath with a friction time of {friction:g} ps, {time:g} ps after {before:g} ps
of equilibration; {count} runs of LAMMPS of the same length, each equilibrated by itself with
its own seed. The distance of g(r) is ∫|g₁ − g₂|dr / ∫g₂ dr, mean over the LAMMPS runs; the
noise is the same between two LAMMPS runs. The amplitude is the mean square displacement from
the mean positions, relative to that of LAMMPS. The last two columns are the root mean square
over wavevectors of T(k)/T − 1 and what its statistical error lets expect.
"""

NVE = """No thermostat and no correction, from a phase point that LAMMPS
equilibrated. The total energy is the kinetic energy plus the reference potential of the
rollout's frames. Drift: the slope of a least-squares line times 100 ps, in % of the kinetic
energy, its error from the correlation of the residuals. *Ends*: mean of the last tenth of the
run minus that of the first. The row *{reference}* is LAMMPS itself from the same phase point,
which tells what chance alone does.
"""


def page(results: Results, drawn: dict[str, Path], example: Example | None) -> str:
    """The whole page; the example is that of the validation suite."""
    name = results.shipped
    parts = [HEAD, "## Targets\n", _targets(results)]
    if name is not None:
        parts += [_model(results.models[name])]
    parts += ["## One stride\n", *_onestep(results, name or "", drawn)]
    parts += ["## Constant temperature\n", *_nvt(results, name or "")]
    parts += ["## Constant energy\n", *_nve(results, name or "", drawn)]
    parts += ["## The validation suite\n", *suite.section(example)]
    parts += ["## Speed\n", *speed_table(results, [name] if name else [])]
    parts += ["## What falls short\n", _misses(results), *suite.failed(example)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def source(results: Results, part: str) -> str:
    """A line that names the script and the circumstances."""
    lines = results.provenance(part)
    where = f" Measured {lines[0]}" if lines else ""
    return f"*`python benchmarks/accuracy.py {part}`.*{where}"


def _targets(results: Results) -> str:
    rows = [
        [v.quantity, v.target, v.value or NOT_MEASURED, verdict(v.passed)]
        for v in all_targets(results)
    ]
    return table(["quantity", "target", "measured", "verdict"], rows)


def _model(model: Piece) -> str:
    kind = "kick-drift" if model["map"] == "kicks" else "staged"
    if model["map"] == "kicks":
        kind += f" map in {model['substeps']} substeps of {model['kicks']} kicks"
    else:
        kind += " map"
    times = ", ".join(f"{time:g}" for time in model["stage_times"])
    trained = (
        f", trained for {model['minutes']:.0f} minutes of processor time ({model['steps']} steps)"
        if model["minutes"]
        else ""
    )
    return (
        f"The model `{model['name']}` is a {kind} with output at {times} fs, width"
        f" {model['hidden']}{trained}; SHA-256 of its files {model['sha256'][:16]}…"
    )


def _onestep(results: Results, name: str, drawn: dict[str, Path]) -> list[str]:
    pieces = {t: results.find("onestep", name, t) for t in ONESTEP_TEMPERATURES}
    known = {t: piece for t, piece in pieces.items() if piece}
    if not known:
        return [NOT_MEASURED + "."]
    rows, stages, ridge = [], [], []
    for t, piece in known.items():
        model = piece["model"]
        w, d = model["velocity"][-1], model["displacement"][-1]
        passed = w <= w_target(t) and d <= d_target(t)
        rows.append(
            [
                f"{t:g} K",
                percent(w, model["velocity_uncertainty"][-1]),
                percent(d, model["displacement_uncertainty"][-1]),
                f"{100 * w_target(t):g} / {100 * d_target(t):g}",
                verdict(passed),
                measured(model["displacement_rmse"][-1]),
                measured(model["displacement_mae"][-1]),
                measured(model["velocity_rmse"][-1]),
                measured(model["velocity_mae"][-1]),
                str(model["n_windows"]),
            ]
        )
        stages += [
            [
                f"{t:g} K, {time:g} fs",
                *(percent(model[key][k]) for key in ("velocity", "displacement")),
                measured(model["displacement_rmse"][k]),
                measured(model["velocity_rmse"][k]),
            ]
            for k, time in enumerate(model["stage_times"])
        ]
        if "ridge" in piece:
            start = piece["ridge"]
            ridge.append(
                [
                    f"{t:g} K",
                    percent(start["velocity"][-1]),
                    percent(w),
                    percent(start["displacement"][-1]),
                    percent(d),
                ]
            )
    last = next(iter(known.values()))["model"]["stage_times"][-1]
    header = ["", "w %", "d %", "targets w / d %", "verdict", "RMSE of q, Å", "MAE of q, Å"]
    header += ["RMSE of v, Å/fs", "MAE of v, Å/fs", "windows"]
    parts = [ONESTEP, f"After the whole stride of {last:g} fs:\n", table(header, rows)]
    parts += ["At each stage:\n"]
    parts += [table(["", "w %", "d %", "RMSE of q, Å", "RMSE of v, Å/fs"], stages)]
    if ridge:
        parts += ["Beside the closed-form ridge solution that training started from:\n"]
        parts += [table(["", "ridge w %", "model w %", "ridge d %", "model d %"], ridge)]
    parts += figure(drawn, "onestep", "one-stride errors of w and d against temperature")
    return [*parts, source(results, "onestep")]


def _nvt(results: Results, name: str) -> list[str]:
    pieces = {t: results.find("nvt", name, t) for t in ONESTEP_TEMPERATURES}
    known = {t: piece for t, piece in pieces.items() if piece}
    if not known:
        return [NOT_MEASURED + "."]
    settings = next(p for p in results.of("nvt") if p["model"]["name"] == name)["settings"]
    text = NVT.format(
        friction=settings["friction_time"] / 1e3,
        time=settings["time"] / 1e3,
        before=settings["model_equilibration"] / 1e3,
        count=settings["references"],
    )
    rows = []
    for t, piece in known.items():
        if piece["broke"]:
            rows.append([f"{t:g} K", f"broke down: {piece['broke']}", *[""] * 6])
            continue
        numbers, rdf = nvt_numbers(piece, t), piece["rdf"]
        own, waves = piece["model"]["temperature"], piece["model"]["wavevectors"]
        value, error = numbers["amplitude"]
        rows.append(
            [
                f"{t:g} K",
                measured(own["value"], own["error"]),
                percent(sum(rdf["to_references"]) / len(rdf["to_references"])),
                percent(sum(rdf["between_references"]) / len(rdf["between_references"])),
                measured(numbers["rdf"][0]),
                measured(1.0 + value, error),
                percent(waves["rms"]),
                percent(waves["noise"]),
            ]
        )
    header = ["bath", "temperature, K", "g(r): L1 %", "noise %", "ratio", "amplitude ratio"]
    header += ["T(k): rms %", "expected %"]
    return [text, table(header, rows), source(results, "nvt")]


def _nve(results: Results, name: str, drawn: dict[str, Path]) -> list[str]:
    rows = nve_rows(results, [name, REFERENCE], NVE_TEMPERATURES)
    if not rows:
        return [NOT_MEASURED + "."]
    parts = [NVE.format(reference=REFERENCE), table(NVE_HEADER, rows)]
    parts += figure(drawn, "nve", "change of the total energy over time without a thermostat")
    return [*parts, source(results, "nve")]


def _misses(results: Results) -> str:
    verdicts = all_targets(results)
    missed = [v for v in verdicts if v.passed is False]
    absent = sum(v.passed is None for v in verdicts)
    lines = [f"- {v.quantity}: {v.value}, asked for {v.target}." for v in missed]
    if not missed:
        met = sum(v.passed is True for v in verdicts)
        lines.append(f"All {met} targets measured are met." if met else "Nothing was measured yet.")
    if results.shipped and results.versions(results.shipped) > 1:
        lines.append(
            f"\nThe numbers of `{results.shipped}` were measured with different versions of its"
            " weights: measure the older ones again."
        )
    if absent:
        lines.append(f"\n{absent} of {len(verdicts)} targets were not measured.")
    return "\n".join(lines)
