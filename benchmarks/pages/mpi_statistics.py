"""The section of docs/mpi.md on averages of thermostatted runs by numbers of ranks."""

from itertools import combinations
from math import hypot
from typing import Any

from scipy.stats import chi2

from pages.text import measured, table

TEXT = """## A thermostatted run

Runs of 500 atoms at 600 K with Langevin noise, {strides:,} strides of 60 fs after {skipped},
{seeds} seeds for each column and no seed twice (`python benchmarks/mpi.py statistics`).
*One process* is `longstride run` without LAMMPS, with another generator of noise. Of the {count}
comparisons of two columns the largest deviate is {largest:.1f} standard errors (of so many
independent ones the largest would be above {limit:.1f} once in twenty times): {verdict}. χ² of the
columns about their common means is {chi:.1f} for {degrees} degrees of freedom (p = {p:.2f}).
"""

NAMES = {
    "temperature_K": "temperature, K",
    "temperature_variance_K2": "its variance, K²",
    "square_displacement_from_site_A2": "⟨u²⟩ about the sites, Å²",
    "square_displacement_of_a_stride_A2": "⟨Δr²⟩ of a stride, Å²",
    "velocity_correlation_of_a_stride": "⟨v(t)·v(t + stride)⟩ / ⟨v²⟩",
    "rdf_at_nearest_neighbours": "g(r) at the nearest neighbours",
}


def deviates(means: dict[str, Any]) -> list[float]:
    """Differences of all pairs of columns over their errors, for all quantities."""
    return [
        (means[one][name][0] - means[two][name][0])
        / hypot(means[one][name][1], means[two][name][1])
        for name in NAMES
        for one, two in combinations(means, 2)
    ]


def homogeneity(means: dict[str, Any]) -> tuple[float, int]:
    """χ² of all columns about the weighted mean of each quantity, and its degrees of freedom."""
    total = 0.0
    for name in NAMES:
        pairs = [column[name] for column in means.values()]
        weights = [1.0 / error**2 for _, error in pairs]
        centre = sum(w * value for w, (value, _) in zip(weights, pairs, strict=True)) / sum(weights)
        total += sum(
            w * (value - centre) ** 2 for w, (value, _) in zip(weights, pairs, strict=True)
        )
    return total, len(NAMES) * (len(means) - 1)


def section(piece: dict[str, Any]) -> str:
    """The whole section, of the piece that ``benchmarks/mpi.py statistics`` writes."""
    means = piece["result"]["means"]
    differences = [abs(one) for one in deviates(means)]
    chi, degrees = homogeneity(means)
    # Sidak: P(all of n below z) = 0.95.
    limit = float(chi2.isf(1.0 - 0.95 ** (1.0 / len(differences)), 1)) ** 0.5
    rows = [
        [label, *(measured(*column[name]) for column in means.values())]
        for name, label in NAMES.items()
    ]
    columns = ["one process" if n == "0" else f"{n} rank{'s' if n != '1' else ''}" for n in means]
    text = TEXT.format(
        strides=piece["strides"],
        skipped=piece["skipped"],
        seeds=piece["seeds"],
        count=len(differences),
        largest=max(differences),
        limit=limit,
        verdict="the averages are equal" if max(differences) < limit else "they are **not** equal",
        chi=chi,
        degrees=degrees,
        p=float(chi2.sf(chi, degrees)),
    )
    return text + "\n" + table(["", *columns], rows) + "\n"
