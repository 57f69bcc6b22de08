"""Figures of docs/soak.md."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from pages.figures import SETTINGS
from pages.soak_pieces import VARIANTS, Piece, of_part


def draw(pieces: list[Piece], folder: Path) -> list[Path]:
    """Write the figures that have data; returns their files."""
    figures = {"soak-nve": _nve_figure(pieces), "soak-vacf": _vacf_figure(pieces)}
    drawn = []
    for name, figure in figures.items():
        if figure is not None:
            folder.mkdir(parents=True, exist_ok=True)
            drawn.append(folder / f"{name}.png")
            figure.savefig(drawn[-1], dpi=110, metadata={"Software": None})
    return drawn


def _nve_figure(pieces: list[Piece]) -> Figure | None:
    known = {piece["variant"]: piece["result"] for piece in of_part(pieces, "soak-nve")}
    known = {name: result for name, result in known.items() if not result["broke"]}
    if not known:
        return None
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(8.0, 3.2), layout="constrained")
        ax = figure.subplots()
        ax.set(xlabel="time (ps)", ylabel="total energy by the reference,\nchange (meV/atom)")
        for variant, words in VARIANTS.items():
            if variant in known:
                series = known[variant]["series"]
                ax.plot(series["time"], series["reference"], label=words)
        ax.legend()
    return figure


def _vacf_figure(pieces: list[Piece]) -> Figure | None:
    found = of_part(pieces, "soak-vacf")
    if not found:
        return None
    result = found[0]["result"]
    lags = [lag / 1000 for lag in result["lag"]]
    curves = result["curves"]
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(8.0, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        styles = {"reference": "0.6", "plain": "tab:blue", "calibrated": "tab:orange"}
        for name, colour in styles.items():
            left.plot(lags, curves[name], color=colour, label=name)
        for name in ("plain", "calibrated"):
            pairs = zip(curves[name], curves["reference"], strict=True)
            right.plot(lags, [a - b for a, b in pairs], color=styles[name], label=name)
        left.set(xlabel="lag (ps)", ylabel="velocity autocorrelation", xlim=(0, 1))
        right.set(xlabel="lag (ps)", ylabel="less the reference")
        left.legend()
        right.legend()
    return figure
