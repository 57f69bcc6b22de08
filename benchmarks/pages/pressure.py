"""docs/constant-pressure.md: volumes of models at constant pressure beside the reference's."""

import json
from math import hypot
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from longstride.units import PS
from pages.figures import SETTINGS
from pages.text import measured, table

FIGURE = "volumes.png"
LIMIT = 0.1
"""Asked of lattice constants, in %."""

KINDS = {"iso": "isotropic", "aniso": "anisotropic"}

INTRODUCTION = """# Constant pressure

Models in a Langevin bath and stochastic cell rescaling ([ensembles](ensembles.md)) beside LAMMPS in
a Langevin bath and its own barostat (`fix nph`, isotropic, steps of 2 fs), both at
{pressure:g} GPa: {atoms} atoms, {time:g} ps of the model, {references} runs of {reference:g} ps of
LAMMPS; what comes before equilibrium is discarded. Pressure of the model is that of its own energy
head: the potential is never called. Written by `python benchmarks/npt.py page` from
`benchmarks/results/npt/`.

## Lattice constant

Asked: within {limit:g} % of LAMMPS. Errors are standard errors of correlated series.
"""

COMPRESSIBILITY = """
## Fluctuations of the volume

The isothermal compressibility κ = Var(V) / (k_B T ⟨V⟩), in 1/TPa; errors by the bootstrap of
blocks. The deviation is in standard errors of the difference.
"""

SHAPE = """
## Shape

In anisotropic runs all six components of the cell move. Edges over their mean, less one, in %; the
crystal is cubic, so they should be zero.
"""


def text(results: Path, figures: Path) -> str:
    """The page; draws its figure.

    Args:
        results: folder of npt-NAME-TK.json.
        figures: folder of the figure.
    """
    pieces = sorted(
        (json.loads(path.read_text(encoding="utf-8")) for path in results.glob("npt-*.json")),
        key=lambda piece: (piece["model"]["name"], piece["temperature"]),
    )
    _draw(pieces, figures / FIGURE)
    settings = pieces[0]["settings"]
    introduction = INTRODUCTION.format(
        pressure=settings["pressure"],
        atoms=pieces[0]["result"]["n_atoms"],
        time=settings["time"] / PS,
        references=settings["references"],
        reference=settings["reference_time"] / PS,
        limit=LIMIT,
    )
    header = ["model", "cell", "temperature", "model, Å", "LAMMPS, Å", "difference, %", "within"]
    parts = [introduction, table(header, [row for piece in pieces for row in _constants(piece)])]
    header = ["model", "cell", "temperature", "model", "LAMMPS", "deviation"]
    parts += [COMPRESSIBILITY, table(header, [row for p in pieces for row in _moduli(p)])]
    parts += [f"\n![distribution of the volume](figures/{FIGURE})\n", SHAPE]
    header = ["model", "temperature", "x", "y", "z"]
    parts.append(
        table(header, [_shape(p) for p in pieces if p["result"]["aniso"]["broke"] is None])
    )
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _known(piece: dict[str, Any], key: str) -> tuple[float, float]:
    """Of the reference's runs; equally long, so that each counts the same."""
    pairs = np.array([run[key] for run in piece["result"]["references"]])
    return float(pairs[:, 0].mean()), float(np.linalg.norm(pairs[:, 1]) / len(pairs))


def _constants(piece: dict[str, Any]) -> list[list[str]]:
    known, known_error = _known(piece, "lattice_constant")
    rows = []
    for kind, name in KINDS.items():
        result = piece["result"][kind]
        lead = [piece["model"]["name"], name, f"{piece['temperature']:g} K"]
        if result["broke"] is not None:
            rows.append([*lead, "broke down", _length(known, known_error), "", "no"])
            continue
        own, error = result["lattice_constant"]
        difference = 100.0 * (own / known - 1.0)
        scatter = 100.0 * hypot(error, known_error) / known
        rows.append(
            [
                *lead,
                _length(own, error),
                _length(known, known_error),
                f"{difference:+.3f} ± {scatter:.3f}",
                "yes" if abs(difference) <= LIMIT else "**no**",
            ]
        )
    return rows


def _length(value: float, error: float) -> str:
    return f"{value:.5f} ± {error:.5f}"


def _moduli(piece: dict[str, Any]) -> list[list[str]]:
    known, known_error = _known(piece, "compressibility")
    rows = []
    for kind, name in KINDS.items():
        result = piece["result"][kind]
        if result["broke"] is None:
            own, error = result["compressibility"]
            rows.append(
                [
                    piece["model"]["name"],
                    name,
                    f"{piece['temperature']:g} K",
                    measured(1e3 * own, 1e3 * error),
                    measured(1e3 * known, 1e3 * known_error),
                    f"{(own - known) / hypot(error, known_error):+.1f} σ",
                ]
            )
    return rows


def _shape(piece: dict[str, Any]) -> list[str]:
    edges = piece["result"]["aniso"]["edges_over_mean"]
    cells = [f"{100 * value:+.3f} ± {100 * error:.3f}" for value, error in edges]
    return [piece["model"]["name"], f"{piece['temperature']:g} K", *cells]


def _draw(pieces: list[dict[str, Any]], path: Path) -> None:
    """Cumulative distributions of the volume, one panel a temperature."""
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(3.0 * len(pieces), 3.1), layout="constrained")
        axes = figure.subplots(1, len(pieces), squeeze=False, sharey=True)[0]
        for ax, piece in zip(axes, pieces, strict=True):
            result = piece["result"]
            for index, run in enumerate(result["references"]):
                label = "LAMMPS" if index == 0 else None
                _curve(ax, run["volumes"], color="0.6", label=label)
            for kind, colour in (("iso", "tab:orange"), ("aniso", "tab:blue")):
                if result[kind]["broke"] is None:
                    label = f"{piece['model']['name']}, {KINDS[kind]}"
                    _curve(ax, result[kind]["volumes"], color=colour, label=label)
            ax.set(title=f"{piece['temperature']:g} K", xlabel="volume per atom (Å³)")
        axes[0].set_ylabel("share of frames below")
        axes[0].legend(fontsize=7)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=110, metadata={"Software": None})


def _curve(ax: Any, quantiles: list[float], **style: Any) -> None:
    ax.plot(quantiles, np.linspace(0.01, 0.99, len(quantiles)), **style)
