"""docs/peers.md from the pieces of ``benchmarks/peers/compare.py``."""

import os
from pathlib import Path
from typing import Any, Final

import yaml

from pages.load import Piece, Results
from pages.peers_tables import (
    MODEL,
    errors,
    failures,
    main,
    nve,
    ratios,
    rollouts,
    shown,
    times,
    trainings,
)
from pages.peers_text import (
    AGAIN,
    BETTER,
    HEAD,
    MAIN,
    NVE,
    ONESTEP,
    QUOTED,
    REFERENCES,
    RESPA,
    ROLLOUT,
    SETTINGS,
    SHORT,
    TIME,
)
from pages.text import NOT_MEASURED

RECIPE: Final = Path(__file__).parents[2] / "recipes" / "al-model.yaml"
"""Of ours."""

PILOT: Final = "pilot-"
"""Names of the short trainings that the size was chosen by begin so."""


def write_page(results: Path, docs: Path) -> list[Path]:
    """Write the page; returns the files written."""
    path = docs / "peers.md"
    partial = path.with_name(path.name + ".partial")
    partial.write_text(page(Results.read(results)), encoding="utf-8")
    os.replace(partial, path)
    return [path]


def page(results: Results) -> str:
    """The whole page."""
    parts = [HEAD, *_main(results), *_settings(results)]
    parts += _onestep(results)
    parts += _rollouts(results)
    parts += [
        *_time(results),
        *_respa(results),
        QUOTED,
        *_better(results),
        SHORT,
        AGAIN,
        REFERENCES,
    ]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _trained(results: Results) -> tuple[list[Piece], list[Piece]]:
    """Trainings, and pilots."""
    pieces = results.of("train")
    pilots = [piece for piece in pieces if piece["model"]["name"].startswith(PILOT)]
    return [piece for piece in pieces if piece not in pilots], pilots


def _main(results: Results) -> list[str]:
    timed = next(iter(results.of("time")), None)
    runs = results.of("rollout")
    if timed is None or not runs or not results.of("onestep"):
        return [f"{NOT_MEASURED}."]
    return [
        MAIN.format(
            table=main(results, _trained(results)[0]),
            time=runs[0]["settings"]["time"] / 1e3,
            atoms=timed["result"]["n_atoms"],
            ratios=ratios(results),
        )
    ]


def _settings(results: Results) -> list[str]:
    trained, pilots = _trained(results)
    own = next((p["model"] for p in results.of("onestep") if p["model"]["name"] == MODEL), None)
    if not trained or own is None:
        return []
    return [
        SETTINGS.format(
            table=trainings(trained),
            spacing=60.0,
            tried=len(pilots),
            pilot=pilots[0]["settings"]["minutes"] if pilots else 0.0,
            pilots="\n".join(map(_pilot, pilots)),
            flashmd=trained[0]["result"]["versions"]["flashmd"],
            own_steps=own["steps"],
            own_windows=yaml.safe_load(RECIPE.read_text("utf-8"))["optimisation"]["batch_windows"],
        ),
        *results.provenance("train"),
    ]


def _pilot(piece: Piece) -> str:
    """A line of a list inside of a list."""
    settings = piece["settings"]
    network: dict[str, Any] = settings["network"]
    position, momentum = (
        min(row[f"validation {target} RMSE (per atom)"] for row in piece["result"]["learning"])
        for target in ("position", "momentum")
    )
    windows = settings["batch_size"]
    return (
        f"    - {network['num_gnn_layers']} layers of width {network['d_pet']}, {windows}"
        f" window{'s' if windows > 1 else ''} a step: {position:.3f} Å and"
        f" {momentum:.2f} (eV·amu)^½."
    )


def _onestep(results: Results) -> list[str]:
    pieces = results.of("onestep")
    if not pieces:
        return []
    return [
        ONESTEP.format(windows=pieces[0]["windows"], atoms=500, table=errors(pieces)),
        *results.provenance("onestep"),
    ]


def _rollouts(results: Results) -> list[str]:
    pieces = results.of("rollout")
    bathed = [piece for piece in pieces if piece["friction_time"] is not None]
    free = [piece for piece in pieces if piece["friction_time"] is None]
    found = []
    if bathed:
        settings = bathed[0]["settings"]
        found.append(
            ROLLOUT.format(
                time=settings["time"] / 1e3,
                discard=settings["discard"] / 1e3,
                references=settings["references"],
                table=rollouts(bathed),
                failures=failures(bathed),
            )
        )
    if free:
        time = free[0]["settings"]["time"] + free[0]["settings"]["discard"]
        found.append(NVE.format(time=time / 1e3, table=nve(free)))
    return [*found, *results.provenance("rollout")]


def _time(results: Results) -> list[str]:
    for piece in results.of("time"):
        settings, result = piece["settings"], piece["result"]
        text = TIME.format(
            atoms=result["n_atoms"],
            temperature=settings["temperature"],
            rounds=settings["rounds"],
            warm_up=settings["warm_up"],
            table=times(result["rows"]),
        )
        return [text, *results.provenance("time")]
    return []


def _respa(results: Results) -> list[str]:
    for piece in results.of("respa"):
        said = piece["result"]["said"].partition(" (")[0]
        potential = piece["result"]["potential"]
        return [RESPA.format(step=60.0 / 9.0, potential=potential, said=said)]
    return []


def _better(results: Results) -> list[str]:
    trained, _ = _trained(results)
    if not trained:
        return []
    epochs = sorted({piece["result"]["epochs"] for piece in trained})
    falling = [
        f"{shown(piece['model']['name'])} "
        + ", ".join(
            f"{row['validation position RMSE (per atom)']:.3g}"
            for row in piece["result"]["learning"]
        )
        for piece in trained
    ]
    return [BETTER.format(epochs=" or ".join(map(str, epochs)), falling="; ".join(falling))]
