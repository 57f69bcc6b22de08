"""Put a trained model into the package, with a card a person can read.

    python benchmarks/ship.py RUN NAME --title "Bulk fcc copper" --data recipes/metals/cu.yaml \
        --recipe recipes/metals/model.yaml --verdict cu-quick/results.json

RUN is the folder of a finished ``longstride train``, or a shipped name whose card alone is to be
written anew; ``--data`` and ``--recipe`` are the recipes of
its data and of its training, and ``--verdict`` is what ``longstride validate`` left. The model's
files are copied to the package's models and ``card.md`` is written from ``model.json`` and the
verdict alone. Then freeze the predictions anew with
``python tests/zoo/test_frozen_predictions.py``.
"""

import argparse
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ase.data import chemical_symbols

from longstride.training.energy_fit import HeadErrors
from longstride.validation import Results, read_results
from longstride.zoo import resolve

MODELS = Path(__file__).parents[1] / "src" / "longstride" / "zoo" / "models"

CARD = """# {name}: {title}

| | |
|---|---|
| species | {species} |
| reference | {potentials} |
| stride | {stride:g} fs, states inside it at {stages} fs |
| temperature | {low:g} to {high:g} K |
| number density | {sparse:.5f} to {dense:.5f} atoms/Å³ |
| map | {map}, {substeps} substeps of {kicks} kicks, cutoff {cutoff:g} Å |
| network | {radial} radial functions, width {hidden}, attention: {attention} |
| data | {n_segments} segments, {n_frames} frames, {n_atoms} atoms each |
| energy head | {head} |
| guard | {guard} |
| recipes | {recipes} |
| training | {steps} steps, {minutes:.0f} min on {threads} thread(s) of {machine} |
| licence | Apache-2.0 |

Relative error after one stride, on runs of the same recipe that were not trained on:

| temperature | d, ridge | d | w, ridge | w | displacement RMSE |
|---|---|---|---|---|---|
{rows}

{verdict}
{scope}
"""

BULK = "Made for bulk crystals; melts, surfaces, defects and other species are outside its regime."

VERDICT = """`{command}`: {passed} of {count} checks pass, on {system}.

| check | value | noise floor | threshold | |
|---|---|---|---|---|
{rows}
"""

TOLD = (
    *("onestep.w.relative_error", "onestep.d.relative_error", "nve.energy_drift"),
    *("nvt.temperature.relative_error", "nvt.potential_energy.error", "nvt.rdf.l1"),
    *("nvt.msd.l1", "nvt.vdos.mismatch"),
)
"""Checks a card shows beside those that failed."""


def percent(value: float) -> str:
    """A relative error in percent."""
    return f"{100 * value:.2f} %"


def guard_in_words(guard: dict[str, Any]) -> str:
    """The limits of a guard, at the ends of their temperatures."""
    ends = [guard["temperatures"][k] for k in (0, -1)]
    means = [min(guard["signals"]["neighbourhood"][k]) for k in (0, -1)]
    return (
        f"limits for a false-alarm rate of {guard['rate']:g} per atom and look; of a "
        f"neighbourhood's mean distance {means[0]:.2f} at {ends[0]:g} K to {means[1]:.2f} at "
        f"{ends[1]:g} K"
    )


def with_guard(text: str, guard: dict[str, Any]) -> str:
    """A card with the line of another guard."""
    return re.sub(r"^\| guard \|.*$", f"| guard | {guard_in_words(guard)} |", text, flags=re.M)


def verdict_in_words(results: Results) -> str:
    """Command, count and table of a verdict: some checks, and all that failed."""
    ends = [c for c in results.checks if "," not in c.name]
    shown = [c for c in ends if c.name.partition("[")[0] in TOLD]
    shown += [c for c in results.checks if not c.passed and c not in shown]
    system = next(item for item in results.provenance.summary if item.label == "System")
    return VERDICT.format(
        command=results.provenance.command,
        passed=sum(check.passed for check in results.checks),
        count=len(results.checks),
        system=f"{system.value} {system.note}",
        rows="\n".join(
            f"| `{check.name}` | {check.value:.3g} {check.unit.removeprefix('1')} "
            f"| {'' if check.noise_floor is None else f'{check.noise_floor:.3g}'} "
            f"| {check.threshold:.3g} | {'pass' if check.passed else '**fail**'} |"
            for check in shown
        ),
    )


def card(
    name: str,
    title: str,
    description: dict[str, Any],
    recipes: Sequence[str],
    verdict: Results,
    scope: str,
) -> str:
    """The text of ``card.md``; ``scope`` says what the model is made for."""
    config, regime, training = (description[key] for key in ("config", "regime", "training"))
    errors, head = description["one_stride_errors"], description.get("energy_head")
    guard = description.get("guard")
    rows = [
        f"| {model['temperature']:g} K | {percent(ridge['displacement'][-1])} "
        f"| {percent(model['displacement'][-1])} | {percent(ridge['velocity'][-1])} "
        f"| {percent(model['velocity'][-1])} | {model['displacement_rmse'][-1]:.1e} Å |"
        for ridge, model in zip(errors["ridge"], errors["model"], strict=True)
    ]
    machine = training["provenance"]["machine"]
    return CARD.format(
        name=name,
        title=title,
        species=", ".join(chemical_symbols[number] for number in regime["species"]),
        potentials=", ".join(regime["potentials"]),
        stride=config["stage_times"][-1],
        stages=", ".join(f"{time:g}" for time in config["stage_times"][:-1]),
        low=min(regime["temperatures"]),
        high=max(regime["temperatures"]),
        sparse=regime["number_density"][0],
        dense=regime["number_density"][1],
        **{key: config[key] for key in ("map", "substeps", "kicks", "cutoff")},
        **{key: config["network"][key] for key in ("radial", "hidden", "attention")},
        **{key: regime[key] for key in ("n_segments", "n_frames")},
        n_atoms=", ".join(map(str, regime["n_atoms"])),
        head="none" if head is None else HeadErrors(**head).in_words,
        guard="none" if guard is None else guard_in_words(guard),
        steps=training["steps"],
        minutes=training["minutes"],
        threads=training["recipe"]["threads"] or "all",
        machine=f"{machine['system']} {machine['architecture']}",
        rows="\n".join(rows),
        recipes=", ".join(f"`{recipe}`" for recipe in recipes),
        verdict=verdict_in_words(verdict),
        scope=scope,
    )


def main() -> None:
    """Copy the model and write its card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("name")
    parser.add_argument("--title", required=True)
    parser.add_argument("--data", nargs="+", required=True, help="recipes of the data")
    parser.add_argument("--recipe", required=True, help="of the training")
    parser.add_argument("--verdict", type=Path, required=True, help="a results.json")
    parser.add_argument("--scope", default=BULK, help="a sentence on what it is made for")
    given = parser.parse_args()
    source, target = resolve(given.run), MODELS / given.name
    description = json.loads((source / "model.json").read_text(encoding="utf-8"))
    target.mkdir(parents=True, exist_ok=True)
    if source != target:
        for file in ("model.safetensors", "model.json"):
            shutil.copyfile(source / file, target / file)
    recipes = [*given.data, given.recipe]
    verdict = read_results(given.verdict)
    text = card(given.name, given.title, description, recipes, verdict, given.scope)
    (target / "card.md").write_text(text, encoding="utf-8")
    print(target)


if __name__ == "__main__":
    main()
