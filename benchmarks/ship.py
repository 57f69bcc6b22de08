"""Put a trained model into the package, with a card a person can read.

    python benchmarks/ship.py RUN NAME --title "Bulk fcc aluminium"

RUN is the folder of a finished ``longstride train``. The model's files are copied to the package's
models and ``card.md`` is written from ``model.json`` alone. Then freeze the predictions anew with
``python tests/zoo/test_frozen_predictions.py``.
"""

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from longstride.training.energy_fit import HeadErrors

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
| training | {steps} steps, {minutes:.0f} min on {threads} thread(s) of {machine} |
| licence | Apache-2.0 |

Relative error after one stride, on runs of the same recipe that were not trained on:

| temperature | d, ridge | d | w, ridge | w | displacement RMSE |
|---|---|---|---|---|---|
{rows}

Longer rollouts, other seeds, sizes and temperatures: `{page}`. {scope}
"""

BULK = "Made for bulk crystals;\nmelts, surfaces, defects and other species are outside its regime."


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


def card(name: str, title: str, description: dict[str, Any], page: str, scope: str) -> str:
    """The text of ``card.md``; the last two say where it was measured and what it is made for."""
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
        page=page,
        scope=scope,
        species=", ".join(map(str, regime["species"])) + " (atomic numbers)",
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
    )


def main() -> None:
    """Copy the model and write its card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("name")
    parser.add_argument("--title", required=True)
    parser.add_argument("--page", default="docs/accuracy.md", help="where it was measured")
    parser.add_argument("--scope", default=BULK, help="a sentence on what it is made for")
    given = parser.parse_args()
    source, target = given.run / "model", MODELS / given.name
    description = json.loads((source / "model.json").read_text(encoding="utf-8"))
    target.mkdir(parents=True, exist_ok=True)
    for file in ("model.safetensors", "model.json"):
        shutil.copyfile(source / file, target / file)
    (target / "card.md").write_text(
        card(given.name, given.title, description, given.page, given.scope), encoding="utf-8"
    )
    print(target)


if __name__ == "__main__":
    main()
