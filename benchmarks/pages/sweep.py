"""docs/sweep.md from the pieces of ``benchmarks/sweep.py``."""

import os
from pathlib import Path
from typing import Any

from pages.load import Results
from pages.sweep_text import CLUSTERS, HEAD, KILLED, LATTICE, LIQUID, NOT_KILLED, SHORT
from pages.text import measured, table

STUDY = Path(__file__).parents[2] / "recipes" / "studies" / "al-npt.yaml"

Piece = dict[str, Any]


def write_page(results: Path, docs: Path) -> list[Path]:
    """Write the page; returns the files written."""
    path = docs / "sweep.md"
    partial = path.with_name(path.name + ".partial")
    partial.write_text(page(Results.read(results)), encoding="utf-8")
    os.replace(partial, path)
    return [path]


def page(results: Results) -> str:
    """The whole page."""
    parts = [HEAD.format(study=STUDY.read_text(encoding="utf-8"))]
    killed = next((piece for piece in results.of("killed")), None)
    liquid = next((piece for piece in results.of("liquid")), None)
    if killed is None:
        parts.append(NOT_KILLED)
    else:
        parts += [_killed(killed["result"]), _origin(killed), _lattice(killed["result"]["sweep"])]
    if liquid is not None:
        parts += [_liquid(liquid["result"]["sweep"]), _origin(liquid)]
    parts += [CLUSTERS, SHORT]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _killed(result: Piece) -> str:
    first, second = result["kills"]
    rows = [
        ["runs of the study", str(result["runs"])],
        ["finished in the end", str(result["finished"])],
        ["starts of commands", str(result["starts"])],
        ["runs started more than once", str(result["started_again"])],
        ["of these from a restart point", str(result["gone_on_from_a_restart_point"])],
    ]
    return KILLED.format(
        runs=result["runs"],
        workers=result["workers"],
        first=first["finished"],
        second=second["finished"],
        exit_code=result["exit_code"],
        table=table(["", "number"], rows),
        repeated=len(result["finished_and_repeated"]) or "none",
    )


def _lattice(sweep: Piece) -> str:
    quantities = {"temperature_K": "temperature, K", "lattice_constant_A": "lattice constant, Å"}
    (fit,) = (fit for fit in sweep["fits"] if fit["quantity"] == "lattice_constant_A")
    expansion = {key: 1e6 * value for key, value in fit["linear_expansion_per_K"].items()}
    law = (
        f"A line through them is {measured(**fit['at_temperature'])} Å at"
        f" {fit['temperature_K']:.0f} K with a linear expansion of {measured(**expansion)}"
        f" × 10⁻⁶/K; {_chi(fit)}."
    )
    time = STUDY.read_text(encoding="utf-8").partition("time: ")[2].partition(",")[0]
    return LATTICE.format(time=time.replace("ps", " ps"), law=law, table=_means(sweep, quantities))


def _liquid(sweep: Piece) -> str:
    quantities = {"temperature_K": "temperature, K", "diffusion_A2_per_ps": "D, Å²/ps"}
    (fit,) = (fit for fit in sweep["fits"] if fit["quantity"] == "diffusion_A2_per_ps")
    if "why_not" in fit:
        law = f"No Arrhenius law: {fit['why_not']}."
    else:
        law = (
            f"Arrhenius law: activation energy {measured(**fit['activation_energy_eV'])} eV,"
            f" ln(D₀ / (Å²/ps)) {measured(**fit['log_prefactor'])}; {_chi(fit)}."
        )
    return LIQUID.format(law=law, table=_means(sweep, quantities))


def _chi(fit: Piece) -> str:
    return f"χ² {fit['chi_squared']:.3g} for {fit['degrees_of_freedom']} degrees of freedom"


def _means(sweep: Piece, quantities: dict[str, str]) -> str:
    """Means over the seeds at every temperature."""
    rows = []
    for one in sweep["conditions"]:
        means = [one["means"][name] for name in quantities]
        rows.append(
            [
                f"{one['temperature']:g} K",
                str(means[0]["n"]),
                *(measured(mean["value"], mean["error"]) for mean in means),
            ]
        )
    return table(["set", "seeds", *quantities.values()], rows)


def _origin(piece: Piece) -> str:
    """When and where it was measured."""
    source = piece["provenance"]
    software = ", ".join(f"{name} {version}" for name, version in source["software"].items())
    low, high = source["load_average"]
    return (
        f"{source['date']}; {source['machine']['processor']},"
        f" {source['machine']['usable_cores']} cores, load average {low:g} to {high:g}; {software}."
    )
