"""docs/beyond.md and its figures, from benchmarks/results/beyond alone."""

import os
from pathlib import Path

from pages import beyond_cases, beyond_energy, beyond_figures, beyond_strides
from pages.beyond_text import HEAD, RUNS, TAIL
from pages.load import Results


def write(results: Path, docs: Path) -> list[Path]:
    """Write the page and its figures; returns the files written."""
    found = Results.read(results)
    drawn = beyond_figures.draw(found, docs / "figures")
    parts = [HEAD, *_links(drawn, "liquid"), *beyond_cases.one_stride(found), RUNS]
    parts += beyond_cases.rollouts(found)
    for section in (
        beyond_cases.liquids,
        beyond_cases.vacancies,
        beyond_cases.surfaces,
        beyond_cases.strains,
        beyond_cases.boundaries,
    ):
        parts += section(found)
    parts += [*beyond_cases.melting(found), *_links(drawn, "melting")]
    parts += [*beyond_strides.sizes(found), *beyond_strides.temperatures(found)]
    parts += [*_links(drawn, "temperature"), *beyond_energy.constant_energy(found), TAIL]
    target = docs / "beyond.md"
    partial = target.with_name(target.name + ".partial")
    partial.write_text("\n".join(parts), encoding="utf-8")
    os.replace(partial, target)
    return [target, *drawn.values()]


def _links(drawn: dict[str, Path], key: str) -> list[str]:
    if key not in drawn:
        return []
    return [f"![{beyond_figures.TITLES[key]}](figures/{drawn[key].name})", ""]
