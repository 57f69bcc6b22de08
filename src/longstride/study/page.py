"""One self-contained HTML page of a study."""

from importlib.resources import files
from math import floor, isfinite, log10
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from longstride.files import write_text
from longstride.study.merge import Fit
from longstride.study.plots import drawings
from longstride.study.results import Merged, quantities

PAGE_NAME: Final = "sweep.html"


def write_page(merged: Merged, folder: Path) -> Path:
    """Write the page of a study; returns its path."""
    path = folder / PAGE_NAME
    write_text(path, render(merged))
    return path


def render(merged: Merged) -> str:
    """The page as text."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = files("longstride.study") / "sweep.html.j2"
    style = files("longstride.report") / "report.css"
    names = quantities(list(merged.numbers.values()))
    conditions = [
        [
            one.condition.model_name or "–",
            one.condition.structure or "–",
            one.condition.strain_text or "–",
            "–" if one.condition.pressure is None else f"{one.condition.pressure:g}",
            f"{one.condition.temperature:g}",
            str(max(mean.n for mean in one.means.values())) if one.means else "0",
            *(
                shown(one.means[name].value, one.means[name].error) if name in one.means else "–"
                for name in names
            ),
        ]
        for one in merged.conditions
    ]
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        merged=merged,
        n_runs=len(merged.numbers) + len(merged.failed) + len(merged.unmeasured),
        names=[spoken(name) for name in names],
        conditions=conditions,
        figures=drawings(merged.conditions, merged.fits),
        laws=[(fit.curve.label, sentence(fit)) for fit in merged.fits],
        style=style.read_text(encoding="utf-8"),
    )


def shown(value: float, error: float) -> str:
    """A value with as many digits as its error allows."""
    if not isfinite(error) or error <= 0.0:
        return f"{value:.6g}".replace("-", "−")
    decimals = max(0, 1 - floor(log10(error)))
    return f"{value:.{decimals}f} ± {error:.{decimals}f}".replace("-", "−")


_UNITS: Final = (
    ("_eV_per_atom", "eV/atom"),
    ("_A2_per_ps", "Å²/ps"),
    ("_A3_per_atom", "Å³/atom"),
    ("_GPa", "GPa"),
    ("_K", "K"),
    ("_A", "Å"),
)
"""Ends of names, and the units they stand for."""


def spoken(name: str) -> str:
    """``potential energy, eV/atom`` from ``potential_energy_eV_per_atom``."""
    for end, unit in _UNITS:
        if name.endswith(end):
            return f"{name.removesuffix(end).replace('_', ' ')}, {unit}"
    return name.replace("_", " ")


def sentence(fit: Fit) -> str:
    """What a fit says, or why there is none."""
    if fit.arrhenius is not None:
        energy, log = fit.arrhenius.energy, fit.arrhenius.log_prefactor
        line = fit.arrhenius.line
        said = (
            f"Arrhenius law: activation energy {shown(energy.value, energy.error)} eV,"
            f" ln(D₀ / (Å²/ps)) {shown(log.value, log.error)}"
        )
    elif fit.line is not None:
        line = fit.line
        expansion = 1e6 / line.value.value
        constant = shown(line.value.value, line.value.error)
        said = (
            f"Lattice constant {constant} Å at {line.centre:.0f} K, linear expansion"
            f" {shown(expansion * line.slope.value, expansion * line.slope.error)} × 10⁻⁶/K"
            " over the whole range"
        )
    else:
        return f"No fit of {spoken(fit.quantity).partition(',')[0]}: {fit.why_not}."
    return f"{said}; χ² {line.chi_squared:.3g} for {line.degrees_of_freedom} degrees of freedom."
